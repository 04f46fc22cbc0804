"""Plug for ``alerts``: accounts that wait for approval."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from komek.accounts.authority import Action, may, standing_of
from komek.accounts.models import User
from komek.extensions import Viewer
from komek.extensions.alerts import Alert
from komek.records.models import Approval


class AccountAlerts:
    key = "accounts"
    title = _("Accounts")

    def alerts(self, viewer: Viewer, limit: int) -> Sequence[Alert]:
        if viewer.user is None or not may(standing_of(viewer.user, viewer.operation), Action.APPROVE, User):
            return []
        waiting = User.objects.filter(approval=Approval.PENDING, is_active=True)
        count = waiting.count()
        if not count:
            return []
        title = ngettext("%(n)d account waits for approval", "%(n)d accounts wait for approval", count) % {"n": count}
        since = waiting.order_by("created_at").values_list("created_at", flat=True).first()
        return [Alert("accounts.waiting", title, "", reverse("accounts_waiting"), _("Look at them"), 50, since)][:limit]


PLUGS = [AccountAlerts()]
