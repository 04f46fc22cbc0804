"""The list of pledges, the newest first, with bulk answers."""

from __future__ import annotations

from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from komek.supplies.models import plain
from komek.web.lists import BulkAction, Column, ListPage
from komek.web.templatetags.komek import ago, quantity
from volunteers import life_cycle
from volunteers.bulk_answers import bulk_answer
from volunteers.filters import PledgeFilter
from volunteers.models import Pledge, PledgeState
from volunteers.names import donor_of_row, with_names
from volunteers.policies import decides

STATE_BADGES = {
    PledgeState.PLEDGED: "badge-warn", PledgeState.RECEIVED: "badge-ok", PledgeState.USED: "badge-ok",
}  # fmt: skip


def what_cell(row: Pledge) -> SafeString:
    """What is offered, leading to the pledge; what is kept or not in the catalogue says so."""
    kept = format_html(' <span class="badge">{}</span>', _("kept for later")) if row.is_kept else ""
    return format_html('<a href="{}">{}</a>{}', row.get_absolute_url(), row.what, kept)


def state_cell(row: Pledge) -> SafeString:
    badge = STATE_BADGES.get(PledgeState(row.state), "")
    return format_html('<span class="badge {}">{}</span>', badge, row.get_state_display())


def place_of(row: Pledge) -> str:
    """Where it is, in words."""
    return str(row.site or "") or row.landmark or str(row.area or "")


def _answer(key: str, title: Any, function: Any) -> BulkAction:
    return bulk_answer(key, title, function, record="pledge", may=decides)


class PledgeList(ListPage):
    key = "volunteers.pledge"
    model = Pledge
    title = gettext_lazy("Pledges")
    filterset_class = PledgeFilter
    default_sort = "-offered"
    exchange_key = "volunteers.pledge"
    add_url_name = "volunteers:pledge_add"
    add_title = gettext_lazy("Write down a pledge")
    empty_text = gettext_lazy(
        "What people, companies, organisations, government bodies and camps offer: goods, money, services, transport, "
        "shelter space, people."
    )
    template_name = "volunteers/pledge_list.html"
    pages_to = 5_000
    actions = (
        _answer("accept", gettext_lazy("Accept"), life_cycle.accept),
        _answer("keep", gettext_lazy("Keep for later"), life_cycle.keep_for_later),
        _answer("thank", gettext_lazy("Thank"), life_cycle.thank),
    )
    columns = (
        Column("what", gettext_lazy("What is offered"), "what", sort=("item__name", "description"), cell=what_cell),
        Column("code", gettext_lazy("Code"), "code", sort=("code",), nowrap=True),
        Column("quantity", gettext_lazy("Pledged"), lambda row: plain(row.quantity), sort=("quantity",), numeric=True,
               cell=lambda row: quantity(row.quantity)),
        Column("unit", gettext_lazy("Unit"), "unit"),
        Column("received", gettext_lazy("Received"), lambda row: plain(row.received), sort=("received",), numeric=True,
               cell=lambda row: quantity(row.received)),
        Column("state", gettext_lazy("State"), "state", sort=("state",), cell=state_cell),
        Column("donor", gettext_lazy("Donor"), donor_of_row),
        Column("place", gettext_lazy("Where"), place_of),
        Column("valid_to", gettext_lazy("Until"), "valid_to", sort=("valid_to",), nowrap=True),
        Column("offered", gettext_lazy("Offered"), "occurred_at", sort=("occurred_at",), nowrap=True,
               cell=lambda row: ago(row.occurred_at)),
        Column("kind", gettext_lazy("Kind"), "kind", sort=("kind",), default=False),
        Column("donor_kind", gettext_lazy("Donor is"), "donor_kind", sort=("donor_kind",), default=False),
        Column("valid_from", gettext_lazy("From"), "valid_from", sort=("valid_from",), nowrap=True, default=False),
        Column("conditions", gettext_lazy("Conditions"), "conditions", default=False),
        Column("since", gettext_lazy("In this state"), "state_since", sort=("state_since",), nowrap=True, default=False,
               cell=lambda row: ago(row.state_since) if row.state_since else ""),
        Column("thanked", gettext_lazy("Thanked"), "thanked_at", sort=("thanked_at",), nowrap=True, default=False),
        Column("area", gettext_lazy("Area"), lambda row: str(row.area or ""), sort=("area__name",), default=False),
        Column("channel", gettext_lazy("Channel"), "channel", default=False),
    )  # fmt: skip

    def queryset(self) -> Any:
        rows = Pledge.objects.select_related("item", "donor", "site", "area")
        return with_names(rows.defer("area__geometry", "search_key"), self.standing)
