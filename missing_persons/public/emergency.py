"""Whom to call: the numbers of the country that a public page stands for."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from missing_persons.models import EmergencyNumber, Service

ORDER = {service: place for place, service in enumerate(Service.values)}


def country_of(operation: Any) -> str:
    """The operation's country (ISO 3166-1 alpha-2): that of its first area, else the installation's."""
    if operation is not None:
        code = operation.affected_areas.order_by("level", "pk").values_list("generation__country", flat=True).first()
        if code:
            return str(code)
    return str(settings.PHONENUMBER_DEFAULT_REGION)


def numbers_for(operation: Any) -> list[EmergencyNumber]:
    """Numbers in use, the general one first."""
    rows = EmergencyNumber.objects.filter(country=country_of(operation), is_active=True)
    return sorted(rows, key=lambda row: (ORDER.get(row.service, 99), row.number))
