"""The exercise's stories in stock: kits, a mistake taken back, a recall, counts in each state, heaps nobody asked for, a quarantine.

All of them go through the actions that people use, by the keepers of the stores.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from random import Random

from django.utils import timezone

from inventory.counting import Decision, end_counting, expected_now, open_count, post_count, review_lines, write_counts
from inventory.exercise_consignments import send_consignments
from inventory.exercise_names import KIT, UNSOLICITED
from inventory.exercise_stock import Store
from inventory.issuing import issue_goods, return_goods
from inventory.kits import assemble_kits
from inventory.models import Balance, Batch, Condition, Count, Movement, MovementKind
from inventory.moving import MoveLine, block_batch, move_goods
from inventory.receiving import GoodsLine, receive_goods
from inventory.reservations import reserve_stock
from inventory.reversing import reverse_movement
from inventory.unsolicited import register_unsolicited, settle_unsolicited
from komek.extensions.exercise import ExerciseContext
from komek.supplies.models import Item
from orgs.models import Opening, Site, SiteKind

KITS = 60
WITH_KEEPERS = 8  # of every twelve stores


def tell_stories(context: ExerciseContext, stores: list[Store]) -> None:
    """One set of stories for each dozen of stores."""
    for first in range(0, len(stores), 12):
        dozen = [store for store in stores[first : first + 12] if store.number < WITH_KEEPERS]
        if len(dozen) < WITH_KEEPERS:
            break
        camps = _camps_of(context, dozen[0])
        steps = (_kits, _mistake, _recall, _quarantine, _promises)
        for done, step in enumerate(steps, start=1):
            step(context, dozen, camps)
            context.progress("stories of stock", done, len(steps))
        send_consignments(context, dozen, camps)
        _counts(context, dozen)
        _unsolicited(context, dozen)


def _camps_of(context: ExerciseContext, store: Store) -> list[Site]:
    """Open camps of the organisation that runs the store, so that its people can receive there too."""
    rows = Site.objects.filter(
        operation=context.operation, organisation=store.house.organisation, kind=SiteKind.CAMP, opening=Opening.OPEN
    )
    return list(rows.select_related("organisation").order_by("pk"))


def usable(store: Store, *, least: int = 1) -> list[Balance]:
    """What lies in good order in the store and lasts for ten days more, the most of it first."""
    today = timezone.localdate()
    rows = Balance.objects.filter(
        warehouse=store.house, quantity__gte=least, condition=Condition.GOOD, batch__is_blocked=False
    ).select_related("batch__item__unit", "batch__pack", "bin", "item__unit")
    good = [row for row in rows if row.batch.expires_on is None or (row.batch.expires_on - today).days > 10]
    return sorted(good, key=lambda row: (-row.quantity, row.pk))


def _kits(context: ExerciseContext, stores: list[Store], camps: list[Site]) -> None:
    """Hygiene kits are put together, and half of them are given out to a camp: a gift is followed through a kit."""
    store, kit = stores[0], Item.objects.get(code=KIT)
    made = assemble_kits(
        by=store.by, operation=context.operation, warehouse=store.house, kit=kit, count=KITS, bin=store.hall[-1],
        occurred_at=timezone.now() - timedelta(days=2), reason="For the camps",
    )  # fmt: skip
    batch = made.entries.get(batch__item=kit, quantity__gt=0, account="stock").batch
    issue_goods(
        by=store.by, operation=context.operation, warehouse=store.house, site=camps[0],
        lines=[GoodsLine(quantity=Decimal(KITS // 2), batch=batch, bin=store.hall[-1])],
        occurred_at=timezone.now() - timedelta(days=1), document="GI-KITS",
    )  # fmt: skip


def _mistake(context: ExerciseContext, stores: list[Store], camps: list[Site]) -> None:
    """A receipt with a nought too many, taken back and entered anew; and goods that come back from a site."""
    store = stores[1]
    item = Item.objects.get(code="HOU-BLK")
    for quantity, is_wrong in ((4000, True), (400, False)):
        receipt = receive_goods(
            by=store.by, operation=context.operation, warehouse=store.house, document="GRN-77", recipient="Oasis Traders",
            lines=[GoodsLine(quantity=Decimal(quantity), item=item, bin=store.hall[0], donor_name="Oasis Traders", gift="GIFT-77")],
            occurred_at=timezone.now() - timedelta(days=4),
        )  # fmt: skip
        if is_wrong:
            reverse_movement(
                by=store.by, operation=context.operation, movement=receipt, reason="400 blankets came, not 4,000",
                occurred_at=timezone.now() - timedelta(days=3),
            )  # fmt: skip
    issued = Movement.objects.filter(warehouse=store.house, kind=MovementKind.ISSUE, site__isnull=False).order_by(
        "-pk"
    )[0]
    entry = issued.entries.select_related("batch__item__unit", "bin").get(
        pk=min(issued.entries.values_list("pk", flat=True))
    )
    back = max(-entry.quantity // 10, Decimal(1))
    return_goods(
        by=store.by, operation=context.operation, warehouse=store.house, site=issued.site, reason="More than was needed",
        lines=[GoodsLine(quantity=back, batch=entry.batch, bin=entry.bin)],
    )  # fmt: skip


def _recall(context: ExerciseContext, stores: list[Store], camps: list[Site]) -> None:
    """A maker recalls a batch of medicine."""
    for store in stores:
        batch = (
            Batch.objects.filter(balances__warehouse=store.house, item__code__startswith="MED").order_by("pk").first()
        )
        if batch is not None:
            block_batch(
                by=store.by, operation=context.operation, batch=batch, reason="Recalled by the maker, notice 12"
            )
            return


def _quarantine(context: ExerciseContext, stores: list[Store], camps: list[Site]) -> None:
    """A damaged pallet is put apart."""
    for store in (stores[0], stores[4]):
        row = usable(store, least=100)[0]
        move_goods(
            by=store.by, operation=context.operation, warehouse=store.house, reason="Torn packages",
            lines=[MoveLine(row.batch, row.quantity // 50, row.bin, row.condition, store.quarantine, Condition.DAMAGED)],
        )  # fmt: skip


def _promises(context: ExerciseContext, stores: list[Store], camps: list[Site]) -> None:
    for store in (stores[0], stores[2]):
        row = usable(store, least=50)[1]
        reserve_stock(
            by=store.by, operation=context.operation, warehouse=store.house, batch=row.batch, quantity=row.quantity // 10,
            until=timezone.now() + timedelta(days=3), reference="Winter distribution",
        )  # fmt: skip


def _counts(context: ExerciseContext, stores: list[Store]) -> None:
    """A count that goes on, one that waits for its review, and one that is posted."""
    for store, state in zip(stores[1:4], ("open", "review", "posted"), strict=True):
        by = {"by": store.by, "operation": context.operation}
        count = open_count(**by, warehouse=store.house, zones=[store.zone], note="Weekly count")
        lines = list(count.lines.order_by("pk"))
        seen = lines[: len(lines) // 2] if state == "open" else lines
        write_counts(**by, count=count, found=_found(count, [line.pk for line in seen], context.random))
        if state == "open":
            continue
        end_counting(**by, count=count)
        if state == "posted":
            decisions = {line.pk: Decision(True, "Counted twice; torn packages thrown away") for line in lines}
            review_lines(**by, count=count, decisions=decisions)
            post_count(**by, count=count)


def _found(count: Count, keys: Iterable[int], random: Random) -> dict[int, Decimal]:
    """Mostly what the ledger says; of every sixth line a little less."""
    expected = expected_now(count)
    return {
        key: expected[key] - (1 if place % 6 == 2 and expected[key] > 5 else 0) * random.randint(1, 4)
        for place, key in enumerate(keys)
    }


def _unsolicited(context: ExerciseContext, stores: list[Store]) -> None:
    random = context.random
    for place, (what, packages, priority, where) in enumerate(UNSOLICITED):
        store = stores[place % 4]
        goods = register_unsolicited(
            by=store.by, operation=context.operation, warehouse=store.house, description=what, packages=packages,
            priority=priority, place=where, weight_kg=Decimal(packages * random.randint(4, 15)),
            donor_name=random.choice(("People of the region", "", "A school in the next district")),
            occurred_at=timezone.now() - timedelta(days=random.randint(1, 15)),
        )  # fmt: skip
        if what.startswith("Frozen"):
            settle_unsolicited(
                by=store.by, operation=context.operation, goods=goods, outcome="discarded", note="Buried, protocol 3"
            )
