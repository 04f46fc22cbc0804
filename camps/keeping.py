"""How long names of people at sites are kept. Figures stay: a person without a name still counts in what happened."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from camps.models import Household, ListScan, Movement, Person, Presence
from komek.records.retention import Retention, register_retention

GONE = Q(presence__in=(Presence.LEFT, Presence.DEAD))
PERSON = {
    "name": "", "birth_date": None, "needs": [], "note": "", "search_key": "", "match_key": "", "may_be_found": False,
    "reported_by": "",
}  # fmt: skip
HOUSEHOLD = {
    "head_name": "", "phone": "", "origin": "", "shelter_unit": "", "card_number": "", "note": "", "search_key": "",
    "reported_by": "",
}  # fmt: skip
AFTER_LEAVING = _("Who left is asked about for a year: by relatives, and by the site they went to.")
AFTER_ALL = _("Who is still on a list that nobody touched for three years is no longer there.")


def register() -> None:
    """Called once, when the app is ready."""
    year = timedelta(days=365)
    for key, model, fields in (("person", Person, PERSON), ("household", Household, HOUSEHOLD)):
        register_retention(
            Retention(f"camps.{key}_gone", model, year, "updated_at", fields, AFTER_LEAVING, when=GONE),
        )
        register_retention(Retention(f"camps.{key}", model, 3 * year, "updated_at", fields, AFTER_ALL))
    register_retention(
        Retention(
            "camps.list_scan",
            ListScan,
            year,
            "entered_at",
            {"file": "", "title": "", "reported_by": ""},
            _("A paper list is needed as long as somebody may check what was typed from it."),
        )  # fmt: skip
    )
    register_retention(
        Retention(
            "camps.movement",
            Movement,
            3 * year,
            "entered_at",
            {"reason": "", "reported_by": ""},
            _("Reasons of steps may say of what somebody died."),
        )  # fmt: skip
    )
