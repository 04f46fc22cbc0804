"""Services of a hospital by key, as forms offer them. A report may name others: they are kept and shown as given. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

SERVICES: dict[str, Any] = {
    "surgery": _("surgery"),
    "trauma": _("wounds and fractures"),
    "maternity": _("births"),
    "paediatrics": _("children"),
    "dialysis": _("dialysis"),
    "blood_bank": _("blood bank"),
    "laboratory": _("laboratory"),
    "imaging": _("X-ray and ultrasound"),
    "pharmacy": _("pharmacy"),
    "sterilisation": _("sterilisation"),
    "ambulance": _("ambulances"),
    "mental_health": _("mental health"),
    "waste": _("medical waste"),
    "mortuary": _("mortuary"),
}


def service_name(key: str) -> str:
    """How a service is called: our word for it, or the key as it was given."""
    return str(SERVICES.get(key, key))


def in_order(services: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """(key, name, status) of every service reported, those known first and in their order, the others by name."""
    known = [key for key in SERVICES if key in services]
    others = sorted(key for key in services if key not in SERVICES)
    return [(key, service_name(key), services[key]) for key in (*known, *others)]
