"""Plug for ``audiences``: everybody with a role in the operation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from komek.accounts.authority import standing_of
from komek.accounts.models import User
from komek.accounts.roles import Role
from komek.extensions import Viewer
from komek.records.models import Approval
from orgs.models import Membership
from orgs.policies import coordinates_everything

EVERYBODY = "all"


class RoleAudience:
    key = "roles"
    title = _("By role")

    def groups(self, viewer: Viewer) -> Sequence[tuple[str, str]]:
        if viewer.user is None or not coordinates_everything(standing_of(viewer.user, viewer.operation)):
            return ()
        everybody = (EVERYBODY, str(_("everybody who works in this operation")))
        return (everybody, *((role.value, str(role.label)) for role in Role))

    def people(self, value: str, viewer: Viewer) -> Iterable[Any]:
        if value not in dict(self.groups(viewer)):
            return ()
        held = Membership.objects.filter(approval=Approval.APPROVED)
        if getattr(viewer.operation, "is_exercise", False):
            held = held.filter(operation=viewer.operation)
        else:
            held = held.filter(Q(operation=None) | Q(operation=viewer.operation))
        if value != EVERYBODY:
            held = held.filter(role=value)
        return User.objects.filter(pk__in=held.values("user"), is_active=True)


PLUGS = [RoleAudience()]
