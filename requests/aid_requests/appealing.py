"""Appeals for aid: a curated list of released needs, written, published and closed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from aid_requests.models import Appeal, RequestLine
from aid_requests.refusals import Refused
from aid_requests.released import released
from komek.accounts.authority import Action, require, standing_of
from komek.records.actor import Actor, acting
from orgs.models import Organisation

MOST_WORDS = 5000
"""Letters of an appeal's text."""


@transaction.atomic
def save_appeal(
    *, by: Actor, operation: Any, appeal: Appeal | None = None, title: str, text: str = "",
    organisation: Organisation | None = None, lines: Sequence[RequestLine] = (), slug: str = "",
    texts: Mapping[str, Mapping[str, str]] | None = None,
) -> Appeal:  # fmt: skip
    """Write an appeal or change one; the public sees it once it is published. Raises Refused or NotAllowed.

    texts: title and text by language (``{"ru": {"title": …, "text": …}}``), read instead of the first ones in that language; what is
    empty is read in the first ones. ``None`` leaves them as they are.
    """
    standing = standing_of(by.user, operation)
    kept = appeal or Appeal(operation=operation)
    if appeal is None:
        kept.stamp(by)
    else:
        require(standing, Action.CHANGE, appeal)
    kept.title, kept.text, kept.organisation = title.strip()[:200], text.strip(), organisation
    if texts is not None:
        kept.texts = _written(texts)
    require(standing, Action.ADD if appeal is None else Action.CHANGE, kept)
    if not kept.title:
        raise Refused({"title": _("Give the appeal a title.")})
    chosen = {line.pk for line in lines}
    fit = released(RequestLine.objects.filter(pk__in=chosen)).filter(request__operation=operation)
    allowed = set(fit.values_list("pk", flat=True))
    if chosen - allowed:
        raise Refused({"lines": _("Only needs that the requester released may stand in an appeal. Choose again.")})
    kept.slug = kept.slug or _free_slug(slug or kept.title)
    with acting(by):
        kept.save()
        kept.lines.set(chosen)
    return kept


@transaction.atomic
def publish_appeal(*, by: Actor, operation: Any, appeal: Appeal) -> Appeal:
    """Show it to the public; in an exercise to those who take part in it alone. Raises Refused or NotAllowed."""
    require(standing_of(by.user, operation), Action.CHANGE, appeal)
    if operation is None:
        raise Refused({"__all__": _("Choose an operation first: an appeal belongs to one.")})
    if not released(appeal.lines.all()).exists():
        raise Refused({"__all__": _("An appeal without needs says nothing. Choose its needs first.")})
    appeal.published_at, appeal.closed_at = appeal.published_at or timezone.now(), None
    with acting(by):
        appeal.save()
    return appeal


@transaction.atomic
def close_appeal(*, by: Actor, operation: Any, appeal: Appeal) -> Appeal:
    """Take it away from the public; published again, it is back."""
    require(standing_of(by.user, operation), Action.CHANGE, appeal)
    appeal.closed_at = timezone.now()
    with acting(by):
        appeal.save()
    return appeal


def _written(texts: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """What was written in each language that there is."""
    found = {}
    for language, _name in settings.LANGUAGES:
        own = texts.get(language, {})
        words = {"title": own.get("title", "").strip()[:200], "text": own.get("text", "").strip()[:MOST_WORDS]}
        if any(words.values()):
            found[language] = {name: word for name, word in words.items() if word}
    return found


def _free_slug(words: str) -> str:
    begin = slugify(words)[:50] or "appeal"
    taken = set(Appeal.objects.filter(slug__startswith=begin).values_list("slug", flat=True))
    number, slug = 1, begin
    while slug in taken:
        number += 1
        slug = f"{begin}-{number}"
    return slug
