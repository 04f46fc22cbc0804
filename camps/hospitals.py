"""Reporting the state of a hospital: beds, status of services, staff, fuel. Reports are added, never overwritten.

The newest by event time counts. A report that comes late is kept and stands in the history, but what is known since
stays the latest. Browser, API and imports call these functions.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Model, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from camps.models import BedCount, BedKind, Camp, CampType, HospitalReport, ServiceStatus
from camps.refusals import Refused
from komek.accounts.authority import Action, require, standing_of
from komek.records.actor import Actor, acting

STATUSES = ("overall", "emergency", "staffing", "power", "water", "oxygen")
FIGURES = ("patients_waiting", "staff_on_duty", "fuel_hours")
TEXTS = ("source", "note", "reported_by")
EDITABLE = (*STATUSES, "services", *FIGURES, *TEXTS)
# A clock that runs a little fast does not make a report one from the future.
CLOCK_SLACK = timedelta(minutes=10)
PLAUSIBLE_BEDS = 20_000
PLAUSIBLE_FIGURE = 1_000_000
MOST_SERVICES = 60
LONGEST_SERVICE = 80


@dataclass(frozen=True)
class Beds:
    """Beds of one kind: how many there are, and how many of them are free."""

    kind: str
    total: int
    available: int


@transaction.atomic
def report_hospital(
    *,
    by: Actor,
    operation: Any,
    camp: Camp,
    occurred_at: datetime,
    beds: Sequence[dict[str, Any]] = (),
    entry_id: UUID | None = None,
    **fields: Any,
) -> HospitalReport:
    """Add a report. The same entry sent again gives the first one back.

    beds: dicts with kind, total, available; no row means that nothing is known of the kind, not that there are none.
    fields: statuses (``STATUSES``), ``services`` (service → status), figures and texts. Raises Refused or NotAllowed.
    """
    report = _draft(by=by, camp=camp, occurred_at=occurred_at, fields=fields)
    require(standing_of(by.user, operation), Action.ADD, report)
    Camp.objects.select_for_update(of=("self",)).get(pk=camp.pk)  # two reports of one hospital wait for each other
    earlier = _same(camp, entry_id)
    if earlier is not None:
        return earlier
    rows = [Beds(str(row["kind"]), row["total"], row["available"]) for row in beds]
    faults = faults_of(report, rows)
    if faults:
        raise Refused(faults)
    if entry_id is not None:
        report.entry_id = entry_id
    with acting(by):
        report.save()
        BedCount.objects.bulk_create(
            BedCount(report=report, kind=row.kind, total=row.total, available=row.available) for row in rows
        )
        # A report is a sign of life: the site's entry counts as confirmed now.
        Camp.objects.filter(pk=camp.pk).update(confirmed_at=timezone.now())
    return report


def latest_report(camp: Camp) -> HospitalReport | None:
    """What is known of the hospital now: the newest report by event time, its beds fetched."""
    found: HospitalReport | None = (
        camp.hospital_reports.select_related("entered_by")
        .prefetch_related("beds")
        .order_by("-occurred_at", "-pk")
        .first()
    )
    return found


def latest_report_with_beds(camp: Camp) -> HospitalReport | None:
    """The newest report that counted beds. One that only says "the power is out" does not make the beds unknown."""
    found: HospitalReport | None = (
        camp.hospital_reports.filter(beds__isnull=False)
        .prefetch_related("beds")
        .order_by("-occurred_at", "-pk")
        .first()
    )
    return found


def latest_reports(camps: QuerySet[Camp] | Iterable[int]) -> dict[int, HospitalReport]:
    """Hospital → its latest report, for many hospitals in two queries."""
    rows = (
        HospitalReport.objects.filter(camp__in=camps)
        .order_by("camp_id", "-occurred_at", "-pk")
        .distinct("camp_id")
        .prefetch_related("beds")
    )
    return {row.camp_id: row for row in rows}


def faults_of(report: HospitalReport, beds: Sequence[Beds]) -> dict[str, Any]:
    """Field → sentence for every rule the report breaks. A pure function of the report and the clock."""
    faults: dict[str, Any] = {}
    if report.camp.camp_type != CampType.HOSPITAL:
        faults["__all__"] = gettext_lazy("This site is not a hospital. Change its kind first.")
    if report.occurred_at > timezone.now() + CLOCK_SLACK:
        faults["occurred_at"] = gettext_lazy("This lies in the future. Give the moment when it was seen.")
    for name in STATUSES:
        if getattr(report, name) not in ServiceStatus.values:
            faults[name] = gettext_lazy("Choose one of the states shown.")
    for name in FIGURES:
        value = getattr(report, name)
        if value is not None and not 0 <= value <= PLAUSIBLE_FIGURE:
            faults[name] = gettext_lazy("This number cannot be right. Give 0 or more, or leave it empty if not known.")
    for name in TEXTS:
        limit = _longest(HospitalReport, name)
        if len(getattr(report, name)) > limit:
            faults[name] = _("This is too long. At most %(limit)d characters are kept.") % {"limit": limit}
    services = service_fault(report.services)
    if services:
        faults["services"] = services
    counted = bed_faults(beds)
    if counted:
        faults["beds"] = " ".join(counted.values())
    return faults


def bed_faults(beds: Sequence[Beds]) -> dict[str, str]:
    """Kind → sentence for every row of beds that cannot be right. Pure."""
    faults: dict[str, str] = {}
    seen: set[str] = set()
    for row in beds:
        if row.kind not in BedKind.values:
            faults[row.kind] = _("“%(kind)s” is not a kind of bed known here.") % {"kind": row.kind[:40]}
            continue
        words = {"kind": BedKind(row.kind).label, "free": row.available, "total": row.total}
        if row.kind in seen:
            faults[row.kind] = _("%(kind)s: stands in two rows. Add them up in one.") % words
        elif row.total < 0 or row.available < 0:
            faults[row.kind] = _("%(kind)s: a number of beds cannot be negative.") % words
        elif row.total > PLAUSIBLE_BEDS:
            faults[row.kind] = _("%(kind)s: no hospital has so many beds. Check the number.") % words
        elif row.available > row.total:
            faults[row.kind] = _("%(kind)s: %(free)d free of %(total)d beds. Correct one of the two.") % words
        seen.add(row.kind)
    return faults


def service_fault(services: Any) -> str:
    """What is wrong with statuses by service; empty when nothing is. Pure."""
    if not isinstance(services, dict):
        return _("Give services as names with a state each.")
    if len(services) > MOST_SERVICES:
        return _("At most %(limit)d services can be reported at once.") % {"limit": MOST_SERVICES}
    for name, status in services.items():
        if not isinstance(name, str) or not name.strip() or len(name) > LONGEST_SERVICE or not name.isprintable():
            return _("Each service needs a name of at most %(limit)d characters.") % {"limit": LONGEST_SERVICE}
        if status not in ServiceStatus.values:
            return _("%(service)s: choose one of the states shown.") % {"service": name}
    return ""


def _draft(*, by: Actor, camp: Camp, occurred_at: datetime, fields: dict[str, Any]) -> HospitalReport:
    unknown = set(fields) - set(EDITABLE)
    if unknown:
        raise TypeError(f"not fields of a hospital report: {', '.join(sorted(unknown))}")
    report = HospitalReport(camp=camp, operation=camp.operation, occurred_at=occurred_at)
    for name, value in fields.items():
        setattr(report, name, value)
    if isinstance(report.services, dict):
        report.services = {" ".join(str(key).split()): status for key, status in report.services.items()}
    report.stamp(by)
    return report


def _same(camp: Camp, entry_id: UUID | None) -> HospitalReport | None:
    if entry_id is None:
        return None
    found: HospitalReport | None = HospitalReport.objects.filter(entry_id=entry_id).select_related("camp").first()
    if found is not None and found.camp_id != camp.pk:
        raise Refused(
            {"__all__": gettext_lazy("This entry was used for another site already. Reload the page and try again.")}
        )
    return found


def _longest(model: type[Model], name: str) -> int:
    limit: int | None = model._meta.get_field(name).max_length  # type: ignore[union-attr]
    return limit or 0
