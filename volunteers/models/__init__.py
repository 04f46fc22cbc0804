"""What the registry of pledges and volunteers holds."""

from volunteers.models.pledges import (
    OFFERED,
    DonorKind,
    Pledge,
    PledgeKind,
    PledgeState,
    PledgeStep,
    PledgeUse,
    UseState,
)

__all__ = [
    "DonorKind",
    "OFFERED",
    "Pledge",
    "PledgeKind",
    "PledgeState",
    "PledgeStep",
    "PledgeUse",
    "UseState",
]
