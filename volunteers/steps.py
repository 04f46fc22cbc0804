"""The life of a pledge as data: which step leads from where to where, who may take it, what to say when it cannot be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from komek.accounts.authority import Action
from volunteers.models import PledgeState

S = PledgeState


@dataclass(frozen=True)
class Step:
    """One step. before: states it may be taken in. after: where it leads; empty: the state stays or follows from what came.
    asks: the action the policy is asked about. title: as on a button. needs_reason: a sentence is asked for.
    impossible: why it cannot be taken, without the state.
    """

    before: tuple[str, ...]
    after: str
    asks: str
    title: Any
    impossible: Any
    needs_reason: bool = False


STEPS: Mapping[str, Step] = {
    "accept": Step(
        (S.PLEDGED, S.LAPSED, S.DECLINED), S.ACCEPTED, Action.APPROVE, _("Accept"),
        _("Only an offer that waits, was declined or has lapsed can be accepted."),
    ),
    "send": Step(
        (S.ACCEPTED, S.COMMITTED, S.ON_THE_WAY), "", Action.CHANGE, _("It is on its way"),
        _("Only an accepted pledge can be put on its way. Accept it first."),
    ),
    "receive": Step(
        (S.ACCEPTED, S.COMMITTED, S.ON_THE_WAY, S.RECEIVED), "", Action.CHANGE, _("It came, or a part of it"),
        _("Only an accepted pledge can be received. Accept it first."),
    ),
    "use": Step(
        (S.ACCEPTED, S.COMMITTED, S.ON_THE_WAY, S.RECEIVED, S.USED), "", Action.CHANGE, _("It was used"),
        _("Nothing of this pledge came yet. Write down what came first."),
    ),
    "thank": Step(
        (S.ACCEPTED, S.COMMITTED, S.ON_THE_WAY, S.RECEIVED, S.USED, S.LAPSED, S.WITHDRAWN), "", Action.APPROVE, _("Thank"),
        _("Answer the offer first: accept it, keep it for later, or decline it kindly."),
    ),
    "keep": Step(
        (S.PLEDGED, S.ACCEPTED), "", Action.APPROVE, _("Keep for later"),
        _("Only an offer of which nothing is promised yet can be kept for later."),
    ),
    "decline": Step(
        (S.PLEDGED, S.ACCEPTED), S.DECLINED, Action.APPROVE, _("Decline kindly"),
        _("Only an offer of which nothing is promised yet can be declined."), needs_reason=True,
    ),
    "withdraw": Step(
        (S.PLEDGED, S.ACCEPTED, S.COMMITTED), S.WITHDRAWN, Action.CHANGE, _("Withdrawn by the donor"),
        _("Only a pledge that is not on its way can be withdrawn."),
    ),
}  # fmt: skip


def possible_steps(state: str) -> list[str]:
    """Keys of the steps that a pledge in this state can take."""
    return [key for key, step in STEPS.items() if state in step.before]
