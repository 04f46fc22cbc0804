"""Plug for the ``needs`` socket: camps and hospitals that find a gap ask for what closes it."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aid_requests.asking import submit_request
from aid_requests.lines import LineDraft
from aid_requests.models import AidRequest, NotifyBy
from aid_requests.refusals import Refused
from komek.accounts.authority import Action, may, require, standing_of, visible
from komek.extensions import Viewer
from komek.supplies.models import Item
from orgs.models import Opening, Site


class RequestsNeeds:
    key = "requests"
    title = gettext_lazy("Requests")

    def may_ask(self, viewer: Viewer, site_id: int) -> bool:
        standing = standing_of(viewer.user, viewer.operation)
        if not may(standing, Action.ADD, AidRequest):
            return False
        return visible(Site.objects.filter(pk=site_id).exclude(opening=Opening.CLOSED), standing).exists()

    def ask(
        self, *, by: Any, operation: Any, site_id: int, item_id: int, quantity: Decimal, unit: str, note: str,
        wanted_by: date | None, reference: str,
    ) -> str:  # fmt: skip
        standing = standing_of(by.user, operation)
        require(standing, Action.ADD, AidRequest)
        site = visible(Site.objects.select_related("organisation", "area"), standing).filter(pk=site_id).first()
        if site is None:
            raise Refused({"site": _("This site is not in the operation you work in.")})
        item = Item.objects.select_related("unit").filter(pk=item_id).first()
        if item is None:
            raise Refused({"item": _("The catalogue has no such item.")})
        line = LineDraft(quantity, item=item, unit=unit, wanted_by=end_of(wanted_by))
        request = submit_request(
            by=by, operation=operation, lines=[line], reference=reference, confirmed=True, site=site,
            asked_by=site.organisation, purpose=note, **contact_of(by.user),
        )  # fmt: skip
        return request.get_absolute_url()


def end_of(day: date | None) -> datetime | None:
    """The last minute of a day where the installation is."""
    return None if day is None else timezone.make_aware(datetime.combine(day, time(23, 59)))


def contact_of(user: Any) -> dict[str, Any]:
    """How somebody with an account is told what becomes of what they ask: by e-mail, else by SMS to a verified phone."""
    if not getattr(user, "pk", None):
        return {}
    contact = {"reporter_name": user.name, "reporter_language": user.language, "reporter_email": user.email or ""}
    if user.phone and user.phone_verified:
        contact["reporter_phone"] = user.phone
    if user.email:
        return {**contact, "notify_by": NotifyBy.EMAIL}
    return {**contact, "notify_by": NotifyBy.SMS} if "reporter_phone" in contact else contact


PLUGS = [RequestsNeeds()]
