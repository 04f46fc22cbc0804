"""Recording what is measured at a site, one figure or those of a whole visit. Each is only ever added or withdrawn.

Figures come late, in batches and twice: the newest by event time counts, and the same entry sent again is one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4, uuid5

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from camps.models import Camp, Comparison, Measurement, Standard
from camps.refusals import Refused
from komek.accounts.authority import Action, require, standing_of
from komek.records.actor import Actor, acting

# A clock that runs a little fast does not make a figure one from the future.
CLOCK_SLACK = timedelta(minutes=10)
PLAUSIBLE = Decimal(1_000_000_000)
COUNTED = (Comparison.PEOPLE_PER_UNIT, Comparison.IN_PLACE)


@dataclass(frozen=True)
class Visit:
    """When the figures were so, by whose word, and what to note with each of them."""

    occurred_at: datetime
    source: str = ""
    note: str = ""
    reported_by: str = ""


@transaction.atomic
def measure(
    *,
    by: Actor,
    operation: Any,
    camp: Camp,
    standard: Standard,
    value: Decimal,
    occurred_at: datetime,
    source: str = "",
    note: str = "",
    reported_by: str = "",
    entry_id: UUID | None = None,
) -> Measurement:
    """Add one figure. The same entry, or the same figure of the same moment and source, sent again gives the first back.

    Raises Refused or NotAllowed.
    """
    visit = Visit(occurred_at, source, note, reported_by)
    faults = {
        "value" if name == standard.key else name: text for name, text in faults_of({standard: value}, visit).items()
    }
    if faults:
        raise Refused(faults)
    return _keep(by, operation, camp, [(standard, value, entry_id or uuid4())], visit)[0]


@transaction.atomic
def record_visit(
    *,
    by: Actor,
    operation: Any,
    camp: Camp,
    values: Mapping[Standard, Decimal],
    occurred_at: datetime,
    source: str = "",
    note: str = "",
    reported_by: str = "",
    entry_id: UUID | None = None,
) -> list[Measurement]:
    """Add all figures of one visit, or none of them. Refused names each wrong figure by its standard's key.

    When every part of a whole was counted and the whole was not, the whole is their sum.
    """
    visit = Visit(occurred_at, source, note, reported_by)
    if not values:
        raise Refused({"__all__": gettext_lazy("Write down at least one figure.")})
    faults = faults_of(values, visit)
    if faults:
        raise Refused(faults)
    entry = entry_id or uuid4()
    whole = {**values, **sums_of_parts(values)}
    return _keep(by, operation, camp, [(one, value, uuid5(entry, one.key)) for one, value in whole.items()], visit)


@transaction.atomic
def withdraw_measurement(*, by: Actor, operation: Any, measurement: Measurement, reason: str) -> Measurement:
    """Take a wrong figure out of use; it stays to be seen. The one before counts again. Twice changes nothing."""
    require(standing_of(by.user, operation), Action.CHANGE, measurement)
    kept = Measurement.objects.select_for_update(of=("self",)).get(pk=measurement.pk)
    if kept.is_withdrawn:
        return kept
    if not reason.strip():
        raise Refused({"reason": gettext_lazy("Say why the figure is withdrawn.")})
    with acting(by.because(reason.strip())):
        kept.is_withdrawn = True
        kept.save(update_fields=["is_withdrawn", "updated_at"])
    return kept


def latest_measurements(camps: Iterable[int]) -> dict[int, dict[int, Measurement]]:
    """Camp → standard → its newest figure by event time, of standards in use. One query, one index look-up for each.

    camps: primary keys.
    """
    found: dict[int, dict[int, Measurement]] = {}
    rows = Measurement.objects.raw(
        "SELECT newest.* FROM unnest(%s::bigint[]) AS site(id) CROSS JOIN camps_standard AS standard"
        " CROSS JOIN LATERAL (SELECT * FROM camps_measurement AS one"
        " WHERE one.camp_id = site.id AND one.standard_id = standard.id AND NOT one.is_withdrawn"
        " ORDER BY one.occurred_at DESC, one.id DESC LIMIT 1) AS newest WHERE standard.is_active",
        [list(camps)],
    )
    for row in rows:
        found.setdefault(row.camp_id, {})[row.standard_id] = row
    return found


def faults_of(values: Mapping[Standard, Decimal], visit: Visit) -> dict[str, Any]:
    """Standard's key (or ``occurred_at``) → sentence, for every rule the figures break."""
    faults: dict[str, Any] = {}
    for standard, value in values.items():
        fault = fault_of(standard, value)
        if fault:
            faults[standard.key] = fault
    if visit.occurred_at > timezone.now() + CLOCK_SLACK:
        faults["occurred_at"] = gettext_lazy("This lies in the future. Give the moment when it was measured.")
    for whole, parts in _parts(values).items():
        total = sum(values[part] for part in parts)
        if whole in values and total > values[whole] and whole.key not in faults:
            faults[whole.key] = _("The parts make %(sum)s, more than %(total)s in all. Correct one of them.") % {
                "sum": plain(total),
                "total": plain(values[whole]),
            }
    return faults


def fault_of(standard: Standard, value: Decimal) -> Any:
    """A sentence about a figure that cannot be, or an empty text."""
    if not standard.is_active:
        return gettext_lazy("This is no longer measured. Reload the page.")
    if not value.is_finite() or value < 0:
        return gettext_lazy("A figure cannot be negative. When there is none, write 0.")
    if value > PLAUSIBLE:
        return gettext_lazy("No site has so much. Check the number.")
    if standard.comparison == Comparison.IN_PLACE and value not in (0, 1):
        return gettext_lazy("Write 1 when it is in place and 0 when it is not.")
    if standard.comparison in COUNTED and value != value.to_integral_value():
        return gettext_lazy("This is counted in whole numbers.")
    return ""


def sums_of_parts(values: Mapping[Standard, Decimal]) -> dict[Standard, Decimal]:
    """Wholes that were not counted, but all of whose parts were."""
    return {
        whole: sum((values[part] for part in parts), Decimal(0))
        for whole, parts in _parts(values).items()
        if whole not in values and len(parts) == whole.parts.filter(is_active=True).count()
    }


def plain(value: Decimal) -> str:
    """A figure without trailing zeros."""
    return f"{value.normalize():f}"


def _parts(values: Mapping[Standard, Decimal]) -> dict[Standard, list[Standard]]:
    found: dict[Standard, list[Standard]] = {}
    for standard in values:
        if standard.part_of is not None and standard.part_of.is_active:
            found.setdefault(standard.part_of, []).append(standard)
    return found


def _keep(
    by: Actor, operation: Any, camp: Camp, rows: Sequence[tuple[Standard, Decimal, UUID]], visit: Visit
) -> list[Measurement]:
    """The figures as kept: those that are new are added, those that were sent before are the ones of then."""
    drafts = []
    for standard, value, entry_id in rows:
        draft = Measurement(
            camp=camp, operation=camp.operation, standard=standard, value=value, entry_id=entry_id,
            occurred_at=visit.occurred_at, source=visit.source.strip(), note=visit.note.strip(),
            reported_by=visit.reported_by.strip(),
        )  # fmt: skip
        draft.stamp(by)
        drafts.append(draft)
    require(standing_of(by.user, operation), Action.ADD, drafts[0])
    Camp.objects.select_for_update(of=("self",)).get(pk=camp.pk)  # two visits to one site wait for each other
    earlier = _earlier(camp, drafts)
    fresh = [draft for draft in drafts if draft.standard_id not in earlier]
    if fresh:
        with acting(by):
            Measurement.objects.bulk_create(fresh)
            # A figure is a sign of life: the site's entry counts as confirmed now.
            Camp.objects.filter(pk=camp.pk).update(confirmed_at=timezone.now())
    return [earlier.get(draft.standard_id, draft) for draft in drafts]


def _earlier(camp: Camp, drafts: Sequence[Measurement]) -> dict[int, Measurement]:
    """Standard → the figure that a draft repeats: the same entry, or the same value, minute and source."""
    sent = {row.entry_id: row for row in Measurement.objects.filter(entry_id__in=[draft.entry_id for draft in drafts])}
    minute = drafts[0].occurred_at.replace(second=0, microsecond=0)
    twins = {
        (row.standard_id, row.value): row
        for row in Measurement.objects.filter(
            camp=camp, standard__in=[draft.standard_id for draft in drafts], source=drafts[0].source,
            occurred_at__gte=minute, occurred_at__lt=minute + timedelta(minutes=1), is_withdrawn=False,
        )
    }  # fmt: skip
    found: dict[int, Measurement] = {}
    for draft in drafts:
        row = sent.get(draft.entry_id) or twins.get((draft.standard_id, draft.value))
        if row is None:
            continue
        if row.camp_id != camp.pk or row.standard_id != draft.standard_id:
            raise Refused(
                {
                    "__all__": gettext_lazy(
                        "This entry was used for another figure already. Reload the page and try again."
                    )
                }
            )
        found[draft.standard_id] = row
    return found
