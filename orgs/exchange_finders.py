"""Finding the records that rows of a table name: organisations, sectors, areas. A query or two for a whole chunk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Q, QuerySet

from komek.accounts.authority import in_operation, visible
from komek.exchange.planning import Context
from komek.places.finding import areas_in_use
from komek.places.keys import search_key as place_key
from komek.places.models import Area, PlaceName
from komek.places.successors import old_areas_called, successors_of
from komek.records.codes import MistypedCode, parse_code
from orgs.models import Organisation, OrganisationName, Sector, Site
from orgs.naming import name_key


def codes_in(texts: Sequence[str], letters: str) -> dict[str, str]:
    """Text → canonical code, for the texts that are codes."""
    found = {}
    for text in texts:
        try:
            found[text] = parse_code(text, letters)
        except MistypedCode:
            continue
    return found


def organisations_called(texts: Sequence[str], context: Context) -> dict[str, list[Organisation]]:
    """Organisations by code, else by a name or an acronym in any script. Merged ones lead to the one kept."""
    seen = visible(Organisation.objects.select_related("merged_into"), context.standing)
    by_code = codes_in(texts, "O")
    coded = {row.code: row for row in seen.filter(code__in=by_code.values())}
    keys = {text: name_key(text) for text in texts if text not in by_code}
    wanted = set(keys.values())
    exact = {text.casefold() for text in keys}
    by_key: dict[str, dict[int, Organisation]] = {}
    others = OrganisationName.objects.filter(key__in=wanted, organisation__in=seen).select_related(
        "organisation__merged_into"
    )
    for other in others:
        by_key.setdefault(other.key, {})[other.organisation_id] = other.organisation
    acronyms = Q()
    for text in keys:
        acronyms |= Q(acronym__iexact=text) | Q(name__iexact=text)
    for row in seen.filter(acronyms) if keys else ():
        by_key.setdefault(name_key(row.name), {})[row.pk] = row
        if row.acronym.casefold() in exact:
            by_key.setdefault(name_key(row.acronym), {})[row.pk] = row
    result: dict[str, list[Organisation]] = {}
    for text in texts:
        if text in by_code:
            rows = [coded[by_code[text]]] if by_code[text] in coded else []
        else:
            rows = list(by_key.get(keys[text], {}).values())
        kept = {row.merged_into_id or row.pk: row.merged_into or row for row in rows}
        result[text] = list(kept.values())
    return result


def organisations_called_or_made(texts: Sequence[str], context: Context) -> Mapping[str, list[Organisation]]:
    """The same; unknown ones are prepared (not saved) when the importer asked for it. See ``save_made``."""
    from orgs.exchange_making import prepared_organisation

    found = organisations_called(texts, context)
    if context.create_missing:
        for text, rows in found.items():
            if not rows and text not in codes_in([text], "O"):
                found[text] = [prepared_organisation(text, context)]
    return found


def sectors_called(texts: Sequence[str], context: Context) -> dict[str, list[Sector]]:
    """Sectors by key, name in any language, or alias."""
    words: dict[str, Sector] = {}
    for sector in Sector.objects.all():
        for word in (sector.key, sector.name, *sector.names.values(), *sector.aliases):
            words.setdefault(str(word).casefold(), sector)
    return {text: [words[text.casefold()]] if text.casefold() in words else [] for text in texts}


def areas_called(texts: Sequence[str], context: Context) -> dict[str, list[Area]]:
    """Areas in use by P-code, by a code in another system, else by name in any script, else by a P-code of an older edition."""
    used = areas_in_use(context.operation)
    upper = {text.upper() for text in texts}
    by_code: dict[str, dict[int, Area]] = {}
    matching = used.filter(Q(pcode__in=upper | set(texts)) | Q(codes__code__in=upper | set(texts)))
    for area in matching.defer("geometry").prefetch_related("codes").distinct():
        for code in (area.pcode, *(other.code for other in area.codes.all())):
            by_code.setdefault(code.upper(), {})[area.pk] = area
    keys = {text: place_key(text) for text in texts if text.upper() not in by_code}
    by_name: dict[str, dict[int, Area]] = {}
    names = PlaceName.objects.filter(key__in=[key for key in keys.values() if key], area__in=used)
    for name in names.select_related("area").defer("area__geometry"):
        by_name.setdefault(name.key, {})[name.area_id or 0] = name.area
    found = {text: list((by_code.get(text.upper()) or by_name.get(keys.get(text, ""), {})).values()) for text in texts}
    return {**found, **_areas_once_called([text for text, rows in found.items() if not rows], context)}


def _areas_once_called(texts: Sequence[str], context: Context) -> dict[str, list[Area]]:
    """For P-codes of an older edition: the area that goes on, or all that share its ground, for a person to choose from.

    One larger area that swallowed it is no answer: the row would silently say less than it did.
    """
    older = old_areas_called(texts, context.operation)
    successors = successors_of(area.pk for area in older.values())
    result = {}
    for text in texts:
        area = older.get(text.strip().upper())
        follow = successors[area.pk] if area else []
        same = [successor.area for successor in follow if successor.is_same]
        if same or len(follow) > 1:
            result[text] = same or [successor.area for successor in follow]
    return result


def sites_called(texts: Sequence[str], context: Context) -> dict[str, list[Site]]:
    """Sites by code, else by exact name."""
    seen = in_operation(Site.objects.all(), context.operation)
    return found_by_code_or_name(seen, texts)


def found_by_code_or_name(seen: QuerySet[Any], texts: Sequence[str]) -> dict[str, list[Any]]:
    """Of ``seen`` sites, or those of one kind: by text, those of this code, or when it is no code those of exactly this name."""
    by_code = codes_in(texts, "CW")
    coded = {site.code: site for site in seen.filter(code__in=by_code.values())}
    named: dict[str, list[Any]] = {}
    for site in seen.filter(name__in=[text for text in texts if text not in by_code]):
        named.setdefault(site.name, []).append(site)
    return {
        text: ([coded[by_code[text]]] if by_code.get(text) in coded else []) if text in by_code else named.get(text, [])
        for text in texts
    }
