"""Forms about volunteers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.dates import WEEKDAYS
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from komek.accounts.phones import ContactPhoneField
from komek.places.models import Area
from komek.web.fields import LocationField, LookupField
from komek.web.records import RecordForm
from orgs.models import Organisation
from volunteers.models import CheckKind, Skill, Transport
from volunteers.pledge_forms import date_field
from volunteers.robots import RobotGuard

NUMBERS = ("phone", "emergency_phone", "kin_phone")


def _days_field() -> forms.TypedMultipleChoiceField:
    return forms.TypedMultipleChoiceField(
        label=_("On which days"), choices=tuple(WEEKDAYS.items()), coerce=int, required=False,
        widget=forms.CheckboxSelectMultiple, help_text=_("None ticked: on any day."),
    )  # fmt: skip


def _skills_field() -> forms.ModelMultipleChoiceField:
    return forms.ModelMultipleChoiceField(
        label=_("What they can do"), queryset=Skill.objects.filter(is_active=True), required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip


def _hour_field(label: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=0, max_value=24, required=False)


def _languages_field(label: Any) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, choices=settings.LANGUAGES, required=False, widget=forms.CheckboxSelectMultiple
    )


class VolunteerForm(RecordForm):
    """A volunteer, as somebody who answers for helpers writes them down."""

    name = forms.CharField(label=_("Name"), max_length=200)
    phone = ContactPhoneField(label=_("Phone"), required=False)
    email = forms.EmailField(label=_("E-mail"), required=False)
    language = forms.ChoiceField(label=_("Written to in"), choices=settings.LANGUAGES, required=False)
    languages = _languages_field(_("Speaks"))
    organisation = LookupField(label=_("Affiliation"), key="orgs.organisation", model=Organisation, required=False)
    skills = _skills_field()
    location = LocationField(label=_("Where they start from"), required=False)
    landmark = forms.CharField(label=_("Address or landmark"), max_length=300, required=False)
    area = LookupField(label=_("Area"), key="places.area", model=Area, required=False)
    reach_km = forms.IntegerField(label=_("Goes as far as, km"), min_value=1, max_value=2000, required=False)
    transport = forms.ChoiceField(label=_("Transport"), choices=Transport.choices)
    days = _days_field()
    from_hour = _hour_field(_("From hour"))
    to_hour = _hour_field(_("To hour"))
    available_from = date_field(_("First day"))
    available_to = date_field(_("Last day"))
    emergency_name = forms.CharField(label=_("Whom to call in an emergency"), max_length=200, required=False)
    emergency_phone = ContactPhoneField(label=_("Their phone"), required=False)
    kin_name = forms.CharField(label=_("Next of kin"), max_length=200, required=False)
    kin_phone = ContactPhoneField(label=_("Phone of the next of kin"), required=False)
    health_limits = forms.CharField(
        label=_("Health limits"), max_length=300, required=False,
        help_text=_("What they must not be asked to do. Seen by few, and each look is written down."),
    )  # fmt: skip
    is_adult = forms.BooleanField(label=_("Is 18 or older"), required=False, initial=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.record is not None:
            # Skills have their own place on the page; what is protected is changed where its reading is written down.
            for name in ("skills", "kin_name", "kin_phone", "health_limits"):
                del self.fields[name]

    def values(self) -> dict[str, Any]:
        """What the functions take."""
        values = dict(self.cleaned_data)
        for name in NUMBERS:
            if name in values:
                values[name] = values[name] or ""
        return values


class ProtectedForm(RecordForm):
    """Health limits and next of kin, seen and changed by few."""

    health_limits = forms.CharField(label=_("Health limits"), max_length=300, required=False)
    kin_name = forms.CharField(label=_("Next of kin"), max_length=200, required=False)
    kin_phone = ContactPhoneField(label=_("Phone of the next of kin"), required=False)


class ApplyForm(RobotGuard):
    """The public form: somebody without an account wants to help."""

    name = forms.CharField(label=_("Your name"), max_length=200)
    phone = ContactPhoneField(
        label=_("Mobile phone"), help_text=_("You are asked by text message and answer by text; any phone will do.")
    )
    languages = _languages_field(_("Which languages do you speak?"))
    skills = _skills_field()
    landmark = forms.CharField(
        label=_("Where do you live? District, address or landmark"), max_length=300, required=False
    )
    location = LocationField(label=_("Or a point on the map"), required=False)
    transport = forms.ChoiceField(label=_("How do you get about?"), choices=Transport.choices)
    days = _days_field()
    from_hour = _hour_field(_("From hour"))
    to_hour = _hour_field(_("To hour"))
    available_from = date_field(_("From which day?"))
    available_to = date_field(_("Until which day?"))
    emergency_name = forms.CharField(
        label=_("Whom shall we call if something happens to you?"), max_length=200, required=False
    )
    emergency_phone = ContactPhoneField(label=_("Their phone"), required=False)
    is_adult = forms.BooleanField(
        label=_("I am 18 or older"), error_messages={"required": _("Only people of 18 or older can be asked to help.")}
    )
    agrees = forms.BooleanField(
        label=_(
            "I agree that this is kept for as long as I help, and a year after, and seen by those who organise the help"
        ),
        error_messages={"required": _("Without this we may not keep what you wrote.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        skills: Any = self.fields["skills"]
        skills.label = _("What can you do?")

    def add_refusal(self, refusal: Any) -> None:
        """Sentences of a refused application, each at its field."""
        for name, errors in refusal.error_dict.items():
            self.add_error(name if name in self.fields else None, errors)

    def values(self) -> dict[str, Any]:
        """What ``apply_to_help`` takes, of a valid form."""
        given = {name: value for name, value in self.cleaned_data.items() if name != "agrees"}
        return {**given, "emergency_phone": given["emergency_phone"] or "", "language": get_language() or ""}


class CheckForm(RecordForm):
    kind = forms.ChoiceField(label=_("What was checked"), choices=CheckKind.choices)
    checked_on = date_field(_("On which day"))
    expires_on = date_field(_("Valid until"), help_text=_("Empty: for good."))
    note = forms.CharField(
        label=_("Note"), max_length=200, required=False, help_text=_("Which paper was seen; no numbers.")
    )


class SkillOfForm(RecordForm):
    skill = forms.ModelChoiceField(label=_("Skill"), queryset=Skill.objects.filter(is_active=True))
    evidence = forms.CharField(
        label=_("Evidence"), max_length=200, required=False, help_text=_("Licence, diploma, course.")
    )
    expires_on = date_field(_("Valid until"))
    is_verified = forms.BooleanField(label=_("I have looked at the evidence"), required=False)


class TrustForm(RecordForm):
    reason = forms.CharField(label=_("Reason"), max_length=300)


class SkillForm(RecordForm):
    """A line of the list of skills."""

    name = forms.CharField(label=_("Name"), max_length=100)
    group = forms.CharField(label=_("Group"), max_length=60, required=False)
    asks_evidence = forms.BooleanField(label=_("Evidence is looked at"), required=False)
    is_active = forms.BooleanField(label=_("In use"), required=False, initial=True)
