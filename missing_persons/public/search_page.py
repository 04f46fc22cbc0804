"""Searching for a person, and what everybody may see of one.

Who is not public, not there, or does not fit closely enough gives the same answer, made by the same work. More people than a
page may show are not listed: whoever knows the person can say more about them, whoever collects people cannot.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from missing_persons.names.evidence import Description, compare
from missing_persons.names.likeness import ALIKE
from missing_persons.names.words import words_of
from missing_persons.public.addresses import unsealed
from missing_persons.public.forms import SearchForm
from missing_persons.public.gate import Passage, pass_gate
from missing_persons.public.pages import operation_of, public_page, show
from missing_persons.public.people import PublicPerson, described, public_persons
from missing_persons.searching import Query, find_people

MOST_FOUND = 5
READ = ("GET", "HEAD")


@dataclass(frozen=True)
class Found:
    """Answer to a search. are_too_many: there are more than may be shown, so nobody is."""

    persons: list[PublicPerson] = field(default_factory=list)
    are_too_many: bool = False


def search_public(query: Query, *, operation: Any) -> Found:
    """Who of the operation fits closely and is public: at most five, nobody when there are more. Always the same statements."""
    hits = find_people(query, operation=operation, public=True, limit=MOST_FOUND + 1)
    are_too_many = len(hits) > MOST_FOUND
    shown = described([] if are_too_many else [hit.person for hit in hits])
    return Found([person for person in shown if is_told_by(person.names, query.name)], are_too_many)


def is_told_by(names: Sequence[str], asked: str) -> bool:
    """Whether one of the names everybody may see is close to the name asked for. Reports that were not released file names as well;
    who finds a person under such a name must not learn that the two are one.
    """
    wanted = Description(names=(words_of(asked),))
    return any(compare(wanted, Description(names=(words_of(name),))).likeness.score >= ALIKE for name in names)


@require_http_methods(READ)
@public_page
def find(http: HttpRequest) -> HttpResponse:
    """The first page: search, and what else one may do. The search is in the address, so that it can be passed on."""
    if "name" not in http.GET:
        return show(http, "find.html", {"form": SearchForm()})
    form = SearchForm(http.GET)
    if not form.is_valid():
        return show(http, "find.html", {"form": form}, status=422)
    passage: Passage = pass_gate(http, "search", name=form.cleaned_data["name"])
    if not passage.is_open:
        return show(http, "find.html", {"form": form, "passage": passage}, status=passage.status)
    found = search_public(form.query(), operation=operation_of(http))
    return show(http, "find.html", {"form": form, "found": found, "has_age": bool(form.cleaned_data["age"])})


@require_http_methods(READ)
@public_page
def person(http: HttpRequest, seal: str) -> HttpResponse:
    """One person, by the address a search gave."""
    return show(http, "person.html", {"person": person_of(seal)})


def person_of(seal: str) -> PublicPerson:
    """The person behind a seal as everybody may see them. Raises Http404, the same whatever the reason."""
    row = public_persons().filter(pk=unsealed("person", seal)).first()
    known = described([row] if row is not None else [])
    if not known or not known[0].names:
        raise Http404(_("Nothing is here. The address may be old or not whole; search again."))
    return known[0]
