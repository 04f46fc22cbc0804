"""Objections to a public entry, and what is decided about them. Anybody may object; a registrar decides, with a reason."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from komek.accounts.authority import Action, require, standing_of
from komek.records.actor import Actor, acting
from missing_persons.checking import LONGEST_TEXT
from missing_persons.models import Dispute, DisputeKind, DisputeState, Person
from missing_persons.publishing import held
from missing_persons.refreshing import refresh
from missing_persons.refusals import Refused
from missing_persons.texts import one_line, several_lines


@transaction.atomic
def object_to(
    *, by: Actor, person: Person, kind: str, text: str = "", phone: str = "", email: str = "", language: str = ""
) -> Dispute:
    """Object to an entry. One that puts somebody in danger is hidden at once. The caller has kept out robots. Raises Refused."""
    if kind not in DisputeKind.values:
        raise Refused({"kind": _("Choose what you object to.")})
    words = several_lines(text)
    if kind == DisputeKind.WRONG and not words:
        raise Refused({"text": _("Write what is wrong, and what is right if you know it.")})
    if len(words) > LONGEST_TEXT:
        raise Refused({"text": _("This is longer than %(most)d characters. Shorten it.") % {"most": LONGEST_TEXT}})
    locked = Person.objects.select_for_update().get(pk=person.current.pk)
    dispute = Dispute(
        operation=locked.operation, person=locked, kind=kind, text=words, phone=one_line(phone)[:60],
        email=one_line(email)[:254], language=language[:10],
    )  # fmt: skip
    dispute.stamp(by)
    with acting(by):
        dispute.save()
        if kind == DisputeKind.DANGER:
            refresh([locked])
    return dispute


@transaction.atomic
def decide_dispute(*, by: Actor, operation: Any, dispute: Dispute, is_upheld: bool, decision: str) -> Dispute:
    """Grant or refuse an objection, with the reason. Granted, the entry is hidden, unless only something in it was wrong.

    What was wrong is corrected by correcting the report or by asking its reporter. Raises Refused or NotAllowed.
    """
    require(standing_of(by.user, operation), Action.CHANGE, dispute)
    reason = one_line(decision)[:300]
    if not reason:
        raise Refused({"decision": _("Write what you decided and why. Whoever objected may be told.")})
    locked = Dispute.objects.select_for_update().get(pk=dispute.pk)
    if locked.state != DisputeState.OPEN:
        raise Refused({"__all__": _("Somebody decided this already.")})
    locked.state = DisputeState.UPHELD if is_upheld else DisputeState.REFUSED
    locked.decision, locked.decided_at, locked.decided_by = reason, timezone.now(), by.user
    with acting(by.because(reason)):
        locked.save()
        person = Person.objects.select_for_update().get(pk=locked.person_id)
        if is_upheld and locked.kind != DisputeKind.WRONG:
            held(by=by, person=person, reason=reason)
        else:
            refresh([person])
    return locked
