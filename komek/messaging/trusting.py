"""Trusting a number, and taking that back.

A number bound to an account is registered; a coordinator who knows who writes from there may say that it is trusted. Its reports
then stand before others' in the inbox, and it may send more texts at once. It confirms goods that leave, large counts and deaths as
every number does: what a telephone says of its number can be forged, and a forger would choose a trusted one.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from komek.accounts.authority import Action, NotAllowed, require, standing_of
from komek.accounts.phones import owner_of
from komek.accounts.roles import MANAGERS
from komek.messaging.models import Correspondent, Inbound
from komek.records.actor import Actor


def may_trust(standing: Any) -> bool:
    """Coordinators decide it; volunteer managers, who read texts too, do not."""
    return bool(standing.signed_in and standing.holds(*MANAGERS))


@transaction.atomic
def trust(*, by: Actor, operation: Any, inbound: Inbound) -> Correspondent:
    """Trust the number a text came from. Raises NotAllowed, or ValidationError when no account that may work has it."""
    known = _locked(by, operation, inbound)
    owner = owner_of(inbound.number) if inbound.number else None
    if owner is None or not owner.may_work:
        raise ValidationError(
            _("Only a number that is bound to an account can be trusted. Give its owner a code to send with JOIN.")
        )
    if owner == by.user:
        raise ValidationError(_("Your own number is trusted by another coordinator, not by you."))
    known.is_trusted, known.trusted_by, known.trusted_at = True, by.user, timezone.now()
    known.save(update_fields=["is_trusted", "trusted_by", "trusted_at"])
    return known


@transaction.atomic
def trust_no_more(*, by: Actor, operation: Any, inbound: Inbound) -> Correspondent:
    """Take the trust back. Raises NotAllowed."""
    known = _locked(by, operation, inbound)
    known.is_trusted, known.trusted_by, known.trusted_at = False, None, None
    known.save(update_fields=["is_trusted", "trusted_by", "trusted_at"])
    return known


def _locked(by: Actor, operation: Any, inbound: Inbound) -> Correspondent:
    standing = standing_of(by.user, operation)
    require(standing, Action.CHANGE, inbound)
    if not may_trust(standing):
        raise NotAllowed(_("Coordinators decide which numbers are trusted."))
    known = Correspondent.objects.select_for_update(of=("self",)).filter(number=inbound.sender).first()
    if known is None:
        raise ValidationError(_("This number is not known any more."))
    return known
