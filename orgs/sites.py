"""Registering and changing sites. Browser, API, SMS and imports call these functions."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib.gis.geos import Point
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from komek.accounts.authority import Action, require, standing_of
from komek.places.finding import areas_at
from komek.places.models import Area
from komek.records.actor import Actor, acting
from orgs.models import Damage, Opening, Organisation, Site
from orgs.naming import search_key
from orgs.refusals import Refused

EDITABLE = (
    "organisation", "kind", "name", "names", "location", "area", "landmark", "capacity", "capacity_unit", "opening",
    "opening_hours", "opened_on", "closed_on", "damage", "damage_assessed_at", "about", "external_ids", "reported_by",
    "occurred_at",
)  # fmt: skip


@transaction.atomic
def register_site(*, by: Actor, operation: Any, organisation: Organisation | None, name: str, **fields: Any) -> Site:
    """A new site, confirmed now by whoever enters it. Raises Refused or NotAllowed."""
    site = Site(operation=operation, organisation=organisation, name=name)
    site.stamp(by)
    _assign(site, fields)
    require(standing_of(by.user, operation), Action.ADD, site)
    prepare(site)
    with acting(by):
        site.save()
    return site


@transaction.atomic
def change_site(*, by: Actor, operation: Any, site: Site, **fields: Any) -> Site:
    """Change a site's fields. What is not named stays. Raises Refused or NotAllowed."""
    standing = standing_of(by.user, operation)
    require(standing, Action.CHANGE, site)
    _assign(site, fields)
    require(standing, Action.CHANGE, site)  # nobody hands a site to an organisation they do not manage
    prepare(site)
    with acting(by):
        site.save()
    return site


@transaction.atomic
def confirm_site(*, by: Actor, operation: Any, site: Site) -> Site:
    """Say that the entry is still right."""
    require(standing_of(by.user, operation), Action.CHANGE, site)
    site.confirmed_at = timezone.now()
    with acting(by):
        site.save(update_fields=["confirmed_at", "updated_at"])
    return site


def prepare(site: Site) -> None:
    """Check the rules and fill what is derived: the search key, and the area the location lies in."""
    faults = faults_of(site)
    if faults:
        raise Refused(faults)
    site.search_key = search_key([site.name, *site.names.values(), site.landmark])
    if site.area_id is None and site.location is not None:
        site.area = area_holding(site.location, site.operation)
    if site.damage != Damage.UNKNOWN and site.damage_assessed_at is None:
        site.damage_assessed_at = timezone.now()
    if site.opening == Opening.CLOSED and site.closed_on is None:
        site.closed_on = timezone.localdate()


def faults_of(site: Site) -> dict[str, Any]:
    """Field → sentence, for every rule the site breaks."""
    faults: dict[str, Any] = {}
    if not site.name.strip():
        faults["name"] = _("Give the site a name.")
    if site.location is not None and not (-180 <= site.location.x <= 180 and -90 <= site.location.y <= 90):
        faults["location"] = _(
            "Longitude must be between -180 and 180 and latitude between -90 and 90. Are the two swapped?"
        )
    if site.capacity is not None and site.capacity < 0:
        faults["capacity"] = _("A capacity cannot be negative.")
    if _is_before(site.closed_on, site.opened_on):
        faults["closed_on"] = _("The site cannot close before it opens. Check both dates.")
    if site.damage_assessed_at is not None and site.damage_assessed_at > timezone.now():
        faults["damage_assessed_at"] = _("The damage cannot have been assessed in the future.")
    if (
        site.organisation is not None
        and site.organisation.operation_id is not None
        and site.organisation.operation_id != site.operation_id
    ):
        faults["organisation"] = _("This organisation belongs to another operation; exercise and real never mix.")
    return faults


def area_holding(location: Point, operation: Any) -> Area | None:
    """The deepest area in use that holds the point, or ``None``."""
    found: list[Area] = list(areas_at(location, operation=operation))
    return found[-1] if found else None


def _assign(site: Site, fields: dict[str, Any]) -> None:
    unknown = set(fields) - set(EDITABLE)
    if unknown:
        raise TypeError(f"not fields of a site that people change: {', '.join(sorted(unknown))}")
    for field, value in fields.items():
        setattr(site, field, value)


def _is_before(later: date | None, earlier: date | None) -> bool:
    return later is not None and earlier is not None and later < earlier
