"""API resource of movements: the ledger, and every action on stock as one POST.

``kind`` says which: receipt, issue, return, transfer, loss, write_off, kit_made, kit_broken. What a movement says never changes; a
mistake is taken back by ``reverse``. Two things make a repeated request harmless: the Idempotency-Key of every POST, and ``key``, the
sender's own name for the movement, which stays known for ever.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields as fields_of
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request

from inventory.api_consignments import SiteCodeField
from inventory.filters_api_stock import MovementApiFilter
from inventory.issuing import issue_goods, return_goods
from inventory.kits import assemble_kits, break_kits
from inventory.losses import record_loss, write_off, write_off_expired
from inventory.models import Batch, Bin, Condition, Entry, LossReason, Movement, MovementKind, Warehouse
from inventory.moving import MoveLine, move_goods
from inventory.quantities import read_quantity
from inventory.receipt_pages import bin_named
from inventory.receiving import GoodsLine, receive_goods
from inventory.refusals import Refused
from inventory.reversing import reverse_movement
from komek.accounts.authority import Action
from komek.api.code_fields import CodeField
from komek.api.router import ApiRouter
from komek.api.viewsets import RecordViewSet
from komek.records.actor import Actor
from komek.supplies.models import Item
from orgs.api_activities import PROVENANCE
from orgs.api_organisations import OrganisationCodeField

KINDS = (
    MovementKind.RECEIPT, MovementKind.ISSUE, MovementKind.RETURN, MovementKind.TRANSFER, MovementKind.LOSS,
    MovementKind.WRITE_OFF, MovementKind.KIT_ASSEMBLED, MovementKind.KIT_BROKEN,
)  # fmt: skip


class BatchCodeField(CodeField):
    """A batch by its code."""

    letters = Batch.CODE_LETTER
    missing = gettext_lazy("There is no batch %(code)s here.")

    def rows(self) -> QuerySet[Batch]:
        return Batch.objects.select_related("item__unit", "pack")


class EntrySerializer(serializers.ModelSerializer[Entry]):
    item = serializers.CharField(source="batch.item.code")
    batch = serializers.CharField(source="batch.code")
    bin = serializers.CharField(source="bin.label", default=None)
    consignment = serializers.CharField(source="consignment.code", default=None)
    unit = serializers.CharField(source="batch.item.unit.symbol")

    class Meta:
        model = Entry
        fields = ("account", "item", "batch", "bin", "condition", "consignment", "quantity", "unit")


class StockLineSerializer(serializers.Serializer[Any]):
    """A quantity of a batch, or of an item: then its batch is described (receipt) or picked, first expired first (issue)."""

    batch = BatchCodeField(required=False)
    item = serializers.SlugRelatedField[Item](
        slug_field="code", queryset=Item.objects.select_related("unit"), required=False
    )
    quantity = serializers.CharField(max_length=40)
    unit = serializers.CharField(
        max_length=60,
        required=False,
        default="",
        help_text="A unit, or a pack of the item; empty: the item's own unit.",
    )
    bin = serializers.CharField(max_length=60, required=False, default="")
    condition = serializers.ChoiceField(choices=Condition.choices, default=Condition.GOOD)
    to_bin = serializers.CharField(max_length=60, required=False, default="", help_text="transfer: where to")
    to_condition = serializers.ChoiceField(choices=Condition.choices, default=Condition.GOOD, help_text="transfer")
    number = serializers.CharField(max_length=60, required=False, help_text="receipt: the manufacturer's batch number")
    expires_on = serializers.DateField(required=False, allow_null=True)
    expiry_is_unknown = serializers.BooleanField(required=False)
    produced_on = serializers.DateField(required=False, allow_null=True)
    owner = OrganisationCodeField(required=False, allow_null=True)
    donor = OrganisationCodeField(required=False, allow_null=True)
    donor_name = serializers.CharField(max_length=200, required=False)
    gift = serializers.CharField(max_length=100, required=False, help_text="The donor's own reference.")
    note = serializers.CharField(max_length=300, required=False)


class StockMovementSerializer(serializers.ModelSerializer[Movement]):
    kind = serializers.ChoiceField(choices=MovementKind.choices)
    warehouse = SiteCodeField(Warehouse)
    site = SiteCodeField(required=False, allow_null=True)
    organisation = OrganisationCodeField(required=False, allow_null=True)
    consignment = serializers.CharField(source="consignment.code", default=None, read_only=True)
    reverses = serializers.CharField(source="reverses.code", default=None, read_only=True)
    reversed_by = serializers.CharField(source="reversed_by.code", default=None, read_only=True)
    entries = EntrySerializer(many=True, read_only=True)
    lines = StockLineSerializer(many=True, write_only=True, required=False)
    key = serializers.CharField(
        max_length=200, required=False, help_text="Yours: the same movement sent again gives the first one back."
    )
    expired = serializers.BooleanField(
        write_only=True, required=False, help_text="write_off: everything that has expired; then there are no lines."
    )
    kit = serializers.SlugRelatedField[Item](
        slug_field="code", queryset=Item.objects.all(), write_only=True, required=False, help_text="kit_made"
    )
    count = serializers.IntegerField(write_only=True, required=False, help_text="kit_made, kit_broken: how many kits")
    usable_for_days = serializers.IntegerField(
        write_only=True, required=False, min_value=0, max_value=36500, help_text="issue: pick what is usable that long"
    )
    url = serializers.CharField(source="get_absolute_url", read_only=True)

    class Meta:
        model = Movement
        fields = (
            "code", "kind", "warehouse", "occurred_at", "site", "organisation", "recipient", "loss_reason", "reason", "document",
            "consignment", "reverses", "reversed_by", "entries", "lines", "key", "expired", "kit", "count", "usable_for_days",
            *PROVENANCE[1:], "url",
        )  # fmt: skip
        read_only_fields = ("code", "reported_by", "channel", "entered_at", "updated_at")
        validators: list[Any] = []  # noqa: RUF012 - the ledger knows what a repeated key means


class ReversalSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=300)
    key = serializers.CharField(max_length=200, required=False, allow_null=True, default=None)


class MovementViewSet(RecordViewSet):
    """The ledger: what happened to stock. Movements are added and taken back, never changed."""

    queryset = Movement.objects.select_related(
        "warehouse", "site", "organisation", "consignment", "reverses", "reversed_by"
    ).prefetch_related("entries__batch__item__unit", "entries__bin", "entries__consignment")
    serializer_class = StockMovementSerializer
    scope = "stock"
    filterset_class = MovementApiFilter
    sort_fields = ("occurred_at", "entered_at", "updated_at")
    default_sort = ("-occurred_at",)
    code_kinds = "M"
    requires_if_match: ClassVar[bool] = False

    def perform_create_with(self, actor: Actor, validated: dict[str, Any]) -> Movement:
        kind = validated.pop("kind")
        act = ACTIONS.get(kind)
        if act is None:
            raise Refused({"kind": _("Give one of: %(kinds)s.") % {"kinds": ", ".join(KINDS)}})
        return act({"by": actor, "operation": self.operation}, validated)

    @extend_schema(request=ReversalSerializer, responses={201: StockMovementSerializer})
    @action(detail=True, methods=["post"])
    def reverse(self, request: Request, **kwargs: Any) -> Any:
        """Take the movement back, whole, by another one that names it."""
        given = ReversalSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        with self.changing(Action.ADD) as (actor, record):
            made = reverse_movement(by=actor, operation=self.operation, movement=record, **given.validated_data)
            return self._written(made, status=201)


# -- each kind of movement as a function of what was sent

Given = dict[str, Any]
COMMON = ("occurred_at", "reason", "key")
ENDS = ("site", "organisation", "recipient", "document")


def _take(given: Given, *names: str) -> Given:
    """The named values; anything else that was sent does not belong to this kind. Raises Refused."""
    taken = {name: given.pop(name) for name in (*names, *COMMON) if name in given}
    given.pop("lines", None)
    if given:
        name = sorted(given)[0]
        raise Refused({name: _("This kind of movement does not have this. Leave it out.")})
    return taken


def _goods(house: Warehouse, lines: list[Given], *, described: bool = False) -> list[GoodsLine]:
    known = {field.name for field in fields_of(GoodsLine)}
    found = []
    for line in lines:
        values = {name: value for name, value in line.items() if name in known and name not in ("quantity", "bin")}
        if not described:
            values = {name: value for name, value in values.items() if name in ("batch", "item", "condition")}
        found.append(GoodsLine(quantity=_quantity(line), bin=bin_named(line["bin"], house), **values))
    return found


def _quantity(line: Given) -> Any:
    """In the item's base unit. Raises Refused."""
    item = line["batch"].item if "batch" in line else line.get("item")
    if item is None:
        raise Refused({"lines": _("Say what it is: a batch or an item.")})
    return read_quantity(item, line["quantity"], line["unit"])


def _receipt(who: Given, given: Given) -> Movement:
    house, lines = given.pop("warehouse"), given.pop("lines", [])
    return receive_goods(**who, warehouse=house, lines=_goods(house, lines, described=True), **_take(given, *ENDS))


def _issue(who: Given, given: Given) -> Movement:
    house, lines = given.pop("warehouse"), given.pop("lines", [])
    return issue_goods(**who, warehouse=house, lines=_goods(house, lines), **_take(given, *ENDS, "usable_for_days"))


def _return(who: Given, given: Given) -> Movement:
    house, lines = given.pop("warehouse"), given.pop("lines", [])
    return return_goods(**who, warehouse=house, lines=_goods(house, lines), **_take(given, *ENDS))


def _transfer(who: Given, given: Given) -> Movement:
    house = given.pop("warehouse")
    moves = []
    for line in given.pop("lines", []):
        if "batch" not in line:
            raise Refused({"lines": _("Say which batch moves; its number is on the package.")})
        places: dict[str, Bin | None] = {name: bin_named(line[name], house) for name in ("bin", "to_bin")}
        moves.append(
            MoveLine(
                line["batch"], _quantity(line), condition=line["condition"], to_condition=line["to_condition"], **places
            )
        )
    return move_goods(**who, warehouse=house, lines=moves, **_take(given))


def _loss(who: Given, given: Given) -> Movement:
    house, lines = given.pop("warehouse"), given.pop("lines", [])
    why = given.pop("loss_reason", "")
    return record_loss(**who, warehouse=house, lines=_goods(house, lines), loss_reason=why, **_take(given))


def _write_off(who: Given, given: Given) -> Movement:
    house, lines = given.pop("warehouse"), given.pop("lines", [])
    if given.pop("expired", False):
        if lines or given.get("loss_reason", LossReason.EXPIRED) != LossReason.EXPIRED:
            raise Refused({"expired": _("Everything expired is written off: leave lines and reason of the loss out.")})
        given.pop("loss_reason", None)
        taken = _take(given, "document")
        if "occurred_at" in taken:
            raise Refused({"occurred_at": _("What has expired by now is written off now. Leave the moment out.")})
        return write_off_expired(**who, warehouse=house, **taken)
    why = given.pop("loss_reason", "")
    return write_off(**who, warehouse=house, lines=_goods(house, lines), loss_reason=why, **_take(given, "document"))


def _kit_made(who: Given, given: Given) -> Movement:
    house, lines = given.pop("warehouse"), given.pop("lines", [])
    kit = given.pop("kit", None)
    if kit is None:
        raise Refused({"kit": _("Say which kit.")})
    chosen = _goods(house, lines) or None
    return assemble_kits(**who, warehouse=house, kit=kit, count=given.pop("count", 0), lines=chosen, **_take(given))


def _kit_broken(who: Given, given: Given) -> Movement:
    house, lines = given.pop("warehouse"), given.pop("lines", [])
    if len(lines) != 1 or "batch" not in lines[0]:
        raise Refused({"lines": _("Give one line: the batch of kits that is taken apart.")})
    line, count = lines[0], _quantity(lines[0])
    given.pop("count", None)
    return break_kits(
        **who, warehouse=house, batch=line["batch"], count=int(count), bin=bin_named(line["bin"], house),
        condition=line["condition"], to_bin=bin_named(line["to_bin"], house), **_take(given),
    )  # fmt: skip


ACTIONS: dict[str, Callable[[Given, Given], Movement]] = {
    MovementKind.RECEIPT: _receipt, MovementKind.ISSUE: _issue, MovementKind.RETURN: _return,
    MovementKind.TRANSFER: _transfer, MovementKind.LOSS: _loss, MovementKind.WRITE_OFF: _write_off,
    MovementKind.KIT_ASSEMBLED: _kit_made, MovementKind.KIT_BROKEN: _kit_broken,
}  # fmt: skip


def register(router: ApiRouter) -> None:
    router.register("stock-movements", MovementViewSet)
