"""Registering and changing sites where people are. Browser, API, SMS and imports call these functions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.contrib.gis.geos import MultiPolygon, Polygon
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from camps.models import Camp, CampState, CampType, ShelterCapacity
from camps.refusals import Refused
from komek.accounts.authority import Action, require, standing_of
from komek.records.actor import Actor, acting
from orgs import sites
from orgs.models import Opening, Organisation, Site
from orgs.taking_over import taken_over

OWN = (
    "camp_type", "perimeter", "site_area_m2", "access", "access_note", "hazards_note", "registration", "is_cold",
    "silent_after_days",
)  # fmt: skip
OF_SITE = tuple(name for name in sites.EDITABLE if name != "kind")
MANY = ("supporting", "hazards")
# How far the point may lie outside the perimeter before it is taken for a mistake.
FAR_FROM_PERIMETER_M = 2_000


@transaction.atomic
def register_camp(*, by: Actor, operation: Any, organisation: Organisation | None, name: str, **fields: Any) -> Camp:
    """A new site with people in it, its state written down. Raises Refused or NotAllowed."""
    camp = Camp(operation=operation, organisation=organisation, name=name)
    camp.stamp(by)
    many = _assign(camp, fields)
    require(standing_of(by.user, operation), Action.ADD, camp)
    prepare(camp)
    with acting(by):
        camp.save()
        _set_many(camp, many)
        _note_state(camp, by, reason="", at=camp.occurred_at)
    return camp


@transaction.atomic
def adopt_site(*, by: Actor, operation: Any, site: Site, **fields: Any) -> Camp:
    """Make a site that is registered already one where people are: a hospital, a school that took people in. Its code stays.

    Raises Refused when it is one already.
    """
    if Camp.objects.filter(pk=site.pk).exists():
        raise Refused({"__all__": _("%(site)s is in this list already.") % {"site": site}})
    camp = taken_over(site, Camp)
    many = _assign(camp, fields)
    require(standing_of(by.user, operation), Action.CHANGE, camp)
    prepare(camp)
    with acting(by):
        camp.save()
        _set_many(camp, many)
        _note_state(camp, by, reason="", at=timezone.now())
    return camp


@transaction.atomic
def change_camp(*, by: Actor, operation: Any, camp: Camp, reason: str = "", **fields: Any) -> Camp:
    """Change a camp. What is not named stays; a change of state is written down with its reason."""
    standing = standing_of(by.user, operation)
    require(standing, Action.CHANGE, camp)
    before = camp.opening
    many = _assign(camp, fields)
    require(standing, Action.CHANGE, camp)  # nobody hands a site to an organisation they do not work for
    prepare(camp)
    with acting(by):
        camp.save()
        _set_many(camp, many)
        if camp.opening != before:
            _note_state(camp, by, reason=reason, at=timezone.now())
    return camp


@transaction.atomic
def change_state(*, by: Actor, operation: Any, camp: Camp, state: str, reason: str, occurred_at: datetime) -> Camp:
    """Open, close or plan a site as of ``occurred_at``, with the reason. Closing needs one. Its past stays."""
    require(standing_of(by.user, operation), Action.CHANGE, camp)
    locked = Camp.objects.select_for_update(of=("self",)).get(pk=camp.pk)
    faults: dict[str, Any] = {}
    if state not in Opening.values:
        faults["state"] = _("Choose planned, open or closed.")
    if state == Opening.CLOSED and not reason.strip():
        faults["reason"] = _("Say why the site closes: people will ask where everybody went.")
    if occurred_at > timezone.now():
        faults["occurred_at"] = _("This lies in the future. Give the moment when it happened.")
    if state == locked.opening and not faults:
        faults["state"] = _("The site is in this state already.")
    if faults:
        raise Refused(faults)
    day = timezone.localdate(occurred_at)
    # Only the newest change by event time says what the site is now; an older one is history that came late.
    # Forms give the minute only, so that two changes within one minute count in the order they are entered.
    next_minute = occurred_at.replace(second=0, microsecond=0) + timedelta(minutes=1)
    is_newest = not locked.states.filter(occurred_at__gte=next_minute).exists()
    with acting(by.because(reason) if reason else by):
        if is_newest:
            locked.opening = state
            if state == Opening.CLOSED:
                locked.closed_on = day
            elif state == Opening.OPEN:
                locked.closed_on = None
                locked.opened_on = locked.opened_on or day
            prepare(locked)
            locked.save()
        note = CampState(
            camp=locked, operation=locked.operation, state=state, reason=reason.strip(), occurred_at=occurred_at
        )
        note.stamp(by)
        note.save()
    return locked


@transaction.atomic
def set_shelters(*, by: Actor, operation: Any, camp: Camp, shelters: Sequence[dict[str, Any]]) -> Camp:
    """Replace the capacity by kind of shelter; the site's capacity becomes what the usable shelters take.

    shelters: dicts with kind, units, usable_units, people_per_unit.
    """
    require(standing_of(by.user, operation), Action.CHANGE, camp)
    kinds = [row["kind"] for row in shelters]
    if len(set(kinds)) < len(kinds):
        raise Refused({"shelters": _("One kind of shelter stands in two rows. Add them up in one.")})
    for row in shelters:
        if row["usable_units"] > row["units"]:
            raise Refused({"shelters": _("More shelters are usable than there are. Check the two numbers.")})
    with acting(by):
        camp.shelters.exclude(kind__in=kinds).delete()
        for row in shelters:
            values = {name: row[name] for name in ("units", "usable_units", "people_per_unit")}
            ShelterCapacity.objects.update_or_create(camp=camp, kind=row["kind"], defaults=values)
        if shelters:
            camp.capacity = sum(row["usable_units"] * row["people_per_unit"] for row in shelters)
            camp.capacity_unit = "people"
            camp.save(update_fields=["capacity", "capacity_unit", "updated_at"])
    return camp


def prepare(camp: Camp) -> None:
    """Check the rules and fill what is derived. Raises Refused with a sentence per field."""
    camp.kind = CampType(camp.camp_type).site_kind
    camp.capacity_unit = camp.capacity_unit or "people"
    if isinstance(camp.perimeter, Polygon):
        camp.perimeter = MultiPolygon(camp.perimeter, srid=4326)
    faults = perimeter_faults(camp)
    if faults:
        raise Refused(faults)
    if camp.location is None and camp.perimeter is not None:
        camp.location = camp.perimeter.point_on_surface
    sites.prepare(camp)


def perimeter_faults(camp: Camp) -> dict[str, Any]:
    """Sentences about the perimeter: crossing itself, off the globe, or far from the site's point."""
    if camp.perimeter is None:
        return {}
    west, south, east, north = camp.perimeter.extent
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        return {
            "perimeter": _(
                "The perimeter lies off the globe. Its coordinates must be longitude and latitude in degrees."
            )
        }
    if not camp.perimeter.valid:
        return {"perimeter": _("The perimeter crosses itself. Draw it again, point by point around the site.")}
    if camp.location is not None:
        metres = metres_between(camp.perimeter, camp.location)
        if metres > FAR_FROM_PERIMETER_M:
            return {
                "perimeter": _("The perimeter is %(km)s km away from the site's point. One of the two is wrong.")
                % {"km": round(metres / 1000, 1)}
            }
    return {}


def metres_between(shape: Any, point: Any) -> float:
    """Distance on the spheroid in metres; 0 when the point lies in the shape."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ST_Distance(ST_GeomFromEWKB(%s)::geography, ST_GeomFromEWKB(%s)::geography)",
            [bytes(shape.ewkb), bytes(point.ewkb)],
        )
        row = cursor.fetchone()
    return float(row[0])


def area_m2_of(camp: Camp) -> int | None:
    """The site's area in m²: as measured, else the perimeter's on the spheroid, else not known."""
    if camp.site_area_m2 is not None:
        return int(camp.site_area_m2)
    if camp.perimeter is None:
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT ST_Area(ST_GeomFromEWKB(%s)::geography)", [bytes(camp.perimeter.ewkb)])
        row = cursor.fetchone()
    return int(row[0])


def _assign(camp: Camp, fields: dict[str, Any]) -> dict[str, Any]:
    """Set plain fields; return those that name many records."""
    unknown = set(fields) - {*OWN, *OF_SITE, *MANY}
    if unknown:
        raise TypeError(f"not fields of a camp that people change: {', '.join(sorted(unknown))}")
    for name, value in fields.items():
        if name not in MANY:
            setattr(camp, name, value)
    return {name: fields[name] for name in MANY if name in fields}


def _set_many(camp: Camp, many: dict[str, Any]) -> None:
    for name, records in many.items():
        getattr(camp, name).set(records)
        camp.__dict__.pop("_supporting_ids", None)


def _note_state(camp: Camp, by: Actor, *, reason: str, at: datetime) -> None:
    note = CampState(camp=camp, operation=camp.operation, state=camp.opening, reason=reason, occurred_at=at)
    note.stamp(by)
    note.save()
