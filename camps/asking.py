"""Turning a gap into a request for goods, through the ``needs`` socket; or into words to send, where nobody keeps requests."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from camps.assessing import SiteIndicator
from camps.indicator_words import indicator_gap_words, measured_words, number
from camps.models import Camp
from camps.refusals import Refused
from komek.extensions import Viewer
from komek.extensions.needs import NeedsPlug, needs
from komek.records.actor import Actor

MOST = 10_000_000


def who_takes_requests(viewer: Viewer, camp: Camp) -> NeedsPlug | None:
    """The plug through which this viewer may ask for goods for the site, if there is one."""
    return next((plug for plug in needs if plug.may_ask(viewer, camp.pk)), None)


def ask_for_gap(
    *, by: Actor, viewer: Viewer, gap: SiteIndicator, quantity: Decimal, wanted_by: date | None = None, note: str = ""
) -> str:
    """Ask for the item that closes a gap; the address of the request. The same gap asked twice is one request.

    Raises Refused, or what the plug raises.
    """
    plug = who_takes_requests(viewer, gap.camp)
    item = gap.standard.item
    if plug is None:
        raise Refused({"__all__": gettext_lazy("You may not ask for goods for this site. Send the text instead.")})
    if item is None:
        raise Refused({"__all__": gettext_lazy("The standard names no item that closes this gap.")})
    faults: dict[str, Any] = {}
    if not quantity.is_finite() or not 0 < quantity <= MOST:
        faults["quantity"] = gettext_lazy("Give how many are needed, more than 0.")
    if wanted_by is not None and wanted_by < timezone.localdate():
        faults["wanted_by"] = gettext_lazy("This day is past. Give the day by which it is needed.")
    if faults:
        raise Refused(faults)
    return plug.ask(
        by=by,
        operation=viewer.operation,
        site_id=gap.camp.pk,
        item_id=item.pk,
        quantity=quantity,
        unit=item.unit.symbol,
        note=note.strip() or words_for(gap),
        wanted_by=wanted_by,
        reference=reference_of(gap),
    )


def reference_of(gap: SiteIndicator) -> str:
    """Names the need: site, standard, and the measurement that showed it."""
    shown_by = gap.measurement.pk if gap.measurement is not None else "entry"
    return f"camps:{gap.camp.code}:{gap.standard.key}:{shown_by}"


def words_for(gap: SiteIndicator) -> str:
    """The gap as a message to copy: site, what is missing, and the figures it rests on with their days."""
    indicator = gap.indicator
    parts = [f"{gap.camp.name} ({gap.camp.code}): {indicator_gap_words(gap.standard, indicator)}."]
    if indicator.rule.counts_people and indicator.people is not None:
        parts.append(
            _("%(people)s people on %(day)s.")
            % {"people": number(indicator.people.value), "day": _day(indicator.people.at)}
        )
    if indicator.measured is not None:
        words = measured_words(gap.standard, indicator.measured.value)
        parts.append(
            _("%(what)s on %(day)s: %(value)s.")
            % {"what": gap.standard, "day": _day(indicator.measured.at), "value": words}
        )
    return " ".join(parts)


def _day(at: Any) -> str:
    return formats.date_format(timezone.localtime(at), "SHORT_DATE_FORMAT")
