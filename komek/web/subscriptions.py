"""Telling people by e-mail what changed in the lists they subscribed to."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import send_mail
from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from komek.accounts.authority import Action, may, standing_of
from komek.web.lists import ListPage
from komek.web.models import Pace, Subscription

SHOWN = 20
# A change is dated when it is made and seen when its transaction ends: an import's last chunk may be that much behind.
SETTLED_AFTER = timedelta(seconds=30)

log = logging.getLogger(__name__)


def list_page_at(path: str) -> type[ListPage] | None:
    """The list that lives at this address of ours, if one does."""
    try:
        found = getattr(resolve(path).func, "view_class", None)
    except Resolver404:
        return None
    return found if found is not None and issubclass(found, ListPage) else None


def send_due(now: datetime | None = None) -> int:
    """Send every digest that is due and has something to tell; returns how many were sent.

    One that cannot be sent is tried again next time, with all it had to tell, and holds up no other.
    """
    now = now or timezone.now()
    due = Subscription.objects.filter(pace=Pace.AT_ONCE) | Subscription.objects.filter(
        pace=Pace.DAILY, told_until__lte=now - timedelta(days=1)
    )
    sent = 0
    for subscription in due.select_related("view__owner", "view__operation"):
        try:
            sent += _send(subscription, now - SETTLED_AFTER)
        except OSError:  # the mail server refuses or is away; smtplib's errors are of this kind
            log.warning("the digest of subscription %s could not be sent", subscription.pk, exc_info=True)
    return sent


def changed_rows(subscription: Subscription, until: datetime) -> QuerySet[object] | None:
    """Rows of the view that changed since the owner was last told, as the owner may see them today."""
    view = subscription.view
    page_class = list_page_at(view.path)
    if page_class is None:
        return None
    request = HttpRequest()
    request.method, request.path = "GET", view.path
    request.GET = QueryDict(view.query)
    request.user = view.owner
    request.operation = view.operation  # type: ignore[attr-defined]
    request.session = {}  # type: ignore[assignment]
    page = page_class()
    page.request, page.standing = request, standing_of(view.owner, view.operation)
    if not may(page.standing, Action.VIEW, page_class.model):
        return None
    return page.matching(request).filter(updated_at__gt=subscription.told_until, updated_at__lte=until)


def _send(subscription: Subscription, until: datetime) -> int:
    view = subscription.view
    rows = changed_rows(subscription, until)
    if rows is None or not view.owner.email:
        return 0
    total = rows.count()
    if total:
        _mail(subscription, rows, total)
    # Only now: a crash in between tells twice, never not at all.
    Subscription.objects.filter(pk=subscription.pk).update(told_until=until)
    return 1 if total else 0


def _mail(subscription: Subscription, rows: QuerySet[object], total: int) -> None:
    view = subscription.view
    with translation.override(view.owner.language):
        mark = _("EXERCISE") + ": " if view.operation and view.operation.is_exercise else ""
        lines = [
            ngettext("%(n)d record changed in “%(view)s”:", "%(n)d records changed in “%(view)s”:", total)
            % {"n": total, "view": view.name},
            "",
            *(f"- {row}: {settings.PUBLIC_URL}{_address(row)}" for row in rows[:SHOWN]),
            "",
            f"{settings.PUBLIC_URL}{view.get_absolute_url()}",
            "",
            _("To stop these e-mails: %(address)s")
            % {"address": settings.PUBLIC_URL + reverse("unsubscribe", args=[subscription.key])},
        ]
        send_mail(f"{mark}Komek: {view.name}", "\n".join(lines), None, [view.owner.email])


def _address(row: object) -> str:
    address: Callable[[], str] | None = getattr(row, "get_absolute_url", None)
    return address() if address else ""
