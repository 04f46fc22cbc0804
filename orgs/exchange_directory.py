"""Tables that belong to organisations: their other names, acronyms and aliases, and how to reach them.

A contact leaves and comes back only for those its visibility names. Tags follow the HXL core schemas 1.1 (https://hxlstandard.org).
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from phonenumber_field.phonenumber import to_python

from komek.accounts.authority import standing_of, visible
from komek.exchange import cells
from komek.exchange.columns import Column
from komek.exchange.keyed import KeyedTable
from komek.exchange.planning import Context, Outcome, Row
from komek.exchange.resources import ModelResource
from komek.extensions import Viewer
from orgs.exchange_finders import organisations_called, sites_called
from orgs.models import Contact, ContactVisibility, NameKind, Organisation, OrganisationName
from orgs.naming import name_key, search_key

_OWNER = (
    Column("organisation", gettext_lazy("Organisation"), "#org+code+v_komek", find=organisations_called, required=True,
           also_hxl=("#org+name", "#org", "#org+code"), value=lambda record: record.organisation.code, example="Umyt Foundation",
           help=gettext_lazy("Name, acronym or code"), aliases=("Organization", "Организация", "Gurama", "Tashkilot", "Təşkilat")),
    Column("organisation_name", gettext_lazy("Name of the organisation"), "#org+name", read_only=True,
           value=lambda record: record.organisation.name),
)  # fmt: skip


def _of_known_organisations(rows: QuerySet[Any], viewer: Viewer) -> QuerySet[Any]:
    """Rows of organisations that the viewer sees in this operation."""
    standing = standing_of(viewer.user, viewer.operation)
    return rows.filter(organisation__in=visible(Organisation.objects.filter(merged_into=None), standing))


def language(text: str) -> str:
    """A language code such as ``ru`` or ``uz-cyrl``; empty stays empty."""
    code = text.strip().lower().replace("_", "-")
    if code and not re.fullmatch(r"[a-z]{2,3}(-[a-z0-9]{2,6})?", code):
        raise ValueError(_("“%(text)s” is not a language code. Write it like tk, ru or uz-cyrl.") % {"text": text[:20]})
    return code


class NameResource(KeyedTable):
    """Another name is what it says: a row finds the same name again or makes a new one."""

    key = "orgs.organisationname"
    title = gettext_lazy("Other names of organisations")
    model = OrganisationName
    key_fields = ("organisation", "name", "kind", "language")
    derived_fields = ("key",)
    columns = (
        *_OWNER,
        Column("name", gettext_lazy("Other name"), "#org+name+alt", cells.text_of(200), required=True, example="Umyt gaznasy",
               aliases=("Alias", "Acronym", "Другое название")),
        Column("kind", gettext_lazy("Kind of name"), "#org+name+type", cells.one_of(dict(NameKind.choices)), example="alias"),
        Column("language", gettext_lazy("Language"), "#org+name+lang", language, example="tk",
               help=gettext_lazy("A code such as tk, ru or uz-cyrl; empty for any.")),
    )  # fmt: skip

    def related(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.select_related("organisation")

    def export_queryset(self, viewer: Viewer) -> QuerySet[Any]:
        return _of_known_organisations(super().export_queryset(viewer), viewer)

    def assemble(self, record: Any, row: Row) -> None:
        if row.values.get("kind") == "":
            record.kind = NameKind.ALIAS
        record.name = " ".join(record.name.split())
        record.key = name_key(record.name)[:250]

    def check(self, record: Any, row: Row, context: Context) -> dict[str, Any]:
        return {} if record.key else {"name": _("Another name needs at least one letter.")}

    def write(self, rows: Sequence[Row], context: Context) -> None:
        super().write(rows, context)
        touched = {row.record.organisation_id for row in rows if row.outcome in (Outcome.CREATE, Outcome.UPDATE)}
        _renew_search_keys(Organisation.objects.filter(pk__in=touched))

    def taken_back(self, context: Context) -> None:
        _renew_search_keys(visible(Organisation.objects.all(), context.standing).iterator(chunk_size=2000))

    def describe(self, record: Any) -> str:
        return f"{record.name} ({record.organisation.code})"


def _renew_search_keys(organisations: Iterable[Organisation]) -> None:
    """The text that search looks in holds every other name."""
    found = list(organisations)
    names: dict[int, list[str]] = {}
    for owner, name in OrganisationName.objects.filter(organisation__in=found).values_list("organisation_id", "name"):
        names.setdefault(owner, []).append(name)
    changed = []
    for organisation in found:
        key = search_key([organisation.name, organisation.acronym, *sorted(names.get(organisation.pk, ()))])
        if set(key.split()) != set(organisation.search_key.split()):
            organisation.search_key = key
            changed.append(organisation)
    Organisation.objects.bulk_update(changed, ["search_key"], batch_size=500)


def phone_number(text: str) -> str:
    """A telephone number with its country code, as ``+99312345678``. Raises ValueError with a sentence."""
    number = to_python(text)
    if not number:
        return ""
    if not number.is_valid():
        raise ValueError(
            _("“%(text)s” is not a telephone number. Write it with its country code, like +993 12 345678.")
            % {"text": text[:30]}
        )
    return str(number.as_e164)


def email_address(text: str) -> str:
    """An e-mail address. Raises ValueError with a sentence."""
    address = cells.words(text, longest=254)
    try:
        validate_email(address)
    except ValidationError as fault:
        raise ValueError(_("“%(text)s” is not an e-mail address.") % {"text": text[:60]}) from fault
    return address


class ContactResource(ModelResource):
    """Found again by the person of the same organisation and site; without one, by telephone or e-mail."""

    key = "orgs.contact"
    title = gettext_lazy("Contacts of organisations")
    model = Contact
    columns = (
        *_OWNER,
        Column("site", gettext_lazy("Site"), "#loc+code", find=sites_called,
               value=lambda record: record.site.code if record.site else "",
               help=gettext_lazy("Code or name. Empty: of the organisation as a whole.")),
        Column("person", gettext_lazy("Person"), "#contact+name", cells.text_of(150), example="Maral Annaýewa",
               aliases=("Name", "Имя", "ФИО")),
        Column("position", gettext_lazy("Position"), "#contact+role", cells.text_of(150), example="Duty officer"),
        Column("phone", gettext_lazy("Phone"), "#contact+phone", phone_number, aliases=("Telephone", "Телефон"),
               value=lambda record: record.phone.as_e164 if record.phone else "", example="+99312345678"),
        Column("email", gettext_lazy("E-mail"), "#contact+email", email_address, aliases=("Email",), example="duty@example.org"),
        Column("note", gettext_lazy("Note"), "#contact+description", cells.text_of(300)),
        Column("visibility", gettext_lazy("Who may see it"), "#contact+access", cells.one_of(dict(ContactVisibility.choices)),
               example="partners"),
    )  # fmt: skip

    def blank(self, context: Context) -> Contact:
        return Contact()

    def related(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.select_related("organisation", "site")

    def export_queryset(self, viewer: Viewer) -> QuerySet[Any]:
        return _of_known_organisations(super().export_queryset(viewer), viewer)

    def candidates(self, rows: Sequence[Row], context: Context) -> dict[int, list[Any]]:
        owners = {row.values["organisation"].pk for row in rows if "organisation" in row.values}
        known: dict[tuple[Any, ...], list[Contact]] = {}
        for contact in visible(self.related(Contact.objects.filter(organisation__in=owners)), context.standing):
            place = (contact.organisation_id, contact.site_id)
            phone = contact.phone.as_e164 if contact.phone else ""
            for mark in (contact.person.casefold(), phone, contact.email.casefold()):
                if mark:
                    known.setdefault((*place, mark), []).append(contact)
        found = {}
        for row in rows:
            values = row.values
            place = (getattr(values.get("organisation"), "pk", None), getattr(values.get("site"), "pk", None))
            marks = [str(values.get(name) or "").casefold() for name in ("person", "phone", "email")]
            mark = next((mark for mark in marks if mark), "")
            if same := known.get((*place, mark)):
                found[row.number] = same
        return found

    def identity_of_new(self, row: Row) -> Hashable | None:
        return tuple(
            str(getattr(value, "pk", value)).casefold()
            for value in (row.values.get(name) for name in ("organisation", "site", "person", "phone", "email", "note"))
        )

    def assemble(self, record: Any, row: Row) -> None:
        if row.values.get("visibility") == "":
            record.visibility = ContactVisibility.PARTNERS

    def check(self, record: Any, row: Row, context: Context) -> dict[str, Any]:
        if record.site is not None and record.site.organisation_id != record.organisation_id:
            return {"site": _("Another organisation runs this site. Name that one, or leave the site empty.")}
        if not (record.phone or record.email or record.note):
            return {"phone": _("A contact needs a phone, an e-mail address or a note how to reach them.")}
        return {}

    def describe(self, record: Any) -> str:
        return f"{record} ({record.organisation.code})"


PLUGS = (NameResource(), ContactResource())
