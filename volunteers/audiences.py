"""Plug for ``audiences``: helpers who are checked in at a site now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from komek.accounts.authority import Action, may, standing_of, visible
from komek.accounts.models import User
from komek.extensions import Viewer
from volunteers.models import CheckIn

EVERYWHERE = "all"


class PresentAudience:
    key = "present"
    title = _("Helpers checked in")

    def groups(self, viewer: Viewer) -> Sequence[tuple[str, str]]:
        standing = standing_of(viewer.user, viewer.operation)
        if not may(standing, Action.VIEW, CheckIn):
            return ()
        sites = (
            self._present(viewer).order_by("site__name").values_list("site_id", "site__code", "site__name").distinct()
        )
        found = [(str(pk), f"{code} {name}") for pk, code, name in sites[:200]]
        return ((EVERYWHERE, str(_("at any site"))), *found) if found else ()

    def people(self, value: str, viewer: Viewer) -> Iterable[Any]:
        if value not in dict(self.groups(viewer)):
            return ()
        present = self._present(viewer)
        if value != EVERYWHERE:
            present = present.filter(site_id=int(value))
        return User.objects.filter(pk__in=present.values("user"))

    @staticmethod
    def _present(viewer: Viewer) -> Any:
        return visible(CheckIn.objects.filter(left_at=None), standing_of(viewer.user, viewer.operation))


PLUGS = [PresentAudience()]
