"""Forms about standards: the figures of a visit, a request from a gap, and a standard itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from camps.assessing import standards_in_use
from camps.indicator_words import one_or_more
from camps.models import Comparison, Standard
from komek.supplies.models import Item
from komek.web.fields import LookupField
from komek.web.records import RecordForm
from orgs.models import Sector

PREFIX = "value_"
TEXTS = ("name", "unit", "gap_text", "note")
ABOUT = ("occurred_at", "source", "note", "reported_by")


# 12,000 is twelve thousand to one reader and twelve to another: never guess.
_TWO_READINGS = re.compile(r"^(?!0[.,])\d{1,3}(?:[.,]\d{3})+$")


class FigureField(forms.DecimalField):
    """A figure as people type it: with a comma or a point, and blanks between thousands."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}))
        options.setdefault("required", False)
        options.setdefault("max_digits", 14)
        options.setdefault("decimal_places", 3)
        super().__init__(**options)

    def to_python(self, value: Any) -> Decimal | None:
        if isinstance(value, str):
            value = "".join(value.split())
            if _TWO_READINGS.match(value):
                raise forms.ValidationError(
                    _("“%(typed)s” can be read in two ways. Write thousands without a sign between them: 12000.")
                    % {"typed": value}
                )
            value = value.replace(",", ".")
        found = super().to_python(value)
        return found if found is None or not found.is_finite() else plain(found)


def plain(figure: Decimal) -> Decimal:
    """The same figure without zeros at its end."""
    return Decimal(f"{figure.normalize():f}")


class InPlaceField(forms.TypedChoiceField):
    """In place, not in place, or not looked at."""

    def __init__(self, **options: Any) -> None:
        choices = (
            ("", gettext_lazy("not looked at")),
            ("1", gettext_lazy("in place")),
            ("0", gettext_lazy("not in place")),
        )
        super().__init__(choices=choices, coerce=Decimal, empty_value=None, required=False, **options)


class VisitForm(RecordForm):
    """Everything that was measured on one visit; what stays empty was not measured."""

    entry_id = forms.UUIDField(widget=forms.HiddenInput)
    occurred_at = forms.DateTimeField(
        label=gettext_lazy("When it was measured"),
        widget=forms.DateTimeInput({"type": "datetime-local"}, "%Y-%m-%dT%H:%M"),
    )
    source = forms.CharField(
        label=gettext_lazy("Source"), max_length=200, required=False,
        help_text=gettext_lazy("Site visit, water tanker's book, report of the camp committee …"),
    )  # fmt: skip
    note = forms.CharField(label=gettext_lazy("Note"), max_length=300, required=False)
    reported_by = forms.CharField(
        label=gettext_lazy("Reported by"), max_length=200, required=False,
        help_text=gettext_lazy("If it was not you: who told you."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.standards = standards_in_use()
        for standard in self.standards:
            self.fields[PREFIX + standard.key] = _field_of(standard)

    def values(self) -> dict[Standard, Decimal]:
        """The figures that were given, by standard."""
        given = {standard: self.cleaned_data.get(PREFIX + standard.key) for standard in self.standards}
        return {standard: value for standard, value in given.items() if value is not None}

    def about(self) -> dict[str, Any]:
        """When, by whose word, and the entry's own id."""
        return {name: self.cleaned_data[name] for name in (*ABOUT, "entry_id")}

    def add_refusal(self, refusal: Any) -> None:
        """Faults are named by the standards' keys."""
        for name, errors in refusal.error_dict.items():
            self.add_error(next((one for one in (name, PREFIX + name) if one in self.fields), None), errors)

    @cached_property
    def groups(self) -> list[tuple[str, list[Any]]]:
        """Fields under the names of their sectors."""
        found: dict[str, list[Any]] = {}
        for standard in self.standards:
            sector = str(standard.sector or _("other"))
            found.setdefault(sector, []).append(self[PREFIX + standard.key])
        return list(found.items())

    @property
    def last(self) -> list[Any]:
        return [self[name] for name in ABOUT]


def _field_of(standard: Standard) -> forms.Field:
    unit = one_or_more(standard.text("unit"), 2)
    # "Toilets, toilets" says nothing more than "Toilets".
    says_more = unit and standard.comparison != Comparison.PEOPLE_PER_UNIT
    label = f"{standard}, {unit}" if says_more else str(standard)
    field = InPlaceField if standard.comparison == Comparison.IN_PLACE else FigureField
    made: forms.Field = field(label=label, help_text=standard.text("note"))
    return made


class AskForm(forms.Form):
    """How much of the item to ask for, and by when."""

    quantity = FigureField(label=gettext_lazy("How many"), required=True)
    wanted_by = forms.DateField(
        label=gettext_lazy("Needed by"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    note = forms.CharField(label=gettext_lazy("Note"), max_length=500, required=False)


class StandardForm(RecordForm):
    """A figure to compare with, its source, and its words in every language."""

    key = forms.SlugField(
        label=gettext_lazy("Key"), max_length=60, help_text=gettext_lazy("Latin letters: hand_pumps.")
    )
    name = forms.CharField(label=gettext_lazy("What is measured"), max_length=150)
    sector = forms.ModelChoiceField(label=gettext_lazy("Sector"), queryset=Sector.objects.all(), required=False)
    comparison = forms.ChoiceField(label=gettext_lazy("Comparison"), choices=Comparison.choices)
    unit = forms.CharField(
        label=gettext_lazy("Unit"),
        max_length=40,
        required=False,
        help_text=gettext_lazy("Word for one|for more: tap|taps."),
    )
    target = FigureField(label=gettext_lazy("Standard"), max_digits=12)
    first = FigureField(
        label=gettext_lazy("At first, or the least"), max_digits=12,
        help_text=gettext_lazy("What to reach in the first days, or to survive."),
    )  # fmt: skip
    first_days = forms.IntegerField(
        label=gettext_lazy("“At first” lasts, days"), min_value=0, max_value=3650, required=False,
        help_text=gettext_lazy("Counted from the day the site opened. Empty: the full figure is asked for from the start."),
    )  # fmt: skip
    target_cold = FigureField(label=gettext_lazy("In the cold or in a town"), max_digits=12)
    upper_cold = FigureField(label=gettext_lazy("In the cold or in a town, up to"), max_digits=12)
    share = FigureField(
        label=gettext_lazy("Part of all units"), max_digits=5, decimal_places=4,
        help_text=gettext_lazy("0.75 where three of four should be such; needs “counted in”."),
    )  # fmt: skip
    part_of = forms.ModelChoiceField(
        label=pgettext_lazy("a standard that is part of another", "Counted in"),
        queryset=Standard.objects.filter(part_of=None),
        required=False,
    )
    item = LookupField(label=gettext_lazy("Item that closes a gap"), key="supplies.item", model=Item, required=False)
    item_covers = FigureField(
        label=gettext_lazy("One item closes"), max_digits=12, required=True, initial=Decimal(1),
        help_text=gettext_lazy("How much of the gap: a tent 16 m²."),
    )  # fmt: skip
    gap_text = forms.CharField(
        label=gettext_lazy("Gap in words"), max_length=150, required=False,
        help_text=gettext_lazy("{n} stands for the number: {n} more tap|{n} more taps."),
    )  # fmt: skip
    note = forms.CharField(label=gettext_lazy("How to measure it"), max_length=300, required=False)
    source = forms.CharField(
        label=gettext_lazy("Source"), max_length=300, help_text=gettext_lazy("Publication, edition, chapter, standard.")
    )
    order = forms.IntegerField(label=gettext_lazy("Order"), min_value=0, max_value=32767, initial=100)
    is_active = forms.BooleanField(label=gettext_lazy("In use"), required=False, initial=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for text in TEXTS:
            kept: Mapping[str, str] = getattr(self.record, f"{text}s", None) or {}
            for language, title in settings.LANGUAGES:
                if language == "en":
                    continue
                label = f"{self.fields[text].label} – {title}"
                limit = Standard._meta.get_field(text).max_length
                name = f"{text}_{language}"
                self.fields[name] = forms.CharField(label=label, max_length=limit, required=False)
                self.initial.setdefault(name, kept.get(language, ""))
        if self.record is not None:
            self.fields["key"].disabled = True
            for name in ("target", "first", "target_cold", "upper_cold", "share", "item_covers"):
                value = getattr(self.record, name)
                self.initial[name] = None if value is None else _unambiguous(value)

    def values(self) -> dict[str, Any]:
        """Fields for ``camps.standards``. A language that was emptied stays as an empty text: it is not filled in again."""
        plain = {name: value for name, value in self.cleaned_data.items() if name in self.base_fields}
        plain.pop("version", None)
        for text in TEXTS:
            kept = dict(getattr(self.record, f"{text}s", None) or {})
            for language, _title in settings.LANGUAGES:
                typed = self.cleaned_data.get(f"{text}_{language}", "")
                if typed or language in kept:
                    kept[language] = typed
            plain[f"{text}s"] = kept
        return plain

    @property
    def main(self) -> list[Any]:
        return [self[name] for name in self.base_fields]

    @property
    def translations(self) -> list[Any]:
        return [self[name] for name in self.fields if name not in self.base_fields]


def _unambiguous(figure: Decimal) -> str:
    """A figure as the field reads it back."""
    text = str(plain(figure))
    return f"{text}0" if _TWO_READINGS.match(text) else text
