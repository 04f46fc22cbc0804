"""Stock: batches, the ledger's movements and entries, the balances kept from them, and reservations.

The ledger is double entry. A movement has entries; each entry adds a signed quantity of one batch to one account, and for
every batch the entries of a movement add up to zero: what arrives somewhere left somewhere. Movements and entries are
never changed or deleted; a mistake is corrected by a movement that reverses it and names it. Balances follow from the entries of the
account ``stock`` and are kept by the database itself, statement by statement (``KEEP_BALANCES``), so that no door can forget them.
"""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.contrib.gis.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from inventory.models.warehouses import Bin, Warehouse
from komek.records.history import tracked
from komek.records.models import Coded, Provenance
from komek.supplies.models import amount
from orgs.models import Organisation, Site


@tracked()
class Batch(Coded, Provenance):
    """Goods that are alike: one item, one manufacturer's batch, one expiry date, one owner, one gift.

    number: the manufacturer's, as printed. expires_on: the last day of use; ``None`` when it does not expire or is not known (then
    ``expiry_is_unknown``). owner: whose goods they are; donor: who gave them. gift: the donor's own reference, for the report.
    pack: how it is packed. is_blocked: recalled or waiting for a decision; never picked, wherever it lies.
    """

    CODE_LETTER: ClassVar[str] = "B"

    item = models.ForeignKey("supplies.Item", models.PROTECT, related_name="+", verbose_name=_("item"))
    number = models.CharField(_("batch number"), max_length=60, blank=True)
    expires_on = models.DateField(_("expires on"), null=True, blank=True)
    expiry_is_unknown = models.BooleanField(_("expiry not known"), default=False)
    produced_on = models.DateField(_("produced on"), null=True, blank=True)
    pack = models.ForeignKey(
        "supplies.Pack", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("pack")
    )
    owner = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("owner")
    )
    donor = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("donor")
    )
    donor_name = models.CharField(_("donor, when not registered"), max_length=200, blank=True)
    gift = models.CharField(_("donor's reference"), max_length=100, blank=True)
    unit_value = models.DecimalField(_("value of one unit"), max_digits=14, decimal_places=4, null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    is_blocked = models.BooleanField(_("blocked"), default=False)
    block_reason = models.CharField(_("why it is blocked"), max_length=300, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("batch")
        verbose_name_plural = _("batches")
        ordering = ("item", "expires_on", "pk")
        indexes = (
            models.Index(fields=("operation", "item", "expires_on"), name="inventory_batch_item_expiry"),
            models.Index(fields=("item", "number"), name="inventory_batch_number"),
            models.Index(fields=("donor", "gift"), name="inventory_batch_donor"),
        )
        constraints = (
            models.CheckConstraint(
                condition=models.Q(produced_on=None)
                | models.Q(expires_on=None)
                | models.Q(expires_on__gte=models.F("produced_on")),
                name="inventory_batch_expires_after_production",
                violation_error_message=_("The batch cannot expire before it was produced. Check the two dates."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.item} {self.number or self.code}"

    def get_absolute_url(self) -> str:
        return reverse("inventory:batch", args=[self.code])


class Condition(models.TextChoices):
    """The condition of goods on the shelf. Only good ones are picked."""

    GOOD = "good", _("good")
    DAMAGED = "damaged", _("damaged")
    QUARANTINE = "quarantine", _("in quarantine")


class MovementKind(models.TextChoices):
    RECEIPT = "receipt", _("received")
    ISSUE = "issue", _("issued")
    TRANSFER = "transfer", _("moved")
    ADJUSTMENT = "adjustment", _("adjusted")
    LOSS = "loss", _("lost")
    RETURN = "return", _("returned")
    WRITE_OFF = "write_off", _("written off")
    KIT_ASSEMBLED = "kit_made", _("kits put together")
    KIT_BROKEN = "kit_broken", _("kits taken apart")
    DISPATCH = "dispatch", _("dispatched")
    ARRIVAL = "arrival", _("arrived")
    REVERSAL = "reversal", _("reversed")


class LossReason(models.TextChoices):
    THEFT = "theft", _("theft or looting")
    FIRE = "fire", _("fire")
    WATER = "water", _("water")
    PESTS = "pests", _("pests")
    BREAKAGE = "breakage", _("breakage")
    SPOILED = "spoiled", _("spoiled: heat, cold, damp")
    EXPIRED = "expired", _("expired")
    RECALLED = "recalled", _("recalled")
    MISSING = "missing", _("missing, not explained")
    OTHER = "other", _("other")


# Movements and entries are the history; the database lets nobody change or delete them.
APPEND_ONLY = pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)

# Runs once per statement that adds entries. Steps: what is added to a movement must add up to zero for each batch; balances that
# do not exist yet are made; those that change are locked in one order, so that two statements never wait for each other; they change.
KEEP_BALANCES = pgtrigger.Trigger(
    name="keep_balances",
    level=pgtrigger.Statement,
    when=pgtrigger.After,
    operation=pgtrigger.Insert,
    referencing=pgtrigger.Referencing(new="fresh"),
    func="""
        IF EXISTS (SELECT 1 FROM fresh GROUP BY movement_id, batch_id HAVING sum(quantity) <> 0) THEN
            RAISE EXCEPTION 'inventory: the entries of a movement do not add up to zero' USING ERRCODE = 'check_violation';
        END IF;
        INSERT INTO inventory_balance (warehouse_id, bin_id, batch_id, item_id, condition, quantity)
            SELECT DISTINCT warehouse_id, bin_id, batch_id, item_id, condition, 0::numeric
            FROM fresh WHERE account = 'stock' ORDER BY warehouse_id, batch_id, bin_id, condition
            ON CONFLICT (warehouse_id, batch_id, bin_id, condition) DO NOTHING;
        PERFORM 1 FROM inventory_balance b
            WHERE EXISTS (SELECT 1 FROM fresh f WHERE f.account = 'stock' AND f.warehouse_id = b.warehouse_id
                AND f.batch_id = b.batch_id AND f.bin_id IS NOT DISTINCT FROM b.bin_id AND f.condition = b.condition)
            ORDER BY b.id FOR UPDATE;
        UPDATE inventory_balance b SET quantity = b.quantity + d.change
            FROM (SELECT warehouse_id, bin_id, batch_id, condition, sum(quantity) AS change FROM fresh
                WHERE account = 'stock' GROUP BY warehouse_id, bin_id, batch_id, condition) d
            WHERE d.warehouse_id = b.warehouse_id AND d.batch_id = b.batch_id
                AND d.bin_id IS NOT DISTINCT FROM b.bin_id AND d.condition = b.condition AND d.change <> 0;
        RETURN NULL;
    """,
)

# Balances change by the trigger above alone (depth 2). To build them anew, ``inventory.verifying`` ignores this guard.
WRITTEN_BY_LEDGER = pgtrigger.Trigger(
    name="written_by_ledger",
    level=pgtrigger.Row,
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
    condition=pgtrigger.Condition("pg_trigger_depth() < 1"),
    func="""
        RAISE EXCEPTION 'inventory: balances follow from the ledger and are not written by hand';
    """,
)


class Movement(Coded, Provenance):
    """One thing that happened to stock. Immutable.

    occurred_at: when it happened; entered_at: when it was entered. warehouse: whose ledger it is in (the sending one for a dispatch).
    site and recipient: where goods went to or came from, beyond a warehouse. key: the sender's own name for this
    movement; the same key again is the same movement, never a second one. reverses: the movement this one takes back, whole.
    """

    CODE_LETTER: ClassVar[str] = "M"

    kind = models.CharField(_("what happened"), max_length=10, choices=MovementKind.choices)
    warehouse = models.ForeignKey(Warehouse, models.PROTECT, related_name="movements", verbose_name=_("warehouse"))
    consignment = models.ForeignKey(
        "inventory.Consignment", models.PROTECT, null=True, blank=True, related_name="movements",
        verbose_name=_("consignment"),
    )  # fmt: skip
    count = models.ForeignKey(
        "inventory.Count", models.PROTECT, null=True, blank=True, related_name="movements", verbose_name=_("count")
    )
    site = models.ForeignKey(
        Site, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("to or from site")
    )
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("to or from organisation")
    )
    recipient = models.CharField(_("to or from"), max_length=200, blank=True)
    loss_reason = models.CharField(_("reason of the loss"), max_length=10, choices=LossReason.choices, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    document = models.CharField(_("paper document"), max_length=100, blank=True)
    reverses = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="reversed_by", verbose_name=_("takes back")
    )
    key = models.CharField(_("sender's key"), max_length=200, null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("movement")
        verbose_name_plural = _("movements")
        ordering = ("-occurred_at", "-pk")
        indexes = (
            models.Index(fields=("warehouse", "-occurred_at", "-id"), name="inventory_movement_newest"),
            models.Index(fields=("operation", "-occurred_at", "-id"), name="inventory_movement_in_op"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("warehouse", "key"), condition=~models.Q(key=None), name="inventory_movement_key_once"
            ),
            models.CheckConstraint(
                condition=models.Q(kind="reversal", reverses__isnull=False)
                | (~models.Q(kind="reversal") & models.Q(reverses=None)),
                name="inventory_reversal_names_what_it_reverses",
            ),
            models.CheckConstraint(
                condition=~models.Q(kind="loss") | ~models.Q(loss_reason=""), name="inventory_loss_has_a_reason"
            ),
        )
        triggers: ClassVar[list[pgtrigger.Trigger]] = [APPEND_ONLY]

    def __str__(self) -> str:
        return f"{self.code}: {self.get_kind_display()}"

    def get_absolute_url(self) -> str:
        return reverse("inventory:movement", args=[self.code])


class Account(models.TextChoices):
    """Where a quantity is, or where it came from or went to. Only ``stock`` lies on a shelf."""

    STOCK = "stock", _("in stock")
    SUPPLY = "supply", _("from a donor or supplier")
    ISSUED = "issued", _("issued")
    TRANSIT = "transit", _("on the way")
    LOST = "lost", _("lost")
    WRITTEN_OFF = "written_off", _("written off")
    COUNTED = "counted", _("difference found by counting")
    KITS = "kits", _("worked into or out of kits")


class Entry(models.Model):
    """One line of a movement: ``quantity`` of a batch, in the item's base unit, added to an account. Immutable.

    warehouse, bin, condition: for ``stock`` only; a batch without a bin lies somewhere in the warehouse. consignment: for ``transit``.
    occurred_at, operation and item repeat what the movement and the batch say, so that a day's stock is read through one index.
    """

    movement = models.ForeignKey(Movement, models.PROTECT, related_name="entries")
    account = models.CharField(pgettext_lazy("of a ledger", "account"), max_length=12, choices=Account.choices)
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="entries", verbose_name=_("batch"))
    item = models.ForeignKey("supplies.Item", models.PROTECT, related_name="+", verbose_name=_("item"))
    warehouse = models.ForeignKey(Warehouse, models.PROTECT, null=True, related_name="+")
    bin = models.ForeignKey(Bin, models.PROTECT, null=True, related_name="+", verbose_name=_("bin"))
    condition = models.CharField(_("condition"), max_length=10, choices=Condition.choices, default=Condition.GOOD)
    consignment = models.ForeignKey("inventory.Consignment", models.PROTECT, null=True, related_name="+")
    quantity = amount(_("quantity"))
    occurred_at = models.DateTimeField(_("when it happened"))

    class Meta:
        verbose_name = _("entry")
        verbose_name_plural = _("entries")
        ordering = ("pk",)
        indexes = (
            models.Index(
                fields=("warehouse", "occurred_at"), include=("batch", "item", "quantity", "condition", "bin"),
                condition=models.Q(account="stock"), name="inventory_entry_stock_day",
            ),
            models.Index(fields=("batch", "occurred_at"), name="inventory_entry_batch_day"),
            models.Index(fields=("consignment",), condition=~models.Q(consignment=None), name="inventory_entry_transit"),
        )  # fmt: skip
        constraints = (
            models.CheckConstraint(condition=~models.Q(quantity=0), name="inventory_entry_is_something"),
            models.CheckConstraint(
                condition=models.Q(account="stock", warehouse__isnull=False)
                | (~models.Q(account="stock") & models.Q(warehouse=None, bin=None)),
                name="inventory_entry_stock_is_somewhere",
            ),
            models.CheckConstraint(
                condition=~models.Q(account="transit") | models.Q(consignment__isnull=False),
                name="inventory_entry_transit_is_in_a_consignment",
            ),
        )
        triggers: ClassVar[list[pgtrigger.Trigger]] = [APPEND_ONLY, KEEP_BALANCES]

    def __str__(self) -> str:
        return f"{self.batch}: {self.quantity}"


class Balance(models.Model):
    """What lies in a bin now of a batch in a condition, in the item's base unit. Written by the database from the entries alone."""

    warehouse = models.ForeignKey(Warehouse, models.PROTECT, related_name="balances")
    bin = models.ForeignKey(Bin, models.PROTECT, null=True, related_name="balances")
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="balances")
    item = models.ForeignKey("supplies.Item", models.PROTECT, related_name="+")
    condition = models.CharField(_("condition"), max_length=10, choices=Condition.choices)
    quantity = amount(_("quantity"))

    class Meta:
        verbose_name = _("balance")
        verbose_name_plural = _("balances")
        ordering = ("warehouse", "item", "pk")
        indexes = (
            models.Index(fields=("warehouse", "item"), include=("batch", "quantity"), name="inventory_balance_item"),
            models.Index(
                fields=("item", "warehouse"), condition=models.Q(quantity__gt=0), name="inventory_balance_where"
            ),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("warehouse", "batch", "bin", "condition"), nulls_distinct=False, name="inventory_balance_once"
            ),
            models.CheckConstraint(condition=models.Q(quantity__gte=0), name="inventory_balance_never_negative"),
        )
        triggers: ClassVar[list[pgtrigger.Trigger]] = [WRITTEN_BY_LEDGER]

    def __str__(self) -> str:
        return f"{self.batch}: {self.quantity}"


@tracked()
class Reservation(Provenance):
    """A quantity of a batch in a warehouse that is promised until a moment, so that nobody promises it again.

    reference: who it is held for, in the holder's own words (a request's code, a consignment's).
    closed_at: given back, used up, or lapsed.
    """

    warehouse = models.ForeignKey(Warehouse, models.PROTECT, related_name="reservations")
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="reservations")
    item = models.ForeignKey("supplies.Item", models.PROTECT, related_name="+")
    consignment = models.ForeignKey(
        "inventory.Consignment", models.PROTECT, null=True, blank=True, related_name="reservations"
    )
    quantity = amount(_("quantity"))
    until = models.DateTimeField(_("held until"))
    reference = models.CharField(_("held for"), max_length=200, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    outcome = models.CharField(_("what became of it"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("reservation")
        verbose_name_plural = _("reservations")
        ordering = ("until", "pk")
        indexes = (
            models.Index(
                fields=("warehouse", "batch"), condition=models.Q(closed_at=None), name="inventory_reservation_open"
            ),
        )
        constraints = (
            models.CheckConstraint(condition=models.Q(quantity__gt=0), name="inventory_reservation_is_something"),
        )

    def __str__(self) -> str:
        return f"{self.batch}: {self.quantity}"
