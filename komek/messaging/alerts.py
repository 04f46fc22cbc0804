"""Plug for ``alerts``: texts that wait for a person, texts that cannot leave, gateways that have fallen silent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from django.db.models import Count, Exists, Min, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from komek.accounts.authority import Action, may, standing_of, visible
from komek.extensions import Viewer
from komek.extensions.alerts import Alert
from komek.messaging.inbox import waiting
from komek.messaging.models import Correspondent, GatewayPace, Inbound, Outbox, State, WhyInbox

SILENT_AFTER = timedelta(hours=12)
NUMBER_SILENT_AFTER = timedelta(hours=24)
NUMBERS_NAMED = 5
LATE_AFTER = timedelta(minutes=10)


class TextAlerts:
    key = "messaging"
    title = gettext_lazy("Texts")

    def alerts(self, viewer: Viewer, limit: int) -> Sequence[Alert]:
        standing = standing_of(viewer.user, viewer.operation)
        if viewer.user is None or not may(standing, Action.VIEW, Inbound):
            return []
        found = [*_inbox(standing), *_not_leaving(standing), *_silent(standing), *_numbers_silent(standing)]
        return sorted(found, key=lambda alert: -alert.urgency)[:limit]


def _inbox(standing: Any) -> list[Alert]:
    counted = waiting(standing).aggregate(
        n=Count("pk"), since=Min("received_at"), calls=Count("pk", filter=Q(why=WhyInbox.DISTRESS))
    )
    if not counted["n"]:
        return []
    title = ngettext("%(n)d text waits for an answer", "%(n)d texts wait for an answer", counted["n"])
    detail = ""
    if counted["calls"]:
        sentence = ngettext("%(n)d may be a call for help", "%(n)d may be calls for help", counted["calls"])
        detail = sentence % {"n": counted["calls"]}
    urgency = 95 if counted["calls"] else 55
    address = reverse("messaging:inbox")
    return [
        Alert(
            "messaging.inbox", title % {"n": counted["n"]}, detail, address, _("Read them"), urgency, counted["since"]
        )
    ]


def _not_leaving(standing: Any) -> list[Alert]:
    late = visible(Outbox.objects.all(), standing).filter(
        state=State.QUEUED, attempts__gt=0, queued_at__lt=timezone.now() - LATE_AFTER
    )
    counted = late.aggregate(
        n=Count("pk"), since=Min("queued_at"), bare=Count("pk", filter=Q(error="no gateway is set"))
    )
    if not counted["n"]:
        return []
    title = ngettext("%(n)d text could not leave yet", "%(n)d texts could not leave yet", counted["n"])
    detail = _("No gateway is set up here, so texts wait.") if counted["bare"] else _("The gateway does not take them.")
    address = f"{reverse('messaging:outbox')}?state=queued"
    return [
        Alert(
            "messaging.waiting", title % {"n": counted["n"]}, detail, address, _("Look at them"), 60, counted["since"]
        )
    ]


def _silent(standing: Any) -> list[Alert]:
    """Gateways that brought texts until some hours ago: perhaps nobody writes, perhaps the way is cut."""
    if getattr(standing.operation, "is_exercise", False):
        return []
    now = timezone.now()
    quiet = GatewayPace.objects.filter(last_in_at__lt=now - SILENT_AFTER, last_in_at__gt=now - timedelta(days=7))
    return [
        Alert(
            f"messaging.silent.{pace.gateway}",
            _("Nothing came in through %(gateway)s for hours") % {"gateway": pace.gateway},
            _("Send a text to our number to see whether the way is open."),
            reverse("messaging:inbox"),
            _("Look at them"),
            45,
            pace.last_in_at,
        )
        for pace in quiet.exclude(gateway="simulator")
    ]


def _numbers_silent(standing: Any) -> list[Alert]:
    """Trusted numbers, such as those of sites, from which nothing has come for a day: somebody should call there."""
    if getattr(standing.operation, "is_exercise", False) or standing.operation is None:
        return []
    ours = visible(Inbound.objects.all(), standing).filter(sender=OuterRef("number"))
    quiet = Correspondent.objects.filter(
        Exists(ours), is_trusted=True, stopped_at=None, last_heard_at__lt=timezone.now() - NUMBER_SILENT_AFTER
    ).order_by("last_heard_at")
    found = list(quiet[:NUMBERS_NAMED])
    if not found:
        return []
    n = quiet.count()
    title = ngettext(
        "Nothing heard for a day from %(n)d trusted number", "Nothing heard for a day from %(n)d trusted numbers", n
    )
    numbers = ", ".join(one.number for one in found) + (", …" if n > len(found) else "")
    address = f"{reverse('messaging:inbox')}?view=all&q={quote(found[0].number)}"
    return [
        Alert(
            "messaging.numbers",
            title % {"n": n},
            numbers,
            address,
            _("See what they wrote"),
            50,
            found[0].last_heard_at,
        )
    ]


PLUGS = [TextAlerts()]
