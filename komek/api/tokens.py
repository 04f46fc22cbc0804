"""Making, recognising and revoking access tokens."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from komek.accounts.authority import NotAllowed
from komek.api.models import ApiToken
from komek.records.actor import Actor, acting

START = "kmk_"
PREFIX_LENGTH = 10
USE_NOTED_EVERY = timedelta(minutes=1)


def issue_token(
    *,
    by: Actor,
    name: str,
    scopes: Iterable[str],
    operation: Any = None,
    expires_at: datetime | None = None,
) -> tuple[ApiToken, str]:
    """A new token for the actor's own account, and its text, which is not kept and cannot be shown again.

    Raises NotAllowed for an account that is not approved, ValidationError for an end in the past or no scope.
    """
    if by.user is None or not by.user.may_work:
        raise NotAllowed(_("Only an approved account can make access tokens."))
    chosen = sorted(set(scopes))
    if not chosen:
        raise ValidationError({"scopes": _("Choose at least one thing the token may do.")})
    if expires_at is not None and expires_at <= timezone.now():
        raise ValidationError({"expires_at": _("Choose a moment in the future.")})
    text = START + secrets.token_urlsafe(32)
    with acting(by), transaction.atomic():
        token = ApiToken.objects.create(
            owner=by.user, name=name, scopes=chosen, operation=operation, expires_at=expires_at,
            prefix=text[:PREFIX_LENGTH], digest=_digest(text),
        )  # fmt: skip
    return token, text


def revoke_token(token: ApiToken, *, by: Actor) -> None:
    """End a token at once. Its owner may, and administrators of the installation."""
    if by.user is None or (token.owner_id != by.user.pk and not by.user.is_superuser):
        raise NotAllowed(_("Only its owner can revoke this token."))
    with acting(by), transaction.atomic():
        ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now())


def token_for(text: str) -> ApiToken | None:
    """The token in force with this text. Notes that it was used, at most once a minute."""
    if not text.startswith(START):
        return None
    found = ApiToken.objects.select_related("owner", "operation").filter(digest=_digest(text)).first()
    if found is None or not found.is_valid:
        return None
    now = timezone.now()
    if found.last_used_at is None or found.last_used_at < now - USE_NOTED_EVERY:
        ApiToken.objects.filter(pk=found.pk).update(last_used_at=now)
    return found


def _digest(text: str) -> str:
    """Plain SHA-256 is enough: the text is 256 random bits, not a password that could be guessed."""
    return sha256(text.encode()).hexdigest()
