"""Public forms: few questions, big fields, each with a sentence that says what is meant. Everything but a name may stay empty."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any, ClassVar
from uuid import UUID, uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from missing_persons.ages import OLDEST, born_of_age, parse_ages
from missing_persons.checking import NameGiven
from missing_persons.models import Company, NameKind, ReportKind, Sex
from missing_persons.refusals import Refused
from missing_persons.searching import Query, what_is_missing
from missing_persons.texts import one_line

LONGEST_ASKED = 200
"""Characters of a name that is searched; the longest names people bear have about 120."""


def line(label: Any, help_text: Any = "", *, required: bool = False, most: int | None = 300, kind: str = "text") -> Any:
    """One line of text."""
    widget = forms.TextInput(attrs={"type": kind, "autocomplete": "off"})
    return forms.CharField(
        label=label, help_text=help_text, required=required, max_length=most, widget=widget,
        error_messages={"required": gettext_lazy("Write the name, as complete as you know it.")},
    )  # fmt: skip


def words(label: Any, help_text: Any = "") -> Any:
    """Several lines of text."""
    return forms.CharField(
        label=label, help_text=help_text, required=False, max_length=5_000, widget=forms.Textarea(attrs={"rows": 4})
    )


class AgeField(forms.CharField):
    """``40`` or ``35–45``. Cleans to two ages in years, or ``None``."""

    def to_python(self, value: Any) -> Any:
        text = one_line(super().to_python(value))
        if not text:
            return None
        try:
            low, high = parse_ages(text)
        except ValueError as fault:
            raise ValidationError(_("Write the age as a number, such as 40, or as 35–45.")) from fault
        if max(low, high) > OLDEST:
            raise ValidationError(
                _("Nobody is that old. Give the age in years, between 0 and %(oldest)d, or leave it empty.")
                % {"oldest": OLDEST}
            )
        if low > high:
            raise ValidationError(_("Write the younger age first, such as 35–45."))
        return low, high


def age_field() -> AgeField:
    return AgeField(
        label=gettext_lazy("Age"), required=False, max_length=20,
        help_text=gettext_lazy("About: 40, or 35–45."), widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip


class SearchForm(forms.Form):
    """A name in any script, and an age to tell namesakes apart. No place: who asked place by place would learn where somebody is."""

    name = forms.CharField(
        label=gettext_lazy("Name of the person"),
        error_messages={"required": gettext_lazy("Write the name of the person, in any alphabet.")},
        help_text=gettext_lazy("At least two names, such as the given and the family name; in any alphabet."),
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )  # fmt: skip
    age = age_field()

    def clean_name(self) -> str:
        name = one_line(self.cleaned_data["name"])
        if len(name) > LONGEST_ASKED:
            raise ValidationError(
                _("The name has %(length)d characters; a name has at most %(most)d. Write the name alone.")
                % {"length": len(name), "most": LONGEST_ASKED}
            )
        return name

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if "name" in cleaned and "age" in cleaned and (fault := what_is_missing(self.query(), public=True)):
            self.add_error("name", fault)
        return cleaned

    def query(self) -> Query:
        """What is asked, of a form with a name and an age."""
        ages = self.cleaned_data.get("age")
        born = born_of_age(*ages, timezone.localdate()) if ages else (None, None)
        return Query(name=self.cleaned_data["name"], born_from=born[0], born_to=born[1])


class PublicReportForm(forms.Form):
    """What all public reports have. ``entry``: makes a report sent twice one report; ``draft``: what was saved before."""

    kind: ClassVar[str] = ReportKind.MISSING
    groups: ClassVar[tuple[tuple[Any, tuple[str, ...]], ...]] = ()
    own_words: ClassVar[dict[str, str]] = {}

    entry = forms.CharField(required=False, widget=forms.HiddenInput, max_length=40)
    draft = forms.CharField(required=False, widget=forms.HiddenInput, max_length=80)
    name = line(
        gettext_lazy("Name of the person"),
        gettext_lazy("As complete as you know it, in any alphabet."),
        required=True,
        most=None,
    )
    other_name = line(
        gettext_lazy("Another name or spelling"), gettext_lazy("A nickname, the name at birth, the name in other letters."),
        most=None,
    )  # fmt: skip
    sex = forms.ChoiceField(
        label=gettext_lazy("Sex"), required=False,
        choices=(("", gettext_lazy("not known")), (Sex.FEMALE, Sex.FEMALE.label), (Sex.MALE, Sex.MALE.label),
                 (Sex.OTHER, Sex.OTHER.label)),
    )  # fmt: skip
    age = age_field()
    home_text = line(gettext_lazy("Where they live"), gettext_lazy("Town or village and street. Not shown to others."))
    reported_by = line(gettext_lazy("Your name"), most=200)
    reporter_phone = line(
        gettext_lazy("Your telephone"), gettext_lazy("Only registrars see it, to tell you news."), most=60, kind="tel"
    )
    reporter_email = line(gettext_lazy("Your e-mail"), most=254, kind="email")
    consents_to_publish = forms.BooleanField(
        label=gettext_lazy("Everybody who knows the name may find it here"), required=False,
        help_text=gettext_lazy("Shown are only name, rough age and whether they are missing or found. Never a place or a telephone."),
    )  # fmt: skip

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.initial.setdefault("entry", str(uuid4()))

    def entry_id(self) -> UUID | None:
        """The page's own number, if it is one."""
        try:
            return UUID(self.cleaned_data.get("entry") or "")
        except ValueError:
            return None

    def names(self) -> list[NameGiven]:
        given = self.cleaned_data
        names = [NameGiven(given.get("name", ""))]
        if other := given.get("other_name"):
            names.append(NameGiven(other, kind=NameKind.ALTERNATIVE))
        return names

    def report_kind(self) -> str:
        return self.kind

    def values(self) -> dict[str, Any]:
        """What ``report_by_public`` takes beside kind and names, of a valid form."""
        given = self.cleaned_data
        kept = ("home_text", "reported_by", "reporter_phone", "reporter_email", "consents_to_publish")
        taken = {name: given.get(name) for name in (*kept, *self.extra_names) if given.get(name)}
        if given.get("sex"):
            taken["sex"] = given["sex"]
        if given.get("age"):
            taken["age_from"], taken["age_to"] = given["age"]
        if given.get("day"):
            taken["occurred_at"] = moment_of(given["day"])
        return {**taken, "language": get_language() or ""}

    extra_names: ClassVar[tuple[str, ...]] = ()

    def add_refusal(self, refusal: Refused) -> None:
        """Sentences of a refused report, each at its field."""
        at = {"names": "name", "age_from": "age", "age_to": "age", "occurred_at": "day"}
        for name, faults in refusal.error_dict.items():
            field = at.get(name, name)
            self.add_error(field if field in self.fields else None, faults)

    def in_groups(self) -> list[tuple[Any, list[Any]]]:
        """The fields to show, under their headings."""
        return [(title, [self[name] for name in names]) for title, names in self.groups]


def moment_of(day: Any) -> datetime:
    """A day as a moment: its noon, or now for today, so that nothing lies in the future."""
    noon = timezone.make_aware(datetime.combine(day, time(12)))
    return min(noon, timezone.now()) if day == timezone.localdate() else noon


def day_field(label: Any) -> Any:
    """A day that is over. Browsers without a calendar take it as text."""
    return PastDay(label=label, required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))


class PastDay(forms.DateField):
    def clean(self, value: Any) -> Any:
        day = super().clean(value)
        if day is not None and day > timezone.localdate():
            raise ValidationError(_("This day is yet to come. Give the day when the person was last seen or found."))
        return day


def photo_field() -> Any:
    return forms.FileField(
        label=gettext_lazy("Photo"), required=False,
        help_text=gettext_lazy("A clear photo of the face. Where and with what it was taken is removed from it."),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
    )  # fmt: skip


def photo_agreed_field() -> Any:
    return forms.BooleanField(
        label=gettext_lazy("The photo may be shown to everybody who finds the name"), required=False
    )


class MissingForm(PublicReportForm):
    """Somebody is missing."""

    kind = ReportKind.MISSING
    extra_names = ("last_seen_text", "description", "circumstances", "reporter_relation")
    groups = (
        (gettext_lazy("Who is missing"), ("name", "other_name", "sex", "age", "home_text")),
        (gettext_lazy("When and where last seen"), ("day", "last_seen_text", "circumstances")),
        (gettext_lazy("How to know them"), ("description", "photo", "photo_agreed")),
        (gettext_lazy("About you"), ("reported_by", "reporter_relation", "reporter_phone", "reporter_email")),
        (gettext_lazy("May it be found?"), ("consents_to_publish",)),
    )
    day = day_field(gettext_lazy("Day last seen or heard of"))
    last_seen_text = line(gettext_lazy("Where last seen"), gettext_lazy("Not shown to others."))
    circumstances = words(gettext_lazy("What happened"), gettext_lazy("In your own words."))
    description = words(
        gettext_lazy("How they look"), gettext_lazy("Height, hair, eyes, scars, clothing; what only the family knows.")
    )
    photo = photo_field()
    photo_agreed = photo_agreed_field()
    reporter_relation = line(
        gettext_lazy("What you are to them"), gettext_lazy("Mother, brother, neighbour …"), most=100
    )


class FoundForm(PublicReportForm):
    """Somebody was found or seen alive. Deaths are not taken here."""

    kind = ReportKind.FOUND
    extra_names = ("last_seen_text", "description", "circumstances", "company")
    groups = (
        (gettext_lazy("Who was found"), ("name", "other_name", "sex", "age", "company", "home_text")),
        (gettext_lazy("When and where"), ("day", "missing_day", "last_seen_text", "circumstances")),
        (gettext_lazy("How to know them"), ("description", "photo", "photo_agreed")),
        (gettext_lazy("About you"), ("reported_by", "reporter_phone", "reporter_email")),
        (gettext_lazy("May it be found?"), ("consents_to_publish",)),
    )
    name = line(
        gettext_lazy("Name of the person"),
        gettext_lazy("Leave it empty if nobody knows the name; then describe the person."),
        most=None,
    )
    company = forms.ChoiceField(label=gettext_lazy("With whom are they?"), choices=Company.choices, required=False)
    day = day_field(gettext_lazy("Day found or seen"))
    missing_day = day_field(gettext_lazy("Missing since, if you know it"))
    last_seen_text = line(gettext_lazy("Where found, and where they are now"), gettext_lazy("Not shown to others."))
    circumstances = words(gettext_lazy("What happened"), gettext_lazy("In your own words."))
    description = words(
        gettext_lazy("How they look"), gettext_lazy("Height, hair, eyes, scars, clothing, languages spoken.")
    )
    photo = photo_field()
    photo_agreed = photo_agreed_field()

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        found, missing = cleaned.get("day"), cleaned.get("missing_day")
        if found and missing and found < missing:
            self.add_error("day", _("The day found lies before the day since which they are missing. Check both."))
        return cleaned

    def report_kind(self) -> str:
        return self.kind if one_line(self.cleaned_data.get("name")) else ReportKind.UNIDENTIFIED_LIVING


class SafeForm(PublicReportForm):
    """“I am safe”."""

    kind = ReportKind.SAFE
    extra_names = ("circumstances",)
    groups = (
        (gettext_lazy("Who you are"), ("name", "other_name", "sex", "age", "home_text")),
        (gettext_lazy("How your family may know that it is you"), ("circumstances",)),
        (gettext_lazy("How registrars reach you"), ("reporter_phone", "reporter_email")),
        (gettext_lazy("May it be found?"), ("consents_to_publish",)),
    )
    name = line(
        gettext_lazy("Your name"),
        gettext_lazy("As complete as your family would search it, in any alphabet."),
        required=True,
        most=None,
    )
    home_text = line(gettext_lazy("Where you live"), gettext_lazy("Town or village and street. Not shown to others."))
    circumstances = words(
        gettext_lazy("Something only they know"), gettext_lazy("Not shown to others; registrars may ask after it.")
    )
    reporter_phone = line(gettext_lazy("Your telephone"), gettext_lazy("Only registrars see it."), most=60, kind="tel")

    def values(self) -> dict[str, Any]:
        return {
            **super().values(),
            "reported_by": self.cleaned_data["name"][:200],
            "reporter_relation": _("the person"),
        }


FORMS: dict[str, type[PublicReportForm]] = {"missing": MissingForm, "found": FoundForm, "safe": SafeForm}
