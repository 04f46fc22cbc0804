"""The life of a request as data: which step leads from where to where, who may take it, and what to say when it cannot be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from aid_requests.models import RequestState
from komek.accounts.authority import Action

S = RequestState


@dataclass(frozen=True)
class Step:
    """One step. before: states it may be taken in. after: where it leads. asks: the action the policy is asked about.
    title: as on a button. needs_reason: a sentence is asked for. impossible: why it cannot be taken, without the state.
    """

    before: tuple[str, ...]
    after: str
    asks: str
    title: Any
    impossible: Any
    needs_reason: bool = False


STEPS: Mapping[str, Step] = {
    "submit": Step((S.DRAFT,), S.SUBMITTED, Action.CHANGE, _("Submit"), _("Only a draft can be submitted.")),
    "verify": Step(
        (S.SUBMITTED, S.FORWARDED), S.VERIFIED, Action.APPROVE, _("Verify"),
        _("Only a request that was just submitted or forwarded can be verified."),
    ),
    "accept": Step(
        (S.VERIFIED, S.FORWARDED), S.ACCEPTED, Action.APPROVE, _("Accept"),
        _("Only a verified or forwarded request can be accepted. Verify it first."),
    ),
    "forward": Step(
        (S.SUBMITTED, S.VERIFIED, S.ACCEPTED, S.FORWARDED, S.PARTLY_MET), S.FORWARDED, Action.APPROVE, _("Forward"),
        _("Only an open request can be forwarded."),
    ),
    "refuse": Step(
        (S.SUBMITTED, S.VERIFIED, S.ACCEPTED, S.FORWARDED), S.REFUSED, Action.APPROVE, _("Refuse"),
        _("Only an open request for which nothing came yet can be refused."), needs_reason=True,
    ),
    "cancel": Step(
        (S.SUBMITTED, S.VERIFIED, S.ACCEPTED, S.FORWARDED, S.PARTLY_MET), S.CANCELLED, Action.CHANGE, _("Cancel"),
        _("Only an open request can be cancelled."), needs_reason=True,
    ),
    "close": Step(
        (S.MET, S.PARTLY_MET), S.CLOSED, Action.CHANGE, _("Confirm receipt and close"),
        _("Only a request for which something came can be closed. If it is not needed any more, cancel it."),
    ),
    "reopen": Step(
        (S.REFUSED, S.CANCELLED, S.CLOSED, S.MET), S.SUBMITTED, Action.CHANGE, _("Reopen"),
        _("Only a request that has ended can be reopened."), needs_reason=True,
    ),
}  # fmt: skip

COUNTS_RECEIPTS = (S.SUBMITTED, S.VERIFIED, S.ACCEPTED, S.FORWARDED, S.PARTLY_MET, S.MET)
"""States that become "partly met" and "met", and back, as goods come."""

ENDED = (S.REFUSED, S.CANCELLED, S.CLOSED)
"""Nobody has to do anything any more; promises to such a request are given back."""


def possible_steps(state: str) -> list[str]:
    """Keys of the steps that a request in this state can take."""
    return [key for key, step in STEPS.items() if state in step.before]
