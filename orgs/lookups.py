"""Plugs for the ``lookups`` socket: choosing an organisation, a site or a sector by typing."""

from __future__ import annotations

from collections.abc import Sequence

from komek.accounts.authority import Standing, standing_of, visible
from komek.extensions import Viewer
from komek.extensions.lookups import Choice
from orgs.filters import matching_text
from orgs.finding import best_matches
from orgs.models import Organisation, Sector, Site
from orgs.naming import name_key


def _standing(viewer: Viewer) -> Standing:
    return standing_of(viewer.user, viewer.operation)


def _choice(organisation: Organisation) -> Choice:
    detail = f"{organisation.get_kind_display()}, {organisation.code}"
    if organisation.parent_id:
        detail = f"{organisation.parent}, {detail}"
    return Choice(str(organisation.pk), str(organisation), detail)


class OrganisationLookup:
    key = "orgs.organisation"

    def find(self, text: str, viewer: Viewer, limit: int) -> Sequence[Choice]:
        standing = _standing(viewer)
        if text:
            return [_choice(organisation) for organisation in best_matches(text, standing, limit)]
        rows = visible(Organisation.objects.filter(merged_into=None), standing).select_related("parent")
        own = list(rows.filter(pk__in=standing.organisation_ids(write=True)).order_by("name", "pk")[:limit])
        rest = rows.exclude(pk__in=[row.pk for row in own]).order_by("name", "pk")[: limit - len(own)]
        return [_choice(organisation) for organisation in (*own, *rest)]

    def label(self, value: str, viewer: Viewer) -> Choice | None:
        if not value.isdigit():
            return None
        rows = visible(Organisation.objects.select_related("parent"), _standing(viewer))
        organisation = rows.filter(pk=int(value)).first()
        return _choice(organisation) if organisation else None


class SectorLookup:
    """Sectors are few, so they are all read and compared here."""

    key = "orgs.sector"

    def find(self, text: str, viewer: Viewer, limit: int) -> Sequence[Choice]:
        key = name_key(text)
        found = []
        for sector in Sector.objects.filter(is_active=True):
            names = [sector.name, sector.key, *sector.names.values(), *sector.aliases]
            keys = [name_key(name) for name in names]
            if not key or any(key in known for known in keys):
                starts = any(known.startswith(key) for known in keys)
                found.append((not starts, sector.order, str(sector), sector))
        return [Choice(str(s.pk), str(s), s.key) for *_rank, s in sorted(found, key=lambda row: row[:3])[:limit]]

    def label(self, value: str, viewer: Viewer) -> Choice | None:
        sector = Sector.objects.filter(pk=int(value)).first() if value.isdigit() else None
        return Choice(str(sector.pk), str(sector), sector.key) if sector else None


class SiteLookup:
    key = "orgs.site"

    def find(self, text: str, viewer: Viewer, limit: int) -> Sequence[Choice]:
        rows = visible(Site.objects.select_related("organisation"), _standing(viewer))
        rows = matching_text(rows, text) if text else rows
        return [_site_choice(site) for site in rows.order_by("name", "pk")[:limit]]

    def label(self, value: str, viewer: Viewer) -> Choice | None:
        if not value.isdigit():
            return None
        site = visible(Site.objects.select_related("organisation"), _standing(viewer)).filter(pk=int(value)).first()
        return _site_choice(site) if site else None


def _site_choice(site: Site) -> Choice:
    detail = f"{site.get_kind_display()}, {site.code}"
    return Choice(str(site.pk), site.name, f"{detail}, {site.organisation}" if site.organisation else detail)


PLUGS = [OrganisationLookup(), SectorLookup(), SiteLookup()]
