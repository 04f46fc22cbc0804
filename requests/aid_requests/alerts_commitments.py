"""Alerts about promises: those about to lapse, and needs near whose deadline too little is promised."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aid_requests.alerts_steps import URGENCY
from aid_requests.models import Commitment, CommitmentState, Priority
from aid_requests.needed import held_by
from komek.accounts.authority import standing_of, visible
from komek.accounts.roles import MANAGERS
from komek.extensions import Viewer
from komek.extensions.alerts import Alert
from komek.supplies.models import plain
from orgs.policies import coordinates_everything

SOON = timedelta(hours=24)


class LapsingCommitments:
    """For who promised, for who answers for the request, and for coordinators of everything."""

    key = "requests.commitments"
    title = gettext_lazy("Promises")

    def alerts(self, viewer: Viewer, limit: int) -> Sequence[Alert]:
        standing = standing_of(viewer.user, viewer.operation)
        if not standing.signed_in or not standing.user.may_work:
            return []
        soon = Commitment.objects.filter(state=CommitmentState.OPEN, until__lt=timezone.now() + SOON)
        rows = visible(soon, standing).select_related("line__request__site", "line__item", "organisation")
        if not (standing.runs_installation or coordinates_everything(standing)):
            own = standing.organisation_ids(*MANAGERS, write=True)
            rows = rows.filter(Q(organisation__in=own) | Q(line__request__responsible__in=own))
        return [_alert(one) for one in rows.order_by("until", "pk")[:limit]]


def _alert(one: Commitment) -> Alert:
    request = one.line.request
    words: dict[str, Any] = {
        "quantity": plain(held_by(one)), "unit": one.line.unit, "line": one.line, "code": request.code,
        "who": one.title or str(one.organisation or one.get_source_display()),
    }  # fmt: skip
    return Alert(
        f"requests.lapsing.{one.pk}",
        _("A promise for %(code)s ends soon") % words,
        _("%(quantity)s %(unit)s %(line)s, promised by %(who)s, have not left yet.") % words,
        request.get_absolute_url(),
        gettext_lazy("Send it, prolong the promise, or give it back"),
        URGENCY[Priority(one.line.priority)] - 5,
        one.until,
    )  # fmt: skip


PLUGS = [LapsingCommitments()]
