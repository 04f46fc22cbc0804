"""What is promised to one request and what came for it, for its page."""

from __future__ import annotations

from aid_requests.models import HOLDING, AidRequest, Commitment, CommitmentState, Receipt
from aid_requests.policies import handles
from aid_requests.receipts import TOLD
from komek.accounts.authority import Action, Standing, may

BADGES = {
    CommitmentState.OPEN: "badge-warn", CommitmentState.ON_THE_WAY: "badge-warn", CommitmentState.RECEIVED: "badge-ok",
}  # fmt: skip


def commitments_of(record: AidRequest, whose: Standing) -> list[Commitment]:
    """Promises, those that hold first, each with ``badge``, ``may_change`` and ``may_receive``."""
    rows = Commitment.objects.filter(line__request=record).select_related("line__item", "organisation", "entered_by")
    found = sorted(rows, key=lambda one: (one.state not in HOLDING, one.occurred_at, one.pk))
    is_handler = whose.runs_installation or handles(whose, record)
    for one in found:
        one.line.request = record
        holds = one.state in HOLDING
        one.badge = BADGES.get(CommitmentState(one.state), "")  # type: ignore[attr-defined]
        one.may_receive = holds and is_handler  # type: ignore[attr-defined]
        one.may_change = one.state == CommitmentState.OPEN and may(whose, Action.CHANGE, one)  # type: ignore[attr-defined]
    return found


def receipts_of(record: AidRequest) -> list[Receipt]:
    """What came, the latest first, each with ``is_by_hand``: not told by who brought it, who then corrects it."""
    rows = Receipt.objects.filter(line__request=record).select_related("line__item", "commitment", "entered_by")
    found = list(rows.order_by("-occurred_at", "-pk"))
    for one in found:
        one.is_by_hand = not one.key.startswith(TOLD)  # type: ignore[attr-defined]
    return found
