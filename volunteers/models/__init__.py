"""What the registry of pledges and volunteers holds."""

from volunteers.models.check_ins import CheckIn
from volunteers.models.pledges import ENDED, WAITING, DonorKind, NotifyBy, Pledge, PledgeKind, PledgeState
from volunteers.models.uses import OPEN_USES, PledgeNotice, PledgeReceipt, PledgeStep, PledgeUse, UseState

__all__ = [
    "CheckIn",
    "DonorKind",
    "ENDED",
    "NotifyBy",
    "OPEN_USES",
    "Pledge",
    "PledgeKind",
    "PledgeNotice",
    "PledgeReceipt",
    "PledgeState",
    "PledgeStep",
    "PledgeUse",
    "UseState",
    "WAITING",
]
