"""Forms about organisations. They only translate between what is typed and what the registry's functions take."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.forms import formset_factory
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from phonenumber_field.formfields import PhoneNumberField

from komek.accounts.authority import Standing, visible
from komek.web.context import standing
from komek.web.fields import LookupField
from komek.web.records import RecordForm
from orgs.models import ContactVisibility, NameKind, Organisation, OrganisationKind, Sector
from orgs.organisations import NewName
from orgs.policies import coordinates_everything

ROW_FIELDS = ("name", "language", "kind", "person", "position", "phone", "email", "note", "visibility")


def _languages() -> list[tuple[str, Any]]:
    return [("", _("any language")), *settings.LANGUAGES]


class NameRow(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=200, required=False)
    language = forms.ChoiceField(label=_("Language"), choices=_languages, required=False)
    kind = forms.ChoiceField(label=_("Kind of name"), choices=NameKind.choices, initial=NameKind.ALIAS, required=False)


class ContactPhone(PhoneNumberField):  # type: ignore[misc]
    """A phone. One that was kept and is left alone is not judged again: an exercise's ring nowhere, and rules change."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "invalid": _("This is not a phone number. Type it with the country code, such as +993 65 12 34 56.")
    }
    kept: Any = None

    def get_bound_field(self, form: Any, field_name: str) -> Any:
        self.kept = form.get_initial_for_field(self, field_name)
        return super().get_bound_field(form, field_name)

    def clean(self, value: Any) -> Any:
        if self.kept and str(value or "").strip() == str(self.widget.format_value(self.kept)):
            return self.kept
        return super().clean(value)


class ContactRow(forms.Form):
    pk = forms.IntegerField(widget=forms.HiddenInput, required=False)
    person = forms.CharField(label=_("Person"), max_length=150, required=False)
    position = forms.CharField(label=_("Position"), max_length=150, required=False)
    phone = ContactPhone(label=_("Phone"), required=False)
    email = forms.EmailField(label=_("E-mail"), required=False)
    note = forms.CharField(label=_("Note"), max_length=300, required=False)
    visibility = forms.ChoiceField(
        label=_("Who may see it"), choices=ContactVisibility.choices, initial=ContactVisibility.PARTNERS, required=False
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        is_named = cleaned.get("person") or cleaned.get("position")
        if is_named and not self.errors and not (cleaned.get("phone") or cleaned.get("email") or cleaned.get("note")):
            raise forms.ValidationError(_("Give a phone, an e-mail address or a note how to reach this contact."))
        return cleaned

    @property
    def is_filled(self) -> bool:
        return any(self.cleaned_data.get(name) for name in ("person", "position", "phone", "email", "note"))


NameRows = formset_factory(NameRow, extra=2, max_num=60, absolute_max=80)
ContactRows = formset_factory(ContactRow, extra=2, max_num=60, absolute_max=80)


class OrganisationForm(RecordForm):
    """An organisation with its other names and its contacts. An emptied row is taken away."""

    name = forms.CharField(label=_("Name"), max_length=200)
    acronym = forms.CharField(label=_("Acronym"), max_length=20, required=False)
    kind = forms.ChoiceField(label=_("Kind"), choices=OrganisationKind.choices)
    sectors = forms.ModelMultipleChoiceField(
        label=_("Sectors"), queryset=Sector.objects.filter(is_active=True), required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    parent = LookupField(
        label=_("Branch of"), key="orgs.organisation", model=Organisation, required=False,
        help_text=_("The organisation above it sees what its branches record."),
    )  # fmt: skip
    is_implementing = forms.BooleanField(label=_("Works in the field"), required=False, initial=True)
    is_donor = forms.BooleanField(label=_("Gives funds or goods"), required=False)
    coordinates_operation = forms.BooleanField(
        label=_("Coordinates the whole operation"), required=False,
        help_text=_("Its coordinators may see, change and approve everything in the operation."),
    )  # fmt: skip
    country = forms.CharField(
        label=_("Home country"), max_length=2, required=False, help_text=_("Two letters, such as TM")
    )
    website = forms.CharField(label=_("Website"), max_length=200, required=False, help_text=_("https://…"))
    about = forms.CharField(label=_("What it does"), widget=forms.Textarea, required=False)
    logo = forms.FileField(label=_("Logo"), required=False, help_text=_("A picture of at most 5 MB."))
    remove_logo = forms.BooleanField(label=_("Take the logo away"), required=False)
    reported_by = forms.CharField(
        label=_("Reported by"), max_length=200, required=False, help_text=_("If it was not you: who told you.")
    )
    is_confirmed = forms.BooleanField(
        label=_("Everything here is right today"), required=False, initial=True,
        help_text=_("Marks the entry as confirmed."),
    )  # fmt: skip
    is_mine = forms.BooleanField(
        label=_("I work for this organisation"), required=False,
        help_text=_("Asks for the role of its coordinator; somebody else has to approve it."),
    )  # fmt: skip
    is_new = forms.BooleanField(label=_("It is none of these; it is new"), required=False)

    def __init__(self, *args: Any, request: Any, record: Any = None, **kwargs: Any) -> None:
        initial = dict(kwargs.pop("initial", None) or {})
        if record is not None:
            initial.setdefault("sectors", list(record.sectors.values_list("pk", flat=True)))
        super().__init__(*args, request=request, record=record, initial=initial, **kwargs)
        self.similar: list[Any] = []
        if record is None or not record.logo:
            del self.fields["remove_logo"]
        if record is not None:
            del self.fields["is_new"]
            del self.fields["is_mine"]
        else:
            del self.fields["is_confirmed"]
        whose = standing(request)
        if not (coordinates_everything(whose) or whose.runs_installation):
            del self.fields["coordinates_operation"]
        data = self.data if self.is_bound else None
        self.names = NameRows(data, prefix="names", initial=_names_of(record))
        self.contacts = ContactRows(data, prefix="contacts", initial=_contacts_of(record, whose))

    def is_valid(self) -> bool:
        are_rows_valid = all([self.names.is_valid(), self.contacts.is_valid()])
        is_valid = super().is_valid()
        if not are_rows_valid:  # they are far below what one sees after sending
            self.add_error(None, gettext("Some of the rows below need correcting."))
        return is_valid and are_rows_valid

    def _differences(self, cleaned: dict[str, Any]) -> str:
        """Sectors and the logo are compared as what they are, not as fields of the record."""
        compared = {name: value for name, value in cleaned.items() if name not in ("sectors", "logo", "is_confirmed")}
        return super()._differences(compared)

    def restore_rows(self, draft: dict[str, list[str]]) -> None:
        """Show the rows of a kept draft."""
        texts = {key: values[0] for key, values in draft.items() if values}
        if "names-TOTAL_FORMS" in texts:
            self.names = NameRows(prefix="names", initial=_rows_of_draft(texts, "names", NameRow))
        if "contacts-TOTAL_FORMS" in texts:
            self.contacts = ContactRows(prefix="contacts", initial=_rows_of_draft(texts, "contacts", ContactRow))

    def shown_fields(self) -> list[Any]:
        """Fields in their order, without the question that only comes up when something similar was found."""
        return [bound for bound in self if bound.name != "is_new"]

    def new_names(self) -> list[NewName]:
        return [
            NewName(
                row.cleaned_data["name"],
                row.cleaned_data.get("language", ""),
                row.cleaned_data.get("kind") or NameKind.ALIAS,
            )
            for row in self.names
            if row.cleaned_data.get("name")
        ]

    def new_contacts(self) -> list[dict[str, Any]]:
        return [
            {**row.cleaned_data, "visibility": row.cleaned_data.get("visibility") or ContactVisibility.PARTNERS}
            for row in self.contacts
            if row.is_filled
        ]

    def fields_to_store(self) -> dict[str, Any]:
        """What ``register_organisation`` and ``change_organisation`` take, without rows and logo."""
        left_out = {"version", "logo", "remove_logo", "is_new", "is_mine", "is_confirmed"}
        return {name: value for name, value in self.cleaned_data.items() if name not in left_out}


def _names_of(record: Organisation | None) -> list[dict[str, Any]]:
    return list(record.other_names.values("name", "language", "kind")) if record is not None else []


def _contacts_of(record: Organisation | None, whose: Standing) -> list[dict[str, Any]]:
    """Only those the person may see; the others stay as they are when the form is saved."""
    if record is None:
        return []
    rows = visible(record.contacts.filter(site=None), whose)
    return list(rows.values("pk", "person", "position", "phone", "email", "note", "visibility"))


def _rows_of_draft(texts: dict[str, str], prefix: str, row: type[forms.Form]) -> list[dict[str, Any]]:
    total = texts.get(f"{prefix}-TOTAL_FORMS", "0")
    count = min(int(total), 60) if total.isdigit() else 0
    rows = [{name: texts.get(f"{prefix}-{place}-{name}", "") for name in row.base_fields} for place in range(count)]
    return [found for found in rows if any(found.get(name) for name in ("name", "person", "phone", "email", "note"))]
