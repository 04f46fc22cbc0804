"""What the registry of requests holds."""

from aid_requests.models.commitments import HOLDING, Appeal, Commitment, CommitmentState, Receipt, Source
from aid_requests.models.figures import LineFigures
from aid_requests.models.requests import (
    ENDED_RANK,
    OPEN_STATES,
    AidRequest,
    Attachment,
    LineKind,
    Notice,
    NotifyBy,
    Priority,
    RequestLine,
    RequestState,
    RequestStep,
)
from aid_requests.models.rules import DuplicatePair, PairState, RoutingRule, StepDeadline

__all__ = [
    "AidRequest",
    "Appeal",
    "Attachment",
    "Commitment",
    "CommitmentState",
    "DuplicatePair",
    "ENDED_RANK",
    "HOLDING",
    "LineFigures",
    "LineKind",
    "Notice",
    "NotifyBy",
    "OPEN_STATES",
    "PairState",
    "Priority",
    "Receipt",
    "RequestLine",
    "RequestState",
    "RequestStep",
    "RoutingRule",
    "Source",
    "StepDeadline",
]
