"""Deleting an account for good: the person's traces go from the row and from history; what they did for others stays, unnamed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from axes.models import AccessAttempt, AccessLog
from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from komek.accounts.approvals import end_sessions
from komek.accounts.consents import own_consents
from komek.accounts.models import ERASED, Consent, Ending, User
from komek.extensions.grants import grants
from komek.records.actor import Actor, Channel, acting
from komek.records.models import Approval, Erasure, Provenance
from komek.records.retention import DELETE, Retention, register_retention
from komek.records.scrubbing import WithKey, scrub

ANONYMOUS = {
    "email": WithKey("erased-{}" + ERASED),
    "phone": None,
    "phone_verified": False,
    "name": "",
    "why": "",
    "approval_note": "",
    "is_active": False,
    "is_staff": False,
    "is_superuser": False,
}
"""What becomes of an account's row and of its history."""

PERSONAL = ("email", "phone", "name", "why", "approval_note")


@transaction.atomic
def erase_account(*, by: Actor, user: User, reason: str) -> Erasure:
    """Anonymise an account and its history, end its sessions and second factors, and write a tombstone.

    Steps: sign-in means and what lies in other tables go first, then the row, then its history; all or nothing.
    """
    erased_by = by.name[:150] if by.user is None or by.user.pk != user.pk else ""
    with acting(by.because(reason)):
        forget_around([user.pk])
        scrub(User, [user.pk], ANONYMOUS)
    user.refresh_from_db()
    return Erasure.objects.create(
        model="accounts.user", record_pk=user.pk, fields=list(PERSONAL), reason=reason[:300], erased_by=erased_by
    )


def forget_around(keys: Sequence[int]) -> None:
    """What other tables hold about these accounts: ways in, drafts, saved lists, consents, and their names on what they reported."""
    for user in User.objects.filter(pk__in=keys):
        end_sessions(user)
        EmailAddress.objects.filter(user=user).delete()
        Authenticator.objects.filter(user=user).delete()
        user.drafts.all().delete()  # type: ignore[attr-defined]
        user.saved_views.all().delete()  # type: ignore[attr-defined]
        _end_consents(user)
        _unname_reports(user)
        _forget_texts(user)
        user.set_unusable_password()
        user.save(update_fields=["password"])


def _forget_texts(user: User) -> None:
    """What the account sent by text and was sent, and what its number wished. That it wanted no texts stays with the number."""
    texts = apps.get_model("messaging", "Inbound")._default_manager.filter(user=user)
    lines = apps.get_model("messaging", "InboundLine")._default_manager.filter(inbound__in=texts)
    lines.update(text="", reply="", undo="", memo={})
    texts.update(sender="", number="", body="", outcome="")
    user.join_codes.all().delete()  # type: ignore[attr-defined]
    if user.phone:
        sent = apps.get_model("messaging", "Outbox")._default_manager.filter(to=user.phone).exclude(state="queued")
        sent.update(to="", body="")
        numbers = apps.get_model("messaging", "Correspondent")._default_manager.filter(number=str(user.phone))
        numbers.filter(stopped_at=None).delete()


def _end_consents(user: User) -> None:
    about_type = ContentType.objects.get_for_model(User)
    own = Consent.objects.filter(about_type=about_type, about_id=user.pk, ended_at=None)
    own.update(ended_at=timezone.now(), ending=Ending.WITHDRAWN, ending_channel=Channel.COMMAND)
    scrub(Consent, list(own_consents(user).values_list("pk", flat=True)), {"given_by_name": ""})


def _unname_reports(user: User) -> None:
    """Records keep who reported them as text; where that was this person, under any name the account ever had, it goes."""
    names = set(User.events.rel.related_model.objects.filter(pgh_obj_id=user.pk).values_list("name", flat=True))  # type: ignore[attr-defined]
    names = (names | {user.name}) - {""}
    for model in apps.get_models():
        if issubclass(model, Provenance) and not model._meta.proxy and "reported_by" in _own_fields(model):
            reported = model._default_manager.filter(entered_by=user, reported_by__in=names)
            keys = list(reported.values_list("pk", flat=True))
            if keys:
                scrub(model, keys, {"reported_by": ""})


def _own_fields(model: Any) -> set[str]:
    return {field.name for field in model._meta.local_fields}


def register() -> None:
    """The rules of retention about accounts. Called once, when the app is ready."""
    asked = Q(approval=Approval.PENDING, last_login=None)
    for key, when, since, days, why in (
        ("accounts.refused", Q(approval=Approval.REFUSED), "approved_at", 90, _("Refused accounts may ask why for a while.")),
        ("accounts.waiting", Q(approval=Approval.PENDING), "created_at", 180, _("Nobody approved the account.")),
        (
            "accounts.unproven", asked & Q(email=None, phone_verified=False), "created_at", 7,
            _("A phone number somebody typed and never proved."),
        ),
    ):  # fmt: skip
        register_retention(
            Retention(
                key, User, timedelta(days=days), since, ANONYMOUS, why, when & Q(is_superuser=False), forget_around
            )
        )  # fmt: skip
    for key, model, days in (("accounts.failed_sign_ins", AccessAttempt, 30), ("accounts.sign_ins", AccessLog, 90)):
        why = _("Addresses and browsers of sign-ins, to find break-ins.")
        register_retention(Retention(key, model, timedelta(days=days), "attempt_time", DELETE, why))


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
