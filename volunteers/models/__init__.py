"""What the registry of pledges and volunteers holds."""

from volunteers.models.check_ins import CheckIn
from volunteers.models.people import (
    WITH_CHILDREN,
    CheckKind,
    Skill,
    Transport,
    Trusted,
    Volunteer,
    VolunteerCheck,
    VolunteerSkill,
    VolunteerState,
    in_force,
)
from volunteers.models.pledges import ENDED, WAITING, DonorKind, NotifyBy, Pledge, PledgeKind, PledgeState
from volunteers.models.uses import OPEN_USES, PledgeNotice, PledgeReceipt, PledgeStep, PledgeUse, UseState
from volunteers.models.work import GOING_ON, LIVE, TAKEN, Assignment, AssignmentState, Task, TaskState

__all__ = [
    "Assignment",
    "AssignmentState",
    "CheckKind",
    "GOING_ON",
    "LIVE",
    "Skill",
    "TAKEN",
    "Task",
    "TaskState",
    "Transport",
    "Trusted",
    "Volunteer",
    "VolunteerCheck",
    "VolunteerSkill",
    "VolunteerState",
    "WITH_CHILDREN",
    "in_force",
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
