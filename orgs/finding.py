"""Finding organisations by code, name or acronym, in any script. The search box, lookups and filters ask here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db.models import Case, F, FloatField, Q, QuerySet, Value, When
from django.db.models.functions import Length

from komek.accounts.authority import Standing, visible
from komek.records.codes import MistypedCode, parse_code
from komek.records.models import Approval
from orgs.models import Organisation
from orgs.naming import name_key, organisation_key

_TRIGRAM_FROM = 3  # shorter texts have no trigram to look up


def by_code(text: str, standing: Standing) -> Organisation | None:
    """The visible organisation with this code, merged ones too, or ``None``. Never raises for a mistyped code."""
    try:
        code = parse_code(text, Organisation.CODE_LETTER)
    except MistypedCode:
        return None
    found: Organisation | None = (
        visible(Organisation.objects.select_related("merged_into"), standing).filter(code=code).first()
    )
    return found


def matching_text(rows: QuerySet[Any], text: str) -> QuerySet[Any]:
    """Rows whose code, names or acronyms hold the text, spelt about like this, in any script. No order."""
    try:
        return rows.filter(code=parse_code(text, Organisation.CODE_LETTER))
    except MistypedCode:
        key = name_key(text)
    if not key:
        return rows.none()
    if len(key) < _TRIGRAM_FROM:
        return rows.filter(Q(search_key__startswith=key) | Q(acronym__istartswith=text))
    return rows.filter(Q(search_key__contains=key) | Q(search_key__trigram_word_similar=organisation_key(text)))


def best_matches(text: str, standing: Standing, limit: int) -> Sequence[Organisation]:
    """At most ``limit`` organisations, best first, each with ``near`` (0 to 1). Merged ones are left out."""
    rows = visible(Organisation.objects.filter(merged_into=None), standing).select_related("parent")
    key = name_key(text)
    near = Case(
        When(acronym__iexact=text.strip(), then=Value(1.0)),
        When(search_key__startswith=key, then=Value(0.97)),
        When(search_key__contains=f" {key}", then=Value(0.93)),
        default=TrigramWordSimilarity(key, "search_key") * Value(0.9),
        output_field=FloatField(),
    )
    found = matching_text(rows, text).annotate(near=near)
    return list(found.order_by(F("near").desc(), Length("name"), "name", "pk")[:limit])


def own_organisation(standing: Standing, asked: str = "") -> Organisation | None:
    """What a new entry's form begins with: the organisation asked for by primary key or code, else the one somebody works for."""
    seen = visible(Organisation.objects.filter(merged_into=None), standing)
    if asked:
        return seen.filter(pk=int(asked)).first() if asked.isdigit() else by_code(asked, standing)
    held = Q(memberships__user=standing.user, memberships__approval=Approval.APPROVED)
    here = Q(memberships__operation=None) | Q(memberships__operation=standing.operation)
    found: Organisation | None = seen.filter(held & here).order_by("memberships__created_at").first()
    return found
