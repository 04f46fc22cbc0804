"""Who gives, as far as the viewer may know."""

from __future__ import annotations

from django.utils.translation import gettext as _

from komek.accounts.authority import Standing
from volunteers.models import Pledge
from volunteers.policies import handles


def donor_of(pledge: Pledge) -> str:
    """The donor's name, for those who handle the pledge; in words when there is none."""
    return str(pledge.donor) if pledge.donor_id else pledge.donor_name or str(pledge.get_donor_kind_display())


def is_named(pledge: Pledge) -> bool:
    """Whether everybody may know who gives: they agreed to it, and are not anonymous."""
    return pledge.is_public and not pledge.is_anonymous


def donor_shown(pledge: Pledge, standing: Standing) -> str:
    """The donor's name where the viewer may know it, else ``anonymous donor``."""
    if is_named(pledge) or handles(standing, pledge):
        return donor_of(pledge)
    return _("anonymous donor")
