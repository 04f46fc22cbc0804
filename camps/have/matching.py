"""Which hospital here a document's facility is: by a code of another system, by our code, by name. Pure.

A wrong match would send patients to beds that are not there, so doubt stops and asks: our code counts only when the name
fits as well (another installation of Komek has codes of the same shape), and a name only when one hospital has it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from camps.models import Camp
from komek.places.keys import plain
from komek.records.codes import MistypedCode, parse_code


@dataclass(frozen=True)
class Match:
    """camp: the hospital meant, or ``None``; sentence: by what it was found, or why it was not."""

    camp: Camp | None
    sentence: str


class Hospitals:
    """The hospitals that may be meant, by everything they can be found by."""

    def __init__(self, camps: Iterable[Camp]) -> None:
        self.by_code: dict[str, Camp] = {}
        self.by_external_id: dict[str, list[Camp]] = {}
        self.by_name: dict[str, list[Camp]] = {}
        for camp in camps:
            self.by_code[camp.code] = camp
            for value in {str(one).strip() for one in camp.external_ids.values() if str(one).strip()}:
                self.by_external_id.setdefault(value, []).append(camp)
            for key in _names_of(camp):
                self.by_name.setdefault(key, []).append(camp)

    def meant_by(self, external_id: str, name: str) -> Match:
        """The hospital that a facility with this code and name is."""
        outside = self.by_external_id.get(external_id, [])
        if len(outside) == 1:
            return Match(outside[0], _("found by its code in another system"))
        if outside:
            return Match(
                None,
                _("Several hospitals here have the outside code “%(id)s”: %(codes)s. Correct them first.")
                % {"id": external_id[:80], "codes": _codes(outside)},
            )
        coded = self._by_our_code(external_id)
        if coded is not None:
            if plain(name) in _names_of(coded):
                return Match(coded, _("found by its code"))
            return Match(
                None,
                _("%(code)s is “%(ours)s” here, but the document calls it “%(theirs)s”. If it is the same hospital, "
                  "enter “%(code)s” among its codes in other systems; if not, ask the sender.")
                % {"code": coded.code, "ours": coded.name, "theirs": name[:120]},
            )  # fmt: skip
        named = self.by_name.get(plain(name), []) if plain(name) else []
        if len(named) == 1:
            return Match(named[0], _("found by its name"))
        if named:
            return Match(
                None,
                _("Several hospitals here are called “%(name)s”: %(codes)s. Enter “%(id)s” among the codes in other "
                  "systems of the one that is meant.")
                % {"name": name[:120], "codes": _codes(named), "id": external_id[:80]},
            )  # fmt: skip
        return Match(
            None,
            _("No hospital here has the code “%(id)s” or the name “%(name)s”. Register it first, or enter the code "
              "among its codes in other systems.")
            % {"id": external_id[:80], "name": name[:120]},
        )  # fmt: skip

    def _by_our_code(self, external_id: str) -> Camp | None:
        try:
            return self.by_code.get(parse_code(external_id, "CW"))
        except MistypedCode:  # a code of another system, then
            return None


def _names_of(camp: Camp) -> set[str]:
    return {key for name in (camp.name, *map(str, camp.names.values())) if (key := plain(name))}


def _codes(camps: list[Camp]) -> str:
    return ", ".join(camp.code for camp in camps)
