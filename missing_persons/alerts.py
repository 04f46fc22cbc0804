"""Plug for the ``alerts`` socket: who is in danger, which deaths and children wait for a protection officer, what else waits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Min, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from komek.accounts.authority import Standing, standing_of, visible
from komek.extensions import Viewer
from komek.extensions.alerts import Alert
from missing_persons.filters import listed
from missing_persons.models import (
    Dispute,
    DisputeKind,
    DisputeState,
    Moderation,
    Note,
    PairState,
    PassedMessage,
    PassedState,
    Person,
    Report,
    Repository,
    SightingMatch,
    Status,
)
from missing_persons.pairs import open_pairs
from missing_persons.policies import is_protection_officer, sits_at_desk
from missing_persons.queue_pages import waiting

TOO_LONG = timedelta(hours=12)


class PersonAlerts:
    """One line for each kind of work, however much of it there is: its page lists it. No names on the desk."""

    key = "missing_persons"
    title = gettext_lazy("Missing persons")

    def alerts(self, viewer: Viewer, limit: int) -> Sequence[Alert]:
        standing = standing_of(viewer.user, viewer.operation)
        if not standing.signed_in or not standing.user.may_work or not sits_at_desk(standing):
            return []
        found = [
            *_objections(standing),
            *_of_officer(standing),
            *_queue(standing),
            *_contradictions(standing),
            *_feeds(standing),
        ]
        return sorted(found, key=lambda alert: -alert.urgency)[:limit]


def _line(
    key: str, rows: QuerySet[Any], moment: str, title: Any, detail: Any, url: str, action: Any, urgency: int
) -> list[Alert]:
    """The alert about these rows; none when there are none. title: from the number."""
    told = rows.order_by().aggregate(oldest=Min(moment))
    oldest: datetime | None = told["oldest"]
    if oldest is None:
        return []
    return [Alert(f"missing_persons.{key}", title(rows.count()), str(detail), url, action, urgency, oldest)]


def _objections(standing: Standing) -> list[Alert]:
    rows = visible(Dispute.objects.filter(state=DisputeState.OPEN), standing)
    danger, others = rows.filter(kind=DisputeKind.DANGER), rows.exclude(kind=DisputeKind.DANGER)
    url, action = reverse("missing_persons:disputes"), gettext_lazy("Decide")
    return [
        *_line(
            "danger", danger, "entered_at",
            lambda n: ngettext(
                "An entry is said to put somebody in danger", "%(n)d entries are said to put somebody in danger", n
            ) % {"n": n},
            _("Hidden until you decide."), url, action, 96,
        ),
        *_line(
            "objections", others, "entered_at",
            lambda n: ngettext("%(n)d objection to an entry", "%(n)d objections to entries", n) % {"n": n},
            _("Whoever is listed may not want to be."), url, action, 62,
        ),
    ]  # fmt: skip


def _of_officer(standing: Standing) -> list[Alert]:
    if not is_protection_officer(standing):
        return []
    held = waiting(standing, Report).filter(moderation=Moderation.HELD)
    children = listed(visible(Person.objects.filter(is_child_alone=True), standing))
    return [
        *_line(
            "held", held, "entered_at",
            lambda n: ngettext("%(n)d report is held for you", "%(n)d reports are held for you", n) % {"n": n},
            _("Deaths and children found alone. Nobody is told before you looked."),
            f"{reverse('missing_persons:waiting')}?held=1", gettext_lazy("Look at it"), 88,
        ),
        *_line(
            "held_notes", waiting(standing, Note).filter(moderation=Moderation.HELD), "entered_at",
            lambda n: ngettext("%(n)d note says that somebody died", "%(n)d notes say that somebody died", n) % {"n": n},
            _("Not verified, and told to nobody before you looked."),
            f"{reverse('missing_persons:waiting')}?held=1", gettext_lazy("Look at it"), 86,
        ),
        *_line(
            "children", children.exclude(status=Status.DEAD), "entered_at",
            lambda n: ngettext("%(n)d child found alone", "%(n)d children found alone", n) % {"n": n},
            _("Never shown to the public. Who looks after them, and who looks for them?"),
            f"{reverse('missing_persons:persons')}?is_child_alone=true", gettext_lazy("See who they are"), 70,
        ),
    ]  # fmt: skip


def _queue(standing: Standing) -> list[Alert]:
    reports = waiting(standing, Report).filter(moderation=Moderation.WAITING)
    is_late = reports.filter(entered_at__lt=timezone.now() - TOO_LONG).exists()
    pairs = visible(open_pairs(standing.operation), standing)
    messages = visible(PassedMessage.objects.filter(state=PassedState.WAITING), standing)
    seen = visible(SightingMatch.objects.filter(state=PairState.OPEN), standing)
    likeliest = seen.select_related("person").order_by("-score", "pk").first()
    first_seen = likeliest.person.get_absolute_url() if likeliest else ""
    notes = waiting(standing, Note).filter(moderation=Moderation.WAITING)
    oldest = messages.select_related("person").order_by("occurred_at", "pk").first()
    first_message = oldest.person.get_absolute_url() if oldest else ""
    return [
        *_line(
            "waiting", reports, "entered_at",
            lambda n: ngettext(
                "%(n)d report by the public waits to be looked at", "%(n)d reports by the public wait to be looked at", n
            ) % {"n": n},
            _("The public sees nothing of it before."), reverse("missing_persons:waiting"), gettext_lazy("Look at it"),
            60 if is_late else 44,
        ),
        *_line(
            "notes", notes, "entered_at",
            lambda n: ngettext("%(n)d note by the public waits", "%(n)d notes by the public wait", n) % {"n": n},
            _("Somebody may have seen a person who is looked for."), reverse("missing_persons:waiting"),
            gettext_lazy("Look at it"), 58,
        ),
        *_line(
            "pairs", pairs, "suggested_at",
            lambda n: ngettext("%(n)d pair may be one person", "%(n)d pairs may be one person", n) % {"n": n},
            _("A family may be waiting for this answer."), reverse("missing_persons:pairs"), gettext_lazy("Compare"), 52,
        ),
        *_line(
            "sightings", seen, "suggested_at",
            lambda n: ngettext(
                "%(n)d person looked for may be registered elsewhere", "%(n)d persons looked for may be registered elsewhere", n
            ) % {"n": n},
            _("Compare with the registration, and tell the family."), first_seen, gettext_lazy("Compare"), 66,
        ),
        *_line(
            "messages", messages, "occurred_at",
            lambda n: ngettext("%(n)d message waits to be passed on", "%(n)d messages wait to be passed on", n) % {"n": n},
            _("Read it to the person found, and write down the answer."),
            first_message, gettext_lazy("Open the person"), 56,
        ),
    ]  # fmt: skip


def _contradictions(standing: Standing) -> list[Alert]:
    rows = listed(visible(Person.objects.filter(status=Status.UNCLEAR), standing))
    return _line(
        "unclear", rows, "status_at",
        lambda n: ngettext(
            "Of %(n)d person a death and a later sighting are both verified",
            "Of %(n)d persons a death and a later sighting are both verified", n,
        ) % {"n": n},
        _("Their family must not be told anything before this is cleared."),
        f"{reverse('missing_persons:persons')}?status=unclear", gettext_lazy("Clear it"), 90,
    )  # fmt: skip


def _feeds(standing: Standing) -> list[Alert]:
    rows = visible(
        Repository.objects.filter(operation=standing.operation, is_pulled=True).exclude(problem=""), standing
    )
    return _line(
        "feeds", rows, "pulled_at",
        lambda n: ngettext("The feed of %(n)d other registry fails", "The feeds of %(n)d other registries fail", n) % {"n": n},
        _("What they learn does not come in."), reverse("missing_persons:pfif"), gettext_lazy("See why"), 40,
    )  # fmt: skip


PLUGS = [PersonAlerts()]
