"""Keeping the numbers to call in danger, which every public page shows."""

from __future__ import annotations

import re
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from komek.accounts.authority import Action, require, standing_of
from komek.records.actor import Actor, acting
from missing_persons.models import EmergencyNumber, Service
from missing_persons.refusals import Refused
from missing_persons.texts import one_line


@transaction.atomic
def save_emergency_number(
    *, by: Actor, operation: Any, number: EmergencyNumber | None = None, **fields: Any
) -> EmergencyNumber:
    """Add a number, or change one. Raises Refused or NotAllowed.

    fields: country, service, number_text, source, checked_on, is_active.
    """
    require(standing_of(by.user, operation), Action.CHANGE if number else Action.ADD, number or EmergencyNumber)
    kept = EmergencyNumber.objects.select_for_update().get(pk=number.pk) if number else EmergencyNumber()
    kept.country = one_line(fields["country"]).upper()
    kept.service, kept.number = fields["service"], one_line(fields["number_text"])
    kept.source, kept.checked_on = one_line(fields["source"]), fields.get("checked_on")
    kept.is_active = fields.get("is_active", True)
    if faults := _faults_of(kept):
        raise Refused(faults)
    with acting(by):
        kept.save()
    return kept


def _faults_of(number: EmergencyNumber) -> dict[str, Any]:
    faults: dict[str, Any] = {}
    if not re.fullmatch("[A-Z]{2}", number.country):
        faults["country"] = _("Write the country as two letters, such as TM.")
    if number.service not in Service.values:
        faults["service"] = _("Choose who answers.")
    if not re.fullmatch(r"\+?[0-9][0-9 -]{0,18}", number.number):
        faults["number_text"] = _("Write the number as it is dialled, such as 103.")
    if not number.source or len(number.source) > 300:
        faults["source"] = _("Say where you have the number from, in at most 300 characters.")
    if number.checked_on and number.checked_on > timezone.localdate():
        faults["checked_on"] = _("This day is yet to come.")
    same = EmergencyNumber.objects.filter(country=number.country, service=number.service, number=number.number)
    if not faults and same.exclude(pk=number.pk).exists():
        faults["number_text"] = _("This number is in the list already.")
    return faults
