"""Telling people by e-mail what changed in the lists they subscribed to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import send_mail
from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from django.urls import resolve, reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from komek.accounts.authority import Action, may, standing_of
from komek.web.lists import ListPage
from komek.web.models import Pace, Subscription

SHOWN = 20


def send_due(now: datetime | None = None) -> int:
    """Send every digest that is due and has something to tell; returns how many were sent."""
    now = now or timezone.now()
    due = Subscription.objects.filter(pace=Pace.AT_ONCE) | Subscription.objects.filter(
        pace=Pace.DAILY, told_until__lte=now - timedelta(days=1)
    )
    return sum(_send(subscription, now) for subscription in due.select_related("view__owner", "view__operation"))


def changed_rows(subscription: Subscription, now: datetime) -> QuerySet[object] | None:
    """Rows of the view that changed since the owner was last told, as the owner may see them today."""
    view = subscription.view
    page_class: type[ListPage] | None = getattr(resolve(view.path).func, "view_class", None)
    if page_class is None or not issubclass(page_class, ListPage):
        return None
    request = HttpRequest()
    request.method, request.path = "GET", view.path
    request.GET = QueryDict(view.query)
    request.user = view.owner
    request.operation = view.operation  # type: ignore[attr-defined]
    page = page_class()
    page.request, page.standing = request, standing_of(view.owner, view.operation)
    if not may(page.standing, Action.VIEW, page_class.model):
        return None
    return page.matching(request).filter(updated_at__gt=subscription.told_until, updated_at__lte=now)


def _send(subscription: Subscription, now: datetime) -> int:
    view = subscription.view
    rows = changed_rows(subscription, now)
    if rows is None or not view.owner.email:
        return 0
    total = rows.count()
    Subscription.objects.filter(pk=subscription.pk).update(told_until=now)
    if not total:
        return 0
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
    return 1


def _address(row: object) -> str:
    address: Callable[[], str] | None = getattr(row, "get_absolute_url", None)
    return address() if address else ""
