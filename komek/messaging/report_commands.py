"""Plugs for ``sms_commands``: calls for help (SOS) and reports of trouble (REP)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from komek.extensions.intake import Report, TakesReports, intake
from komek.extensions.sms_commands import Reply
from komek.messaging.models import Inbound, InboundLine, InboundState, WhyInbox
from komek.messaging.report_words import KINDS, Reported, read_report
from komek.messaging.whereabouts import Whereabouts, place_at_start

LONGEST_NAME = 40


class SosCommand:
    """A call for help. It is never refused, whatever it says and whoever sends it; a person reads it before all else."""

    key = "SOS"
    aliases: Mapping[str, Sequence[str]] = {
        "ru": ("СОС", "СПАСИТЕ"), "tk": ("HALAS",), "uz": ("QUTQARING",), "uz-cyrl": ("ҚУТҚАРИНГ",), "az": ("XİLAS",),
    }  # fmt: skip
    help = gettext_lazy(
        "SOS and where you are, such as: SOS Tejen bridge, water rises - a coordinator reads it at once."
    )
    is_distress = True
    goes_on = True

    def parse(self, arguments: str) -> str:
        """Everything that was written. Pure; raises nothing."""
        return arguments.strip()

    def act(self, command: str, by: Any) -> Reply:
        """Say that it came, whom to call, and where we think the sender is."""
        place = place_at_start(command, by=by)
        call = _("In danger? Call %(number)s.") % {"number": settings.EMERGENCY_NUMBER}
        said = f"{call} {_('A coordinator reads your text now.')} {_said_of(place)}"
        return Reply(said, memo=_kept(place))


class ReportCommand:
    """A report of trouble. It becomes a record where a registry takes reports, and waits in the inbox where none does."""

    key = "REP"
    aliases: Mapping[str, Sequence[str]] = {
        "en": ("REPORT", "INCIDENT"), "ru": ("СООБЩАЮ", "ПРОИСШЕСТВИЕ"), "tk": ("HABAR",), "uz": ("XABAR",),
        "uz-cyrl": ("ХАБАР",), "az": ("XƏBƏR",),
    }  # fmt: skip
    help = gettext_lazy(
        "REP Tejen flood 4 two houses - where, what, how bad from 1 to 5, and your words. In danger yourself: SOS"
    )
    goes_on = True

    def parse(self, arguments: str) -> Reported:
        """Raises ValueError when nothing is said."""
        if not any(letter.isalpha() for letter in arguments):
            raise ValueError(_("Write where, what and how bad, such as: REP Tejen flood 4 two houses"))
        return read_report(arguments)

    def act(self, command: Reported, by: Any) -> Reply:
        """Keep it, and say what was understood."""
        place = place_at_start(command.before or command.words, by=by)
        if command.before and not place.is_known:
            place = Whereabouts(words=command.before)
        words = " ".join(part for part in (place.rest if command.before else "", command.words) if part)
        report = Report(
            command.kind or "other",
            command.severity,
            place.name or place.words,
            place.point,
            place.how,
            words,
            by.reference,
        )
        told = _told(command, place)
        for plug in intake:
            if isinstance(plug, TakesReports):
                made = plug.take_report(by=by, operation=by.operation, report=report)
                return Reply(f"{made.reference}: {told}", made.reference, {"plug": plug.key, "made": made.reference})
        reference = "REP" + by.reference.removeprefix("sms:").replace(":", "-").removesuffix("-1")
        memo = {"kind": report.kind, "severity": report.severity, "line": by.reference, **_kept(place)}
        return Reply(f"{reference}: {told}", reference, memo, waits_as=WhyInbox.REPORT)

    def undo(self, memo: Mapping[str, Any], by: Any) -> str:
        """Take a report back until somebody has taken it up. Raises ValidationError."""
        plug = intake.get(memo.get("plug", ""))
        if plug is not None and isinstance(plug, TakesReports):
            return plug.take_back_report(by=by, reference=memo["made"])
        pk = str(memo.get("line", "")).removeprefix("sms:").split(":")[0]
        text = Inbound.objects.select_for_update(of=("self",)).filter(pk=int(pk) if pk.isdigit() else 0).first()
        if text is None or text.state == InboundState.HANDLED or text.claimed_by_id is not None:
            raise ValidationError(_("Somebody works on your report already. Write what has changed."))
        others = InboundLine.objects.filter(inbound=text, undone_at=None).exclude(memo__line=memo["line"])
        if text.why == WhyInbox.REPORT and not others.filter(verb=self.key).exists():
            text.state, text.handled_at, text.outcome = (
                InboundState.HANDLED,
                timezone.now(),
                _("taken back by its sender"),
            )
            text.save(update_fields=["state", "handled_at", "outcome"])
        return _("Your report is taken back.")


def _kept(place: Whereabouts) -> dict[str, Any]:
    """What is kept of a place with the line, for whoever reads it."""
    kept: dict[str, Any] = {"place": place.name or place.words, "how": place.how, "others": list(place.others)}
    if place.point is not None:
        kept["point"] = [round(place.point.x, 6), round(place.point.y, 6)]
    return kept


def _said_of(place: Whereabouts) -> str:
    if place.how == "check-in":
        return _("We take it that you are at %(place)s. If not, write where.") % {"place": place.name[:LONGEST_NAME]}
    if place.is_known:
        return _("Place: %(place)s.") % {"place": place.name[:LONGEST_NAME]}
    return _("Write where you are.")


def _told(report: Reported, place: Whereabouts) -> str:
    kind = str(KINDS[report.kind or "other"])
    what = _("%(kind)s, %(severity)d of 5") % {"kind": kind, "severity": report.severity} if report.severity else kind
    where = _said_of(place) if place.is_known or not place.words else _("Place as you wrote it: %(place)s.") % {
        "place": place.words[:LONGEST_NAME]
    }  # fmt: skip
    return f"{what}. {where} {_('A coordinator reads it.')}"


REPORTS = [SosCommand(), ReportCommand()]
