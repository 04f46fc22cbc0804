"""Reading coordinates and plus codes as people write them. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from openlocationcode import openlocationcode

_SIGNS = {"n": 1, "с": 1, "s": -1, "ю": -1, "e": 1, "в": 1, "w": -1, "з": -1}
_DEGREES = (
    r"([-+]?\d{1,3}(?:[.,]\d+)?)\s*[°º]?\s*(?:(\d{1,2}(?:[.,]\d+)?)\s*['′]\s*(?:(\d{1,2}(?:[.,]\d+)?)\s*[\"″]\s*)?)?"
)
_PAIR = re.compile(rf"^\s*([nsсю])?\s*{_DEGREES}\s*([nsсю])?\s*[,;\s]\s*([ewвз])?\s*{_DEGREES}\s*([ewвз])?\s*$", re.I)
_PLUS = re.compile(r"^\s*([23456789CFGHJMPQRVWX]{2,8}\+[23456789CFGHJMPQRVWX]{0,7})(?:[\s,]+(.+))?\s*$", re.I)


class NotOnEarth(ValueError):
    """Numbers that look like coordinates but name no place; ``is_swapped`` when the other order would."""

    def __init__(self, is_swapped: bool) -> None:
        super().__init__()
        self.is_swapped = is_swapped


@dataclass(frozen=True)
class PlusCode:
    """A plus code; ``near`` is the place name written after a short one."""

    code: str
    near: str

    @property
    def is_full(self) -> bool:
        return bool(openlocationcode.isFull(self.code))


def read_coordinates(text: str) -> tuple[float, float] | None:
    """Latitude and longitude in degrees, or ``None`` when the text is something else.

    Reads ``37.95, 58.38``, ``37,95; 58,38``, ``37°57'N 58°22'48"E`` and the same with Russian letters. Raises NotOnEarth.
    """
    found = _PAIR.match(text)
    if not found:
        return None
    north1, lat_d, lat_m, lat_s, north2, east1, lon_d, lon_m, lon_s, east2 = found.groups()
    if not (any((lat_m, north1, north2)) or "." in text or text.count(",") in (1, 3) or ";" in text):
        return None  # two whole numbers side by side are not coordinates
    latitude = _degrees(lat_d, lat_m, lat_s) * _SIGNS.get((north1 or north2 or "n").lower(), 1)
    longitude = _degrees(lon_d, lon_m, lon_s) * _SIGNS.get((east1 or east2 or "e").lower(), 1)
    if abs(latitude) > 90 or abs(longitude) > 180:
        raise NotOnEarth(is_swapped=abs(longitude) <= 90 and abs(latitude) <= 180)
    return latitude, longitude


def read_plus_code(text: str) -> PlusCode | None:
    """A plus code, full or short, or ``None``."""
    found = _PLUS.match(text)
    if not found or not openlocationcode.isValid(found.group(1)):
        return None
    return PlusCode(found.group(1).upper(), (found.group(2) or "").strip())


def plus_code_centre(code: PlusCode, reference: tuple[float, float] | None) -> tuple[float, float] | None:
    """Latitude and longitude of the code's centre; a short code needs a reference (latitude, longitude) near it."""
    full = code.code
    if not code.is_full:
        if reference is None:
            return None
        full = openlocationcode.recoverNearest(code.code, *reference)
    area = openlocationcode.decode(full)
    return area.latitudeCenter, area.longitudeCenter


def _degrees(degrees: str, minutes: str | None, seconds: str | None) -> float:
    whole = float(degrees.replace(",", "."))
    part = float((minutes or "0").replace(",", ".")) / 60 + float((seconds or "0").replace(",", ".")) / 3600
    return whole - part if whole < 0 else whole + part
