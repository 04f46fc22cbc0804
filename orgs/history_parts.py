"""What the history of an organisation and of a site tells beside their own fields."""

from komek.records.parts import Part, register_parts
from orgs.models import Contact, Membership, Organisation, OrganisationName, Site


def register() -> None:
    """Called once, when the app is ready."""
    register_parts(
        Organisation,
        Part(OrganisationName, "organisation", named="name", follows_record=True),
        Part(Contact, "organisation", named="person"),
        Part(Membership, "organisation", named="user"),
    )
    register_parts(Site, Part(Contact, "site", named="person"))
