"""Who gives, as far as the viewer may know."""

from __future__ import annotations

from typing import Any

from django.db.models import Case, Q, QuerySet, Value, When
from django.utils.translation import gettext as _

from komek.accounts.authority import Standing
from volunteers.models import Pledge
from volunteers.policies import HANDLERS, decides, handles


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


def nameable(standing: Standing) -> Q:
    """Pledges of which this standing may know who gives; empty: of all."""
    return Q() if decides(standing) else Q(is_public=True, is_anonymous=False) | mine(standing)


def mine(standing: Standing) -> Q:
    """Pledges that this standing handles because they are its organisation's or were written down by it; empty: none."""
    if not standing.signed_in:
        return Q()
    return Q(donor__in=standing.organisation_ids(*HANDLERS, write=True)) | Q(entered_by=standing.user)


def with_names(queryset: QuerySet[Any], standing: Standing) -> QuerySet[Any]:
    """The rows, each with ``may_be_named`` (this standing may know who gives) and ``may_be_reached`` (and how to reach them)."""
    known = nameable(standing)
    if not known:
        return queryset.annotate(may_be_named=Value(True), may_be_reached=Value(True))
    reached = mine(standing)
    return queryset.annotate(
        may_be_named=Case(When(known, then=Value(True)), default=Value(False)),
        may_be_reached=Case(When(reached, then=Value(True)), default=Value(False)) if reached else Value(False),
    )


def donor_of_row(row: Any) -> str:
    """As ``donor_shown``, for a row of ``with_names``."""
    return donor_of(row) if row.may_be_named else _("anonymous donor")


def public_title(pledge: Pledge) -> str:
    """The offer in words that everybody with an account may read: the donor only where they agreed to it."""
    donor = donor_of(pledge) if is_named(pledge) else _("anonymous donor")
    return _("%(what)s, pledged by %(donor)s (%(code)s)") % {
        "what": pledge.what, "donor": donor, "code": pledge.code,
    }  # fmt: skip
