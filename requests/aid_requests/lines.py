"""Lines of a request: what is asked for, how much, by when. And what a request takes over from its lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from aid_requests.models import ENDED_RANK, AidRequest, LineKind, Priority, RequestLine
from aid_requests.needed import promised_to
from aid_requests.quantities import base_quantity, question_about
from aid_requests.refusals import NeedsConfirmation, Refused
from aid_requests.steps import ENDED
from komek.accounts.authority import Action, require, standing_of
from komek.records.actor import Actor, acting
from komek.supplies.models import Item, plain
from orgs.models import Sector

MOST_LINES = 100


@dataclass(frozen=True)
class LineDraft:
    """One line as it is asked for.

    quantity: of ``unit``, which is a unit's or pack's name; empty for the item's base unit. Without an item,
    ``description`` (or ``skill``, for people) says what is needed and the unit stays as it was said. pk: of the line
    that this changes. wanted_by: aware.
    """

    quantity: Decimal
    item: Item | None = None
    description: str = ""
    skill: str = ""
    kind: str = LineKind.GOODS
    unit: str = ""
    priority: str = Priority.NORMAL
    wanted_by: datetime | None = None
    people: int | None = None
    sector: Sector | None = None
    pk: int | None = None


def set_lines(request: AidRequest, drafts: Sequence[LineDraft], *, confirmed: bool) -> list[RequestLine]:
    """Make the request's lines what ``drafts`` say, in their order. Within the caller's transaction and ``acting``.

    A line that is left out goes, unless something came for it or is promised. Raises Refused, or NeedsConfirmation for a
    quantity that is unlikely.
    """
    if len(drafts) > MOST_LINES:
        raise Refused({"lines": _("A request takes %(most)s lines. Make two requests.") % {"most": MOST_LINES}})
    kept = {line.pk: line for line in request.lines.all()} if request.pk else {}
    made, questions = [], []
    for order, draft in enumerate(drafts):
        line = kept.pop(draft.pk, None) if draft.pk is not None else None
        line, question = _line_from(line or RequestLine(request=request), draft, order)
        made.append(line)
        if question:
            questions.append(question)
    if questions and not confirmed:
        raise NeedsConfirmation(" ".join(questions))
    for line in kept.values():
        _take_away(line)
    for line in made:
        line.save()
    return made


def refresh(request: AidRequest) -> None:
    """Take over from its lines what sorts and names a request: priority, nearest deadline, title. Saves nothing."""
    lines = list(request.lines.select_related("item"))
    pressing = [line for line in lines if line.is_open] or lines
    request.priority = min(
        (Priority(line.priority) for line in pressing), key=lambda p: p.rank, default=Priority.NORMAL
    )
    request.rank = rank_of(request)
    request.wanted_by = min((line.wanted_by for line in pressing if line.wanted_by), default=None)
    if not request.title or request.title == _short(lines, request.title):
        request.title = _short(lines, "")


def rank_of(request: AidRequest) -> int:
    """Where the request stands among others: open ones by priority, then those that ended."""
    return Priority(request.priority).rank + (ENDED_RANK if request.state in ENDED else 0)


def in_words(line: RequestLine) -> str:
    """The line as people say it: ``200 pcs blankets``."""
    return " ".join(filter(None, (plain(line.quantity), line.unit, str(line))))


@transaction.atomic
def close_line(*, by: Actor, operation: Any, line: RequestLine) -> RequestLine:
    """Nothing more is needed of this line, whatever came. What is promised to it goes back to who promised."""
    from aid_requests.endings import goods_first, line_ended
    from aid_requests.life_cycle import locked_request

    require(standing_of(by.user, operation), Action.CHANGE, line.request)
    goods_first(request=line.request, line=line)
    locked_request(line.request)
    with acting(by):
        line.is_open = False
        line.save(update_fields=["is_open", "updated_at"])
        line_ended(by=by, line=line, reason=by.reason)
        _refresh_and_save(line.request)
    return line


@transaction.atomic
def open_line(*, by: Actor, operation: Any, line: RequestLine) -> RequestLine:
    """A closed line is needed again."""
    require(standing_of(by.user, operation), Action.CHANGE, line.request)
    with acting(by):
        line.is_open = True
        line.save(update_fields=["is_open", "updated_at"])
        _refresh_and_save(line.request)
    return line


@transaction.atomic
def name_item(*, by: Actor, operation: Any, line: RequestLine, item: Item) -> RequestLine:
    """Say which item of the catalogue a line in free words means; its words stay. Raises Refused when the unit does not fit."""
    require(standing_of(by.user, operation), Action.CHANGE, line.request)
    if line.item_id is not None:
        raise Refused({"item": _("This line names an item already.")})
    if line.commitments.exists() or line.receipts.exists():
        raise Refused(
            {"item": _("Something was promised or came in this line's own unit. Ask for the rest in a new line.")}
        )
    line.quantity, line.unit = base_quantity(item, line.quantity, line.unit)
    line.item = item
    with acting(by):
        line.save()
        _refresh_and_save(line.request)
    return line


def _refresh_and_save(request: AidRequest) -> None:
    refresh(request)
    request.save(update_fields=["priority", "rank", "wanted_by", "title", "updated_at"])


def _line_from(line: RequestLine, draft: LineDraft, order: int) -> tuple[RequestLine, str]:
    """The line filled in, and a question when it is unlikely. Raises Refused, naming the line."""
    try:
        quantity, unit = base_quantity(draft.item, draft.quantity, draft.unit)
        check_line(line, draft, quantity)
    except Refused as refusal:
        sentences = {name: " ".join(errors) for name, errors in refusal.message_dict.items()}
        raise LineRefused(order, sentences) from refusal
    line.order, line.kind, line.item, line.quantity, line.unit = order, LineKind(draft.kind), draft.item, quantity, unit
    line.description, line.skill = draft.description.strip()[:300], draft.skill.strip()[:100]
    line.sector, line.priority = draft.sector, Priority(draft.priority)
    line.wanted_by, line.people = draft.wanted_by, draft.people
    people = draft.people or line.request.people
    return line, question_about(line.kind, line.item, quantity, unit, people)


class LineRefused(Refused):
    """A rule about one line says no. ``order``: which line, from 0; ``sentences``: by the line's fields."""

    def __init__(self, order: int, sentences: dict[str, str]) -> None:
        self.order, self.sentences = order, sentences
        words = _("Line %(number)s: %(sentence)s") % {"number": order + 1, "sentence": " ".join(sentences.values())}
        super().__init__({"lines": words})


def check_line(line: RequestLine, draft: LineDraft, quantity: Decimal) -> None:
    """Raise Refused, by field, for a draft of ``line`` that breaks a rule. quantity: in the item's base unit."""
    faults: dict[str, Any] = {}
    if draft.item is None and not draft.description.strip() and not draft.skill.strip():
        faults["item"] = _("Say what is needed: choose an item, or write it in your own words.")
    if draft.item is not None and not draft.item.is_active and line.item_id != draft.item.pk:
        faults["item"] = _("%(item)s is not used any more. Choose another item.") % {"item": draft.item}
    if draft.people is not None and draft.people < 1:
        faults["people"] = _("Give for how many people it is, at least 1, or leave it empty.")
    if draft.wanted_by is not None and draft.wanted_by < timezone.now() and line.wanted_by != draft.wanted_by:
        faults["wanted_by"] = _("This moment is past. Give the moment by which it is needed.")
    if line.pk:
        if line.item_id != getattr(draft.item, "pk", None) and (line.commitments.exists() or line.receipts.exists()):
            faults["item"] = _(
                "Something was promised or came for this line. Close it, and ask for the other thing anew."
            )
        came_or_promised = held_of(line)
        if quantity < came_or_promised:
            faults["quantity"] = _("%(quantity)s of it came or are promised already. Ask for no less than that.") % {
                "quantity": plain(came_or_promised)
            }
    if faults:
        raise Refused(faults)


def held_of(line: RequestLine) -> Decimal:
    """What came of a line and what is promised to it, in its unit."""
    return promised_to(line) + line.received


def _take_away(line: RequestLine) -> None:
    if line.commitments.exists() or line.receipts.exists():
        raise Refused(
            {
                "lines": _(
                    "“%(line)s” cannot be taken away: something was promised or came for it. Close the line instead."
                )
                % {"line": line}
            }
        )
    line.delete()


def _short(lines: Sequence[RequestLine], otherwise: str) -> str:
    """The first lines in a few words, for lists."""
    words = ", ".join(in_words(line) for line in lines[:3])
    if len(lines) > 3:
        words += ", …"
    return words[:200] or otherwise
