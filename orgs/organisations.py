"""Registering, changing, approving and confirming organisations. Browser, API and imports call these functions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from komek.accounts.authority import Action, NotAllowed, Standing, may, require, standing_of, visible
from komek.records.actor import Actor, acting
from komek.records.models import Approval
from orgs.duplicates import Similar, open_organisations, refresh_for, similar_to
from orgs.likeness import profile
from orgs.models import Contact, NameKind, Organisation, OrganisationName, Sector, Verification
from orgs.naming import name_key, search_key
from orgs.refusals import Refused

EDITABLE = (
    "name", "acronym", "kind", "parent", "is_donor", "is_implementing", "coordinates_operation", "country", "website",
    "about", "external_ids", "reported_by", "occurred_at",
)  # fmt: skip
ACRONYM_MOST = 20


@dataclass(frozen=True)
class NewName:
    """Another name to keep: language code (may be empty), kind and the name as given."""

    name: str
    language: str = ""
    kind: str = NameKind.ALIAS


class LooksRegistered(Refused):
    """The organisation seems to be registered already. ``similar`` holds those it may be, likeliest first."""

    def __init__(self, similar: Sequence[Similar]) -> None:
        self.similar = similar
        names = "; ".join(f"{found.organisation} ({found.organisation.code})" for found in similar)
        super().__init__({
            "is_new": _("It may be registered already: %(names)s. Is it one of these? If not, say that it is new.")
            % {"names": names}
        })  # fmt: skip


@transaction.atomic
def register_organisation(
    *,
    by: Actor,
    operation: Any,
    name: str,
    names: Iterable[NewName] = (),
    contacts: Iterable[dict[str, Any]] = (),
    sectors: Iterable[Sector] = (),
    is_new: bool = False,
    **fields: Any,
) -> Organisation:
    """A new organisation. It stands in the register of all operations, except that an exercise keeps its own.

    is_new: somebody has looked at those that seem alike and says it is none of them; else LooksRegistered is raised.
    Approved at once when a coordinator of the operation enters it; else it waits. Raises Refused or NotAllowed.
    """
    standing = standing_of(by.user, operation)
    organisation = Organisation(name=name, operation=operation if getattr(operation, "is_exercise", False) else None)
    organisation.stamp(by)
    _assign(organisation, fields)
    require(standing, Action.ADD, organisation)
    _require_for_coordination(standing, organisation, was=False)
    if may(standing, Action.APPROVE, organisation):
        organisation.approval = Approval.APPROVED
        organisation.approved_by = by.user
        organisation.approved_at = timezone.now()
    names, contacts = list(names), list(contacts)
    prepare(organisation, names)
    if not is_new:
        _ask_about_similar(standing, organisation, names, contacts)
    with acting(by):
        organisation.save()
        organisation.sectors.set(sectors)
        _write_names(organisation, names)
        _write_contacts(organisation, contacts, Contact.objects.none())
    refresh_for(organisation)
    return organisation


@transaction.atomic
def change_organisation(
    *,
    by: Actor,
    operation: Any,
    organisation: Organisation,
    sectors: Iterable[Sector] | None = None,
    **fields: Any,
) -> Organisation:
    """Change fields; what is not named stays. Raises Refused or NotAllowed."""
    standing = standing_of(by.user, operation)
    require(standing, Action.CHANGE, organisation)
    _refuse_merged(organisation)
    coordinated = organisation.coordinates_operation
    _assign(organisation, fields)
    _require_for_coordination(standing, organisation, was=coordinated)
    prepare(organisation, _names_of(organisation))
    with acting(by):
        organisation.save()
        if sectors is not None:
            organisation.sectors.set(sectors)
    if {"name", "acronym", "website", "external_ids"} & set(fields):
        refresh_for(organisation)
    return organisation


@transaction.atomic
def set_names(*, by: Actor, operation: Any, organisation: Organisation, names: Iterable[NewName]) -> None:
    """Replace the other names by these; equal ones stay as they are. Raises Refused or NotAllowed."""
    require(standing_of(by.user, operation), Action.CHANGE, organisation)
    _refuse_merged(organisation)
    names = list(names)
    prepare(organisation, names)
    with acting(by):
        _write_names(organisation, names)
        organisation.save(update_fields=["search_key", "updated_at"])
    refresh_for(organisation)


@transaction.atomic
def set_contacts(
    *, by: Actor, operation: Any, organisation: Organisation, contacts: Iterable[dict[str, Any]], site: Any = None
) -> None:
    """Replace the contacts of an organisation, or of one of its sites. A dict with ``pk`` changes that contact.

    Contacts that the actor may not see stay as they are. Whoever may change a site may change its contacts.
    Raises Refused or NotAllowed.
    """
    standing = standing_of(by.user, operation)
    require(standing, Action.CHANGE, organisation if site is None else site)
    _refuse_merged(organisation)
    with acting(by):
        _write_contacts(organisation, contacts, visible(organisation.contacts.filter(site=site), standing), site)
        organisation.save(update_fields=["updated_at"])
    refresh_for(organisation)


@transaction.atomic
def approve_organisation(*, by: Actor, operation: Any, organisation: Organisation, note: str = "") -> None:
    """Let others see the organisation, and its members work. Raises NotAllowed or Refused."""
    _decide(by, operation, organisation, Approval.APPROVED, note)


@transaction.atomic
def refuse_organisation(*, by: Actor, operation: Any, organisation: Organisation, reason: str) -> None:
    """Turn a proposed organisation down; the proposer sees the reason. Raises NotAllowed or Refused."""
    if not reason.strip():
        raise Refused({"reason": _("Say why, so that whoever proposed it understands.")})
    _decide(by, operation, organisation, Approval.REFUSED, reason)


@transaction.atomic
def verify_organisation(
    *, by: Actor, operation: Any, organisation: Organisation, verification: str = Verification.VERIFIED
) -> None:
    """Say whether somebody has checked that the organisation is what it says. Raises NotAllowed or Refused."""
    require(standing_of(by.user, operation), Action.APPROVE, organisation)
    _refuse_merged(organisation)
    if verification not in Verification.values:
        raise Refused({"verification": _("Choose one of the verification states.")})
    organisation.verification = verification
    with acting(by):
        organisation.save(update_fields=["verification", "updated_at"])


@transaction.atomic
def confirm_entry(*, by: Actor, operation: Any, organisation: Organisation) -> None:
    """Its own people, or a coordinator, say that the entry is still right. Raises NotAllowed or Refused."""
    require(standing_of(by.user, operation), Action.CHANGE, organisation)
    _refuse_merged(organisation)
    organisation.confirmed_at = timezone.now()
    organisation.confirmation_asked_at = None
    with acting(by):
        organisation.save(update_fields=["confirmed_at", "confirmation_asked_at", "updated_at"])


def prepare(organisation: Organisation, names: Sequence[Any]) -> None:
    """Check every rule and fill what is derived. ``names`` are the other names it has or will have. Raises Refused."""
    organisation.name = " ".join(organisation.name.split())
    organisation.acronym = organisation.acronym.strip()
    organisation.country = organisation.country.strip().upper()
    faults = faults_of(organisation)
    if any(not name_key(name.name) for name in names):
        faults["names"] = _("Another name needs at least one letter.")
    elif any(len(name.name) > 200 for name in names):
        faults["names"] = _("A name may have at most 200 letters.")
    if faults:
        raise Refused(faults)
    organisation.search_key = search_key([organisation.name, organisation.acronym, *(name.name for name in names)])


def faults_of(organisation: Organisation) -> dict[str, Any]:
    """Field → sentence, for every rule the organisation breaks."""
    faults: dict[str, Any] = {}
    if not name_key(organisation.name):
        faults["name"] = _("Give the organisation a name.")
    elif len(organisation.name) > 200:
        faults["name"] = _("A name may have at most 200 letters.")
    if len(organisation.acronym) > ACRONYM_MOST:
        faults["acronym"] = _("An acronym has at most %(most)d letters. Put longer short names under other names.") % {
            "most": ACRONYM_MOST
        }
    if organisation.country and not (
        len(organisation.country) == 2 and organisation.country.isascii() and organisation.country.isalpha()
    ):
        faults["country"] = _("A country is its two-letter code, such as TM or UZ.")
    if sentence := _fault_of_website(organisation.website):
        faults["website"] = sentence
    if sentence := _fault_of_parent(organisation):
        faults["parent"] = sentence
    if not organisation.is_donor and not organisation.is_implementing:
        faults["is_implementing"] = _("Say whether it gives funds or goods, works in the field, or both.")
    if not isinstance(organisation.external_ids, dict) or any(
        not isinstance(value, str) for value in organisation.external_ids.values()
    ):
        faults["external_ids"] = _("Codes in other systems are pairs of a system's name and a code.")
    return faults


def _fault_of_website(website: str) -> Any:
    if not website:
        return None
    try:
        URLValidator(schemes=["http", "https"])(website)
    except ValidationError:
        return _("A website begins with http:// or https://, such as https://example.org.")
    return _("This address is too long; give the home page.") if len(website) > 200 else None


def _fault_of_parent(organisation: Organisation) -> Any:
    parent = organisation.parent
    if parent is None:
        return None
    if parent.operation_id != organisation.operation_id:
        return _("The parent belongs to another operation; exercise and real never mix.")
    if parent.merged_into_id is not None:
        return _("This parent was merged into another organisation. Choose that one.")
    seen: set[int] = set()
    above: Organisation | None = parent
    while above is not None and above.pk not in seen:
        if organisation.pk is not None and above.pk == organisation.pk:
            return _("An organisation cannot be a branch of itself or of one of its own branches.")
        seen.add(above.pk)
        above = above.parent
    return None


def _require_for_coordination(standing: Standing, organisation: Organisation, *, was: bool) -> None:
    """Only those who coordinate the operation say who else does: its coordinators may see and change everything."""
    if organisation.coordinates_operation != was and not may(standing, Action.APPROVE, Organisation):
        raise NotAllowed(_("Only a coordinator of the operation decides which organisations coordinate it."))


def _decide(by: Actor, operation: Any, organisation: Organisation, approval: Approval, note: str) -> None:
    require(standing_of(by.user, operation), Action.APPROVE, organisation)
    _refuse_merged(organisation)
    with acting(by.because(note)):
        organisation.decide(by, approval, note)


def _refuse_merged(organisation: Organisation) -> None:
    if organisation.merged_into_id is not None:
        raise Refused(
            {"__all__": _("This entry was merged into another one. Change that one, or undo the merge first.")}
        )


def _assign(organisation: Organisation, fields: dict[str, Any]) -> None:
    unknown = set(fields) - set(EDITABLE)
    if unknown:
        raise TypeError(f"not fields of an organisation that people change: {', '.join(sorted(unknown))}")
    for field, value in fields.items():
        setattr(organisation, field, value)


def _names_of(organisation: Organisation) -> list[NewName]:
    return [
        NewName(name, language, kind)
        for name, language, kind in organisation.other_names.values_list("name", "language", "kind")
    ]


def _write_names(organisation: Organisation, names: Iterable[NewName]) -> None:
    wanted = {(name.language, name.kind, " ".join(name.name.split())) for name in names}
    unknown = {kind for _language, kind, _name in wanted} - set(NameKind.values)
    if unknown:
        raise Refused({"names": _("Choose what kind of name it is.")})
    kept = set()
    for other in organisation.other_names.all():
        key = (other.language, other.kind, other.name)
        if key in wanted:
            kept.add(key)
        else:
            other.delete()
    OrganisationName.objects.bulk_create(
        OrganisationName(organisation=organisation, language=language, kind=kind, name=name, key=name_key(name)[:250])
        for language, kind, name in sorted(wanted - kept)
    )


CONTACT_FIELDS = ("person", "position", "phone", "email", "note", "visibility")


def _write_contacts(
    organisation: Organisation, contacts: Iterable[dict[str, Any]], replaced: Iterable[Contact], site: Any = None
) -> None:
    existing = {contact.pk: contact for contact in replaced}
    kept: set[int] = set()
    for fields in contacts:
        contact = existing.get(fields.get("pk") or 0) or Contact(organisation=organisation, site=site)
        before = {name: getattr(contact, name) for name in CONTACT_FIELDS}
        for name in CONTACT_FIELDS:
            if name in fields:
                setattr(contact, name, fields[name] if fields[name] is not None else "")
        if not (contact.phone or contact.email or contact.note):
            raise Refused({"contacts": _("A contact needs a phone, an e-mail address or a note how to reach them.")})
        try:
            kept_as_it_was = {name for name in before if contact.pk and before[name] == getattr(contact, name)}
            contact.clean_fields(exclude={"organisation", "site", *kept_as_it_was})
        except ValidationError as error:
            raise Refused({"contacts": " ".join(error.messages)}) from error
        if contact.pk is None or before != {name: getattr(contact, name) for name in CONTACT_FIELDS}:
            contact.save()
        kept.add(contact.pk)
    for pk in existing.keys() - kept:
        existing[pk].delete()


def _ask_about_similar(
    standing: Standing, organisation: Organisation, names: Sequence[NewName], contacts: Sequence[dict[str, Any]]
) -> None:
    candidate = profile(
        names=[organisation.name, *(name.name for name in names if name.kind != NameKind.ACRONYM)],
        acronyms=[organisation.acronym, *(name.name for name in names if name.kind == NameKind.ACRONYM)],
        website=organisation.website,
        phones=[contact.get("phone") or "" for contact in contacts],
        external_ids=organisation.external_ids,
    )
    similar = similar_to(candidate, rows=visible(open_organisations(), standing))
    if similar:
        raise LooksRegistered(similar)
