"""The place that stands in a text, or where its sender is known to be. Said back to them always; never believed silently."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.contrib.gis.geos import Point

from komek.extensions import Viewer
from komek.extensions.lookups import lookups
from komek.extensions.sms_commands import LastSeen, sms_commands
from komek.places.notations import NotOnEarth, read_coordinates, read_plus_code
from komek.places.resolver import Resolution, resolve
from komek.records.codes import MistypedCode, has_shape_of_code, parse_code

MOST_WORDS = 4
"""Words of the longest name of a place that is looked for at the beginning of a text."""

SITES = "orgs.site"
# Where a note of a place ends at the latest: a comma, a stop, a colon or a line.
_ENDS = re.compile(r"[,:\n]|[.!](?=\s|$)")
_PAIR = re.compile(r"\s*(-?\d{1,3}[.,]\d{2,})[\s,;]+(-?\d{1,3}[.,]\d{2,})")


@dataclass(frozen=True)
class Whereabouts:
    """A place in a text. words: as written. name: as understood, empty when it is not. rest: what follows in the text.

    how: "site", "plus code", "coordinates", "code", "former code", "name", "alias"; "check-in" when the text says nothing and the
    sender's last place is taken; empty when nothing is known. site: the primary key of a site as text. others: names that may be
    meant as well, best first.
    """

    words: str = ""
    name: str = ""
    how: str = ""
    rest: str = ""
    point: Point | None = None
    site: str = ""
    others: tuple[str, ...] = ()

    @property
    def is_known(self) -> bool:
        return bool(self.how)


def place_at_start(text: str, *, by: Any) -> Whereabouts:
    """The place with which a text begins: a site's code, a plus code, coordinates, a name near the sender.

    Without any, where the sender is known to be. Takes at most a few look-ups by name; raises nothing.
    """
    text = text.strip()
    if found := _site(text, by) or _noted(text, by):
        return found
    seen = last_seen(by)
    if found := _named(text, by, seen):
        return found
    if seen is not None:
        return Whereabouts(name=seen.name, how="check-in", rest=text, point=seen.point)
    return Whereabouts(rest=text)


def last_seen(by: Any) -> LastSeen | None:
    """Where the sender said they are, as registries know it; the newest."""
    asked = [plug.last_seen(by) for plug in sms_commands if callable(getattr(plug, "last_seen", None))]
    known = [seen for seen in asked if seen is not None]
    return max(known, key=lambda seen: seen.at, default=None)


def _site(text: str, by: Any) -> Whereabouts | None:
    words = text.split()
    for taken in (1, 2):
        joined = "".join(words[:taken]).strip(",.:")
        if len(words) < taken or not has_shape_of_code(joined):
            continue
        written, rest = " ".join(words[:taken]), " ".join(words[taken:])
        try:
            code = parse_code(joined, "CW")
        except MistypedCode:
            return Whereabouts(words=written, rest=text)
        sites = lookups.get(SITES)
        found = sites.find(code, Viewer(user=by.user, operation=by.operation), 5) if sites is not None else ()
        for site in found:
            if code in f"{site.label} {site.detail}":
                return Whereabouts(
                    written, f"{code} {site.label.replace(code, '').strip(' ,')}", "site", rest, site=site.value
                )
        return Whereabouts(written, code, "site", rest)
    return None


def _noted(text: str, by: Any) -> Whereabouts | None:
    """A plus code or coordinates at the beginning."""
    pair = _PAIR.match(text)
    if pair is not None:
        return _resolved(pair[0].strip(), text[pair.end() :], by)
    words = text.split()
    if words and (code := read_plus_code(words[0].strip(",.:"))) is not None and code.is_full:
        return _resolved(words[0].strip(",.:"), text[len(words[0]) :], by)
    head = _ENDS.split(text, maxsplit=1)[0]
    try:
        if read_plus_code(head) or read_coordinates(head):
            return _resolved(head, text[len(head) :], by)
    except NotOnEarth:
        return None
    return None


def _resolved(words: str, rest: str, by: Any) -> Whereabouts | None:
    found = resolve(words, operation=by.operation, limit=1)
    if not found.candidates:
        return None
    best = found.candidates[0]
    name = f"{words} ({best.area})" if best.area is not None else words
    return Whereabouts(words, name, best.how, rest.strip(" ,.:"), best.point)


def _named(text: str, by: Any, seen: LastSeen | None) -> Whereabouts | None:
    """A name at the beginning, the longest that is one. What stands before a comma counts whole."""
    head = _ENDS.split(text, maxsplit=1)[0].strip()
    words = head.split()
    near = seen.point if seen is not None else None
    for taken in range(min(len(words), MOST_WORDS), 0, -1):
        written = " ".join(words[:taken])
        if len(written) < 3:
            continue
        found = resolve(written, operation=by.operation, near=near, limit=4)
        if _fits(found):
            best, *others = found.candidates
            names = () if found.is_certain else tuple(other.name for other in others)
            rest = text[text.find(words[taken - 1], len(written) - len(words[taken - 1])) + len(words[taken - 1]) :]
            return Whereabouts(written, best.name, best.how, rest.strip(" ,.:"), best.point, others=names)
    return None


def _fits(found: Resolution) -> bool:
    """A name that is only somewhat like a place's is most likely no place at all: people write of other things too."""
    return bool(found.candidates) and found.candidates[0].score >= LIKE_A_PLACE


LIKE_A_PLACE = 0.8
