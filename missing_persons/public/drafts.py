"""Public forms saved and gone on with later, by a link that only its maker knows. Kept for a week, then deleted with their photos."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from missing_persons.models import PublicDraft
from missing_persons.photos import ReadyPhoto
from missing_persons.refusals import Refused

KEPT = timedelta(days=7)
MOST_LETTERS = 40_000
NOT_KEPT = {"csrfmiddlewaretoken", "sum", "sum_seal", "draft", "lang", "in_language", "save", "send"}


@transaction.atomic
def save_draft(
    *, form: str, operation: Any, values: Mapping[str, str], photo: ReadyPhoto | None = None, token: str = ""
) -> str:
    """Keep what was typed; returns the secret of its link (160 bits). With the token of an earlier draft that one changes.

    Raises Refused when it is more than a form can hold.
    """
    # PostgreSQL keeps no NUL in JSON.
    typed = {
        name.replace("\0", ""): text.replace("\0", "") for name, text in values.items() if text and name not in NOT_KEPT
    }
    if sum(map(len, typed.values())) > MOST_LETTERS:
        raise Refused({"__all__": _("This is more than a form holds. Shorten it, then save it.")})
    draft = draft_of(token, is_locked=True)
    if draft is None or draft.form != form:
        token = secrets.token_urlsafe(20)
        draft = PublicDraft(token_hash=_hash(token), form=form)
    draft.operation, draft.values, draft.saved_at = operation, typed, timezone.now()
    if photo is not None:
        _drop_files(draft)
        draft.photo.save("photo.jpg", ContentFile(photo.large), save=False)
        draft.photo_small.save("photo.jpg", ContentFile(photo.small), save=False)
    draft.save()
    return token


def draft_of(token: str, *, is_locked: bool = False) -> PublicDraft | None:
    """The draft that this link opens, as long as it is kept."""
    if not token:
        return None
    rows = PublicDraft.objects.filter(token_hash=_hash(token), saved_at__gt=timezone.now() - KEPT)
    return (rows.select_for_update() if is_locked else rows).first()


def photo_in(draft: PublicDraft | None) -> ReadyPhoto | None:
    """The photo that came with a draft."""
    if draft is None or not draft.photo.name:
        return None
    with draft.photo.open() as large, draft.photo_small.open() as small:
        return ReadyPhoto(large.read(), small.read())


def drop_draft(draft: PublicDraft | None) -> None:
    """The draft was sent, or its time is over. Its photos leave with it."""
    if draft is not None:
        _drop_files(draft)
        draft.delete()


def forget_drafts(now: datetime | None = None) -> int:
    """Delete drafts older than a week; returns how many."""
    old = list(PublicDraft.objects.filter(saved_at__lte=(now or timezone.now()) - KEPT)[:1000])
    for draft in old:
        drop_draft(draft)
    return len(old)


def _drop_files(draft: PublicDraft) -> None:
    """After the commit, so that nothing is lost when it does not come to one."""
    for file in (draft.photo, draft.photo_small):
        if file.name:
            transaction.on_commit(lambda storage=file.storage, name=file.name: storage.delete(name))  # type: ignore[misc]


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
