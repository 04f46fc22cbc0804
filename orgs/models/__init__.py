"""Who: organisations by role, their members, their sites, and who does what where."""

from orgs.models.activities import Activity, ActivityStatus, AffectedGroup, PeopleInNeed
from orgs.models.memberships import Membership
from orgs.models.organisations import (
    Contact,
    ContactVisibility,
    NameKind,
    NotDuplicate,
    Organisation,
    OrganisationKind,
    OrganisationMerge,
    OrganisationName,
    PossibleDuplicate,
    Sector,
    Verification,
)
from orgs.models.sites import Damage, Opening, Site, SiteKind
from orgs.models.tallies import OrganisationTally

__all__ = [
    "Activity",
    "ActivityStatus",
    "AffectedGroup",
    "Contact",
    "ContactVisibility",
    "Damage",
    "Membership",
    "NameKind",
    "NotDuplicate",
    "Opening",
    "Organisation",
    "OrganisationKind",
    "OrganisationMerge",
    "OrganisationName",
    "OrganisationTally",
    "PeopleInNeed",
    "PossibleDuplicate",
    "Sector",
    "Site",
    "SiteKind",
    "Verification",
]
