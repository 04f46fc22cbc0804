"""Deleting an account for good: the person's traces go from the row and from history; what they did for others stays, unnamed."""

from __future__ import annotations

from typing import Any

import pgtrigger
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.utils.translation import gettext as _

from komek.accounts.approvals import end_sessions
from komek.accounts.consents import own_consents
from komek.accounts.models import User
from komek.extensions.grants import grants
from komek.records.actor import Actor, acting
from komek.records.models import Erasure

PERSONAL = ("email", "phone", "name", "why", "approval_note")


@transaction.atomic
def erase_account(*, by: Actor, user: User, reason: str) -> Erasure:
    """Anonymise an account and its history, end its sessions and second factors, and write a tombstone.

    Steps: sign-in means go first, then the row, then its history; all or nothing.
    """
    end_sessions(user)
    EmailAddress.objects.filter(user=user).delete()
    Authenticator.objects.filter(user=user).delete()
    with acting(by.because(reason)):
        user.email, user.phone, user.phone_verified = f"erased-{user.pk}@invalid", None, False
        user.name, user.why, user.approval_note = _("erased account"), "", ""
        user.is_active, user.is_staff, user.is_superuser = False, False, False
        user.set_unusable_password()
        user.save()
    events: Any = User.events.rel.related_model  # type: ignore[attr-defined]
    with pgtrigger.ignore(f"{events._meta.app_label}.{events.__name__}:append_only"):
        events.objects.filter(pgh_obj_id=user.pk).update(
            email=f"erased-{user.pk}@invalid", phone=None, name=user.name, why="", approval_note=""
        )
    return Erasure.objects.create(
        model="accounts.user", record_pk=user.pk, fields=list(PERSONAL), reason=reason[:300], erased_by=by.name[:150]
        if by.user is None or by.user.pk != user.pk else "",
    )  # fmt: skip


def own_data(user: Any) -> dict[str, Any]:
    """Everything Komek holds about an account, for its owner."""
    return {
        "name": user.name,
        "email": user.email,
        "phone": str(user.phone or ""),
        "why": user.why,
        "language": user.language,
        "created_at": user.created_at.isoformat(),
        "approval": user.approval,
        "roles": [vars(grant) for plug in grants for grant in plug.grants(user)],
        "memberships": [str(membership) for membership in user.memberships.all()],
        "saved_views": [view.name for view in user.saved_views.all()],
        "consents": [
            {
                "purpose": consent.purpose,
                "text": consent.text,
                "given_at": consent.given_at.isoformat(),
                "ended_at": consent.ended_at.isoformat() if consent.ended_at else None,
            }
            for consent in own_consents(user)
        ],
        "drafts": [{"form": draft.form_key, "data": draft.data} for draft in user.drafts.all()],
        "sessions": [
            {"address": session.ip, "browser": session.user_agent, "since": session.created_at.isoformat()}
            for session in user.usersession_set.all()
        ],
    }
