"""Who belongs to whom."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from komek.accounts.authority import Action, require, standing_of
from komek.records.actor import Actor, acting
from missing_persons.models import FamilyLink, Kinship, Person
from missing_persons.refusals import Refused


@transaction.atomic
def link_family(*, by: Actor, operation: Any, person: Person, relative: Person, kind: str) -> FamilyLink:
    """Write down that ``relative`` is the ``kind`` of ``person``. Known already, it is known. Raises Refused or NotAllowed."""
    link = FamilyLink(operation=person.operation, person=person, relative=relative, kind=kind)
    require(standing_of(by.user, operation), Action.ADD, link)
    require(standing_of(by.user, operation), Action.VIEW, relative)
    if kind not in Kinship.values:
        raise Refused({"kind": _("Choose how they are related.")})
    if person.pk == relative.pk:
        raise Refused({"relative": _("Nobody is their own relative. Choose the other person.")})
    if person.operation_id != relative.operation_id:
        raise Refused({"relative": _("These persons belong to two operations; exercise and real never mix.")})
    known = FamilyLink.objects.filter(person=person, relative=relative, kind=kind).first()
    if known is not None:
        return known
    link.stamp(by)
    with acting(by):
        link.save()
    return link
