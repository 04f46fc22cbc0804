"""Reporting a person and correcting a report, on registrars' pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from komek.accounts.authority import Action, Standing, may, visible
from komek.places.models import Area
from komek.records.actor import Actor
from komek.web.context import standing
from komek.web.fields import LocationField, LookupField
from komek.web.records import RecordForm, RecordFormView
from missing_persons.ages import born_in_year, parse_ages
from missing_persons.checking import NameGiven
from missing_persons.models import Company, NameKind, Report, ReportKind, Sex
from missing_persons.policies import REPORTERS
from missing_persons.refreshing import main_name
from missing_persons.reporting import correct_report, report_person
from orgs.models import Organisation

MOMENT = "%Y-%m-%dT%H:%M"


def _line(label: Any, longest: int = 300, **options: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=longest, required=False, **options)


class AgeField(forms.CharField):
    """Cleans to the youngest and the oldest age, or ``None``."""

    def clean(self, value: Any) -> tuple[int, int] | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            return parse_ages(text)
        except ValueError as fault:
            raise forms.ValidationError(
                _("Write the age in years, such as 40, or 35–45 when it is a guess.")
            ) from fault

    def prepare_value(self, value: Any) -> Any:
        return f"{value[0]}–{value[1]}" if isinstance(value, tuple) else value


class ReportForm(RecordForm):
    kind = forms.ChoiceField(label=gettext_lazy("What is reported"), choices=ReportKind.choices)
    names = forms.CharField(
        label=gettext_lazy("Name"), max_length=12_000, required=False, widget=forms.Textarea({"rows": 3}),
        help_text=gettext_lazy("As written. Other spellings, scripts and nicknames one a line below it."),
    )  # fmt: skip
    sex = forms.ChoiceField(label=gettext_lazy("Sex"), choices=Sex.choices, initial=Sex.UNKNOWN)
    age = AgeField(
        label=gettext_lazy("Age"), required=False, max_length=10,
        help_text=gettext_lazy("In years, such as 40, or 35–45 when it is a guess."),
    )  # fmt: skip
    birth_year = forms.IntegerField(label=gettext_lazy("Year of birth"), required=False)
    birth_date = forms.DateField(
        label=gettext_lazy("Date of birth"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    occurred_at = forms.DateTimeField(
        label=gettext_lazy("When last seen, found or died"),
        widget=forms.DateTimeInput({"type": "datetime-local"}, MOMENT),
    )
    last_seen_text = _line(gettext_lazy("Where last seen or found"))
    last_seen_area = LookupField(label=gettext_lazy("Area"), key="places.area", model=Area, required=False)
    last_seen_point = LocationField(label=gettext_lazy("On the map"), required=False)
    company = forms.ChoiceField(label=gettext_lazy("Found with"), choices=Company.choices, required=False)
    home_text = _line(gettext_lazy("Home"))
    home_area = LookupField(label=gettext_lazy("Home, area"), key="places.area", model=Area, required=False)
    height_cm = forms.IntegerField(label=gettext_lazy("Height in cm"), required=False)
    build = _line(gettext_lazy("Build"), 100)
    hair = _line(gettext_lazy("Hair"), 100)
    eyes = _line(gettext_lazy("Eyes"), 100)
    scars = _line(gettext_lazy("Scars and marks"))
    tattoos = _line(gettext_lazy("Tattoos"))
    clothing = _line(gettext_lazy("Clothing"))
    languages = _line(gettext_lazy("Languages spoken"), help_text=gettext_lazy("With commas between."))
    description = forms.CharField(label=gettext_lazy("Description"), required=False, widget=forms.Textarea({"rows": 3}))
    circumstances = forms.CharField(
        label=gettext_lazy("What happened"), required=False, widget=forms.Textarea({"rows": 3})
    )
    reported_by = _line(gettext_lazy("Who reports it"), 200)
    reporter_relation = _line(gettext_lazy("Relation to the person"), 100)
    reporter_phone = _line(gettext_lazy("Telephone"), 60)
    reporter_email = _line(gettext_lazy("E-mail"), 254)
    source = _line(gettext_lazy("Source"), help_text=gettext_lazy("Such as a list, a hospital, a radio programme."))
    consents_to_publish = forms.BooleanField(
        label=gettext_lazy("May be published"), required=False,
        help_text=gettext_lazy("They agreed that name, age and status are shown to the public. Never an address or a phone."),
    )  # fmt: skip
    organisation = forms.ModelChoiceField(
        label=gettext_lazy("Organisation"), queryset=Organisation.objects.none(), required=False
    )
    is_verified = forms.BooleanField(
        label=gettext_lazy("I made sure of this myself"), required=False,
        help_text=gettext_lazy("You saw or spoke to the person, or saw papers. A death is confirmed by a protection officer."),
    )  # fmt: skip

    groups = (
        (gettext_lazy("Who"), ("kind", "names", "sex", "age", "birth_year", "birth_date")),
        (gettext_lazy("When and where"), ("occurred_at", "last_seen_text", "last_seen_area", "last_seen_point", "company")),
        (gettext_lazy("Home"), ("home_text", "home_area")),
        (gettext_lazy("How they look"), (
            "height_cm", "build", "hair", "eyes", "scars", "tattoos", "clothing", "languages", "description",
        )),
        (gettext_lazy("What happened"), ("circumstances",)),
        (gettext_lazy("Who reports it"), (
            "reported_by", "reporter_relation", "reporter_phone", "reporter_email", "source", "consents_to_publish",
            "organisation", "is_verified",
        )),
    )  # fmt: skip

    def __init__(self, *args: Any, record: Report | None = None, **kwargs: Any) -> None:
        if record is not None:
            kwargs["initial"] = {**(kwargs.get("initial") or {}), **_as_typed(record)}
        super().__init__(*args, record=record, **kwargs)
        whose = standing(self.request)
        field: Any = self.fields["organisation"]
        field.queryset = _own_organisations(whose)
        field.required = not may(whose, Action.ADD, Report(operation=whose.operation)) and record is None
        if record is not None:
            del self.fields["organisation"], self.fields["is_verified"]
        elif not field.queryset.exists():
            del self.fields["organisation"]

    @property
    def grouped(self) -> list[tuple[Any, list[Any]]]:
        return [(title, [self[name] for name in names if name in self.fields]) for title, names in self.groups]

    def given(self) -> dict[str, Any]:
        """What the functions take, without the names."""
        values = {name: value for name, value in self.cleaned_data.items() if name not in ("names", "age")}
        ages = self.cleaned_data.get("age")
        values["age_from"], values["age_to"] = ages if ages else (None, None)
        values["languages"] = [one.strip() for one in values["languages"].split(",") if one.strip()]
        return values

    def names_given(self) -> list[NameGiven]:
        """One name a line, the first is the main one; parts and kinds that stood there stay with their name."""
        record: Any = self.record
        known = {} if record is None else {name.as_written: name for name in record.names.all()}
        found = []
        for place, line in enumerate(filter(None, map(str.strip, self.cleaned_data["names"].splitlines()))):
            old = known.get(line)
            if old is not None:
                found.append(NameGiven(line, old.given, old.patronymic, old.family, old.kind))
            else:
                found.append(NameGiven(line, kind=NameKind.ALTERNATIVE if place else NameKind.FULL))
        return found


def _as_typed(report: Report) -> dict[str, Any]:
    typed: dict[str, Any] = {
        "names": "\n".join(name.as_written for name in report.names.all()),
        "languages": ", ".join(report.languages),
        "age": "",
    }
    if report.age_from is not None or report.age_to is not None:
        low, high = report.age_from, report.age_to
        low = high if low is None else low
        typed["age"] = str(low) if high in (None, low) else f"{low}–{high}"
    elif report.born_from is not None and (report.born_from, report.born_to) == born_in_year(report.born_from.year):
        typed["birth_year"] = report.born_from.year
    return typed


def _own_organisations(whose: Standing) -> Any:
    """Organisations for which the viewer may report."""
    own = whose.organisation_ids(*REPORTERS, write=True)
    return visible(Organisation.objects.filter(pk__in=own), whose).order_by("name")


class ReportAdd(RecordFormView):
    model = Report
    form_class = ReportForm
    template_name = "missing_persons/report_form.html"
    title = gettext_lazy("Report a person")
    saved_message = gettext_lazy("The report is written down.")

    def initial(self) -> dict[str, Any]:
        own = list(_own_organisations(standing(self.request))[:2])
        return {
            "occurred_at": timezone.localtime().replace(second=0, microsecond=0),
            "organisation": own[0].pk if len(own) == 1 else None,
        }

    def save_record(self, form: RecordForm, by: Actor) -> Report:
        assert isinstance(form, ReportForm)
        fields = form.given()
        return report_person(
            by=by,
            operation=self.request.operation or None,
            names=form.names_given(),
            **fields,  # type: ignore[attr-defined]
        )


class ReportChange(RecordFormView):
    model = Report
    form_class = ReportForm
    template_name = "missing_persons/report_form.html"

    def record(self) -> Report:
        rows = visible(
            Report.objects.filter(tombstoned_at=None).select_related("person", "made_person"), standing(self.request)
        )
        found: Report | None = rows.filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise Http404
        return found

    def heading(self) -> Any:
        # Not the person's own line: what stands there may come from others' reports.
        return _("Correct the report: %(person)s") % {"person": f"{main_name(self.kept)} ({self.kept.code})"}

    def save_record(self, form: RecordForm, by: Actor) -> Report:
        assert isinstance(form, ReportForm)
        return correct_report(
            by=by, operation=self.kept.operation, report=self.kept, names=form.names_given(), **form.given()
        )
