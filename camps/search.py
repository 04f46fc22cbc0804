"""Plug for the ``search`` socket: households and people at sites, for those who may see their names. Sites are found by ``orgs``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from camps.models import Household, Person
from camps.people_search import code_in, households_matching, people_matching
from camps.reading import names_read
from komek.accounts.authority import Standing, standing_of, visible
from komek.extensions import Viewer
from komek.extensions.search import Hit
from komek.records.actor import Actor, Channel

NEAREST = 0.95  # a name is never as sure as a code


class PeopleSearch:
    """A household's code, a person's code, a ration card, or a name in any script."""

    key = "camps.people"
    title = gettext_lazy("People at sites")

    def find(self, text: str, viewer: Viewer, limit: int) -> Sequence[Hit]:
        standing = standing_of(viewer.user, viewer.operation)
        if not standing.signed_in or not standing.user.may_work:
            return []
        code = code_in(text)
        hits = self._households(text, standing, limit) if code.startswith(Household.CODE_LETTER) else []
        hits = hits or self._people(text, standing, limit)
        names_read(
            by=Actor(user=viewer.user, channel=Channel.BROWSER), operation=viewer.operation, what=_("Search"),
            records=[record for record, _hit in hits],
        )  # fmt: skip
        return [hit for _record, hit in hits]

    def _households(self, text: str, standing: Standing, limit: int) -> list[tuple[Any, Hit]]:
        rows = visible(Household.objects.select_related("camp"), standing)
        return [
            (row, Hit(row.head_name, row.get_absolute_url(), self.title, f"{row.camp}, {row.code}", row.code, 1.0))
            for row in households_matching(rows, text).defer("camp__perimeter")[:limit]
        ]

    def _people(self, text: str, standing: Standing, limit: int) -> list[tuple[Any, Hit]]:
        rows = visible(Person.objects.select_related("camp", "household"), standing)
        is_code = bool(code_in(text))
        return [
            (
                row,
                Hit(row.name, row.get_absolute_url(), self.title, _where(row), row.code, _score(row, is_code=is_code)),
            )
            for row in people_matching(rows, text).defer("camp__perimeter")[:limit]
        ]


def _where(person: Person) -> str:
    age = "" if person.age is None else _("about %(age)d years") % {"age": person.age}
    return ", ".join(filter(None, (str(person.camp), str(person.get_presence_display()), age, person.code)))


def _score(person: Any, *, is_code: bool) -> float:
    return 1.0 if is_code else round(min(NEAREST, max(0.0, getattr(person, "near", 0.5))), 3)


PLUGS = [PeopleSearch()]
