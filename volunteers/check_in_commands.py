"""Texts by which helpers check in and out: ``IN C1143 3``, ``OUT``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from komek.accounts.authority import standing_of, visible
from komek.extensions.sms_commands import LastSeen, Reply
from komek.records.codes import has_shape_of_code, parse_code
from orgs.models import Site
from volunteers.check_ins import check_in, check_out, is_present, take_back
from volunteers.models import CheckIn
from volunteers.work.sms_commands import come_to_task, leave_tasks

EXAMPLE = "IN C1143 3"
LONGEST_STAY_H = 72


@dataclass(frozen=True)
class Came:
    """code: the site's. party: how many, the sender included. hours: until when they mean to stay; ``None`` when not said."""

    code: str
    party: int = 1
    hours: int | None = None


class InCommand:
    key = "IN"
    aliases: Mapping[str, Sequence[str]] = {
        "ru": ("ПРИБЫЛ", "ПРИБЫЛА", "ЗДЕСЬ"), "tk": ("GELDIM",), "uz": ("KELDIM",), "uz-cyrl": ("КЕЛДИМ",),
        "az": ("GƏLDİM",),
    }  # fmt: skip
    help = gettext_lazy("IN C1143 3 - you are at a site, 3 of you; IN C1143 3 8H: for 8 hours. When you leave: OUT")

    def parse(self, arguments: str) -> Came:
        """The site's code, how many, and for how many hours. Pure. Raises ValueError with a sentence."""
        words = arguments.split()
        taken = next((n for n in (1, 2) if len(words) >= n and has_shape_of_code("".join(words[:n]))), 0)
        if not taken:
            raise ValueError(_("At which site? Write its code: %(example)s") % {"example": EXAMPLE})
        code, party, hours = parse_code("".join(words[:taken]), "CWT"), 1, None
        for word in words[taken:]:
            found = re.fullmatch(r"(?P<number>\d{1,3})(?P<unit>[^\W\d_]*)\.?", word)
            if found is None:
                raise ValueError(
                    _("“%(word)s” is not understood. Write: %(example)s") % {"word": word[:20], "example": EXAMPLE}
                )
            if found["unit"]:
                hours = int(found["number"])
            else:
                party = int(found["number"])
        if hours is not None and not 1 <= hours <= LONGEST_STAY_H:
            raise ValueError(_("Give 1 to %(most)d hours, such as 8H.") % {"most": LONGEST_STAY_H})
        return Came(code, party, hours)

    def act(self, command: Came, by: Any) -> Reply:
        """Check in; who is at another site leaves that. With a task's code: they have begun to work on it."""
        if command.code.startswith("T"):
            return Reply(come_to_task(command.code, by))
        site = _site(command.code, by)
        until = by.occurred_at + timedelta(hours=command.hours) if command.hours else None
        made, left = check_in(
            by=by, operation=by.operation, site=site, party=command.party, at=by.occurred_at, until=until
        )
        words = {
            "site": f"{site.code} {site.name[:30]}", "party": made.party, "when": _hour(made.due_at),
            "left": left.site.code if left else "",
        }  # fmt: skip
        sentence = _("At %(site)s: %(party)d. Send OUT when you leave, by %(when)s.") % words
        if left is not None:
            sentence = f"{sentence} {_('You have left %(left)s.') % words}"
        return Reply(sentence, site.code, {"check_in": made.pk})

    def last_seen(self, by: Any) -> LastSeen | None:
        """Where the sender checked in last, for a day at most and unless they have left."""
        if by.user is None:
            return None
        newest = CheckIn.objects.filter(
            user=by.user, operation=by.operation, left_at=None, occurred_at__gt=timezone.now() - timedelta(days=1)
        )
        found = newest.select_related("site").order_by("-occurred_at").first()
        if found is None:
            return None
        return LastSeen(f"{found.site.code} {found.site.name}", found.site.location, found.occurred_at)

    def undo(self, memo: Mapping[str, Any], by: Any) -> str:
        """Take the check-in back."""
        found = CheckIn.objects.filter(pk=memo.get("check_in")).select_related("site").first()
        if found is None:
            raise ValidationError(_("This check-in is not yours, or it is gone."))
        take_back(by=by, operation=by.operation, check_in=found)
        return _("You are not checked in at %(site)s.") % {"site": found.site.code}


class OutCommand:
    key = "OUT"
    aliases: Mapping[str, Sequence[str]] = {
        "ru": ("УБЫЛ", "УБЫЛА", "УШЕЛ", "УШЛА"), "tk": ("GITDIM",), "uz": ("KETDIM",), "uz-cyrl": ("КЕТДИМ",),
        "az": ("GETDİM",),
    }  # fmt: skip
    help = gettext_lazy("OUT - you leave the site you are at.")

    def parse(self, arguments: str) -> None:
        """Takes nothing, or the site's code. Raises ValueError: "out of water" is no leaving."""
        words = arguments.strip(" .!").split()
        if len(words) > 2 or (words and not has_shape_of_code("".join(words))):
            raise ValueError(_("If you leave, write OUT alone."))

    def act(self, command: None, by: Any) -> str:
        """Check out; what they worked on is finished with it."""
        done = ", ".join(f"{row.task.code} ({row.hours} h)" for row in leave_tasks(by))
        if done and not is_present(by.user, by.operation):
            return _("Finished: %(tasks)s. Thank you.") % {"tasks": done}
        left = check_out(by=by, operation=by.operation, at=by.occurred_at)
        assert left.left_at is not None
        words = {
            "site": f"{left.site.code} {left.site.name[:30]}",
            "from": _hour(left.occurred_at),
            "to": _hour(left.left_at),
        }
        return _("You have left %(site)s (%(from)s-%(to)s). Thank you.") % words


def _hour(moment: Any) -> str:
    return formats.date_format(timezone.localtime(moment), "TIME_FORMAT")


def _site(code: str, by: Any) -> Site:
    if by.user is None:
        raise ValidationError(_("Your number is not known here yet. Ask your coordinator for a code and send JOIN."))
    found = visible(Site.objects.all(), standing_of(by.user, by.operation)).filter(code=code).first()
    if found is None:
        raise ValidationError(_("No site here has the code %(code)s.") % {"code": code})
    return found


CHECK_INS = [InCommand(), OutCommand()]
