"""Finding households and people by name in any script and spelling, by code, or by ration card. By trigram index."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db.models import Q, QuerySet

from camps.names import name_key
from komek.records.codes import MistypedCode, parse_code

# A key of one or two letters has too few trigrams to be told from others.
SHORTEST_TRIGRAM = 3


def households_matching(rows: QuerySet[Any], text: str) -> QuerySet[Any]:
    """Households by their code, a member's code, the ration card, the tent, or a name of anybody in them."""
    code = code_in(text)
    if code.startswith("H"):
        return rows.filter(code=code)
    if code:
        return rows.filter(members__code=code).distinct()
    return rows.filter(Q(card_number__iexact=text) | Q(shelter_unit__iexact=text) | _by_name(text))


def people_matching(rows: QuerySet[Any], text: str) -> QuerySet[Any]:
    """People by their own or their household's code, the ration card, or their name; the likeliest names first."""
    code = code_in(text)
    if code.startswith("H"):
        return rows.filter(household__code=code).order_by("pk")
    if code:
        return rows.filter(code=code)
    found = rows.filter(Q(household__card_number__iexact=text) | _by_name(text))
    return found.annotate(near=TrigramWordSimilarity(name_key(text), "search_key")).order_by("-near", "name", "pk")


def code_in(text: str) -> str:
    """The household's or person's code that the text is, in its canonical form; empty when it is none."""
    try:
        return parse_code(text, "HP")
    except MistypedCode:
        return ""


def _by_name(text: str) -> Q:
    key = name_key(text)
    words = key.split()
    if not words:
        return Q(pk=None)
    holds_all = Q()
    for word in words:
        holds_all &= Q(search_key__contains=word)
    if len(key) < SHORTEST_TRIGRAM:
        return holds_all
    return holds_all | Q(search_key__trigram_word_similar=key)
