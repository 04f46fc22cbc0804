"""Forms for a household and its people."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from camps import consent
from camps.double_pages import warn_of_doubles
from camps.entries import LARGEST_HOUSEHOLD, OLDEST_YEARS, Member
from camps.households import OF_PERSON, change_household, change_person
from camps.models import Household, Intention, Person, RelationToHead, Sex, SpecialNeed
from camps.people_pages import found_household, found_person
from camps.registration import add_member
from komek.places.models import Area
from komek.records.actor import Actor
from komek.web.context import standing
from komek.web.fields import LookupField
from komek.web.records import RecordForm, RecordFormView


def date_field(label: Any) -> forms.DateField:
    return forms.DateField(label=label, required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))


class HouseholdForm(RecordForm):
    head_name = forms.CharField(label=_("Head of household"), max_length=200)
    size = forms.IntegerField(
        label=_("People"), min_value=1, max_value=LARGEST_HOUSEHOLD, required=False,
        help_text=_("Those listed by name and those not; everybody who is here."),
    )  # fmt: skip
    shelter_unit = forms.CharField(label=_("Tent, room or house"), max_length=60, required=False)
    phone = forms.CharField(label=_("Telephone"), max_length=40, required=False)
    origin = forms.CharField(label=_("Came from"), max_length=200, required=False)
    origin_area = LookupField(label=_("Area they came from"), key="places.area", model=Area, required=False)
    arrived_on = date_field(_("Arrived on"))
    intention = forms.ChoiceField(label=_("Wants to"), choices=Intention.choices)
    card_number = forms.CharField(
        label=_("Number of another ration card"), max_length=60, required=False,
        help_text=_("If they hold one that was not printed here."),
    )  # fmt: skip
    note = forms.CharField(label=_("Note"), max_length=300, required=False)
    reported_by = forms.CharField(label=_("Reported by"), max_length=200, required=False)


class HouseholdChange(RecordFormView):
    model = Household
    form_class = HouseholdForm

    def record(self) -> Household:
        return found_household(self.request, self.kwargs["code"])

    def heading(self) -> Any:
        return self.kept

    def save_record(self, form: RecordForm, by: Actor) -> Household:
        fields = dict(form.cleaned_data)
        if fields["size"] is None or fields["size"] == self.kept.size:
            fields.pop("size")  # nobody said anything about it
        return change_household(by=by, operation=self.kept.operation, household=self.kept, **fields)


class PersonForm(RecordForm):
    name = forms.CharField(
        label=_("Name"), max_length=200, help_text=_("If it is not known, how they can be recognised.")
    )
    sex = forms.ChoiceField(label=_("Sex"), choices=Sex.choices, initial=Sex.UNKNOWN)
    age = forms.IntegerField(label=_("Age in years"), min_value=0, max_value=OLDEST_YEARS, required=False)
    birth_date = date_field(_("Date of birth"))
    relation = forms.ChoiceField(
        label=_("Relation to the head"), choices=RelationToHead.choices, initial=RelationToHead.OTHER_RELATIVE
    )
    needs = forms.MultipleChoiceField(
        label=_("Needs"), choices=SpecialNeed.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    may_be_found = forms.BooleanField(
        label=_("May be told to relatives who search"), required=False,
        help_text=consent.TEXTS[consent.CURRENT],
    )  # fmt: skip
    note = forms.CharField(label=_("Note"), max_length=300, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        # The age that stood in the form follows from the date of birth; only one that was changed says something.
        if cleaned.get("birth_date") and "age" not in self.changed_data:
            cleaned["age"] = None
        return cleaned


class PersonChange(RecordFormView):
    model = Person
    form_class = PersonForm

    def record(self) -> Person:
        return found_person(self.request, self.kwargs["code"])

    def heading(self) -> Any:
        return self.kept

    def save_record(self, form: RecordForm, by: Actor) -> Person:
        fields = {name: value for name, value in form.cleaned_data.items() if name in OF_PERSON}
        if fields["age"] is None:
            fields.pop("age")
            if fields["birth_date"] is None and "age" in form.changed_data:
                fields["age"] = None
        return change_person(by=by, operation=self.kept.operation, person=self.kept, **fields)


class NewPersonForm(PersonForm):
    is_newcomer = forms.BooleanField(
        label=_("Came on top of those counted"), required=False,
        help_text=_("A birth, or somebody who joined. Otherwise they are one of those not listed by name yet."),
    )  # fmt: skip
    entry_id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        household = kwargs.pop("household")
        super().__init__(*args, **kwargs)
        if not household.unlisted:
            del self.fields["is_newcomer"]


class PersonAdd(RecordFormView):
    model = Person
    form_class = NewPersonForm

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        if request.user.is_authenticated:
            self.household = found_household(request, kwargs["code"])
            self.form_class = _for_household(self.household)  # type: ignore[misc]
        return super().dispatch(request, *args, **kwargs)

    def heading(self) -> Any:
        return _("Add a person to %(household)s") % {"household": self.household}

    def save_record(self, form: RecordForm, by: Actor) -> Household:
        fields = dict(form.cleaned_data)
        entry_id: UUID = fields.pop("entry_id")
        is_newcomer = fields.pop("is_newcomer", True)
        add_member(
            by=by, operation=self.household.operation, household=self.household, member=Member(**fields),
            entry_id=entry_id, is_newcomer=is_newcomer,
        )  # fmt: skip
        warn_of_doubles(self.request, [self.household], standing(self.request))
        return self.household


def _for_household(household: Household) -> Any:
    """The form for one household, as the base view makes forms."""

    def make(*args: Any, **kwargs: Any) -> NewPersonForm:
        return NewPersonForm(*args, household=household, **kwargs)

    return make
