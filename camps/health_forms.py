"""Forms of the health watch: a day's cases of every syndrome, and the thresholds of one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from hashlib import sha256
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from camps.health_watch import FIGURES, PLAUSIBLE_CASES, Cases
from camps.models import Syndrome, SyndromeCount
from camps.refusals import NeedsConfirmation
from komek.web.records import RecordForm

HEADINGS = {"under_five": _("under 5"), "five_and_over": _("5 and over"), "deaths": _("deaths")}


def seen_of(rows: Iterable[SyndromeCount]) -> str:
    """A mark of the figures a form started from, so that two people do not overwrite each other unknowingly."""
    text = "|".join(f"{row.syndrome_id}:{row.under_five}:{row.five_and_over}:{row.deaths}" for row in rows)
    return sha256(text.encode()).hexdigest()[:16]


class DayForm(forms.Form):
    """A row for each syndrome. Empty is "nobody said", 0 is "nobody ill"."""

    day = forms.DateField(widget=forms.HiddenInput)
    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    reported_by = forms.CharField(
        label=_("Reported by"), max_length=200, required=False, help_text=_("If it was not you: who told you.")
    )
    confirmed = forms.BooleanField(label=_("Yes, the numbers are right"), required=False)

    def __init__(self, *args: Any, syndromes: list[Syndrome], known: dict[int, SyndromeCount], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.syndromes, self.asks = syndromes, False
        self.notes = {pk: row.note for pk, row in known.items()}
        for syndrome in syndromes:
            row = known.get(syndrome.pk)
            for name in FIGURES:
                field = forms.IntegerField(
                    label=f"{syndrome}, {HEADINGS[name]}", min_value=0, max_value=PLAUSIBLE_CASES, required=False
                )
                field.widget.attrs |= {"aria-label": field.label, "inputmode": "numeric"}
                field.initial = getattr(row, name) if row is not None else None
                self.fields[f"{name}_{syndrome.pk}"] = field

    def rows(self) -> Iterator[tuple[Syndrome, list[BoundField]]]:
        for syndrome in self.syndromes:
            yield syndrome, [self[f"{name}_{syndrome.pk}"] for name in FIGURES]

    def counts(self, *, empty_is_zero: bool, known: dict[int, SyndromeCount]) -> list[Cases]:
        """What was typed. A row left empty that was never reported says nothing and is left out."""
        found = []
        for syndrome in self.syndromes:
            figures = {name: self.cleaned_data.get(f"{name}_{syndrome.pk}") for name in FIGURES}
            is_empty = all(value is None for value in figures.values())
            if is_empty and empty_is_zero:
                figures = dict.fromkeys(FIGURES, 0)
            elif is_empty and syndrome.pk not in known:
                continue
            found.append(Cases(syndrome, note=self.notes.get(syndrome.pk, ""), **figures))
        return found

    def add_refusal(self, refusal: forms.ValidationError) -> None:
        """Sentences of a refused day, each at its syndrome."""
        self.asks = isinstance(refusal, NeedsConfirmation)
        by_key = {syndrome.key: f"{FIGURES[0]}_{syndrome.pk}" for syndrome in self.syndromes}
        for name, errors in refusal.error_dict.items():
            field = by_key.get(name, name)
            self.add_error(field if field in self.fields and field != "day" else None, errors)


class SyndromeForm(RecordForm):
    """What is watched, and from how many cases it is an alert."""

    name = forms.CharField(label=_("Syndrome"), max_length=120)
    definition = forms.CharField(label=_("Case definition"), widget=forms.Textarea({"rows": 3}), required=False)
    window_days = forms.IntegerField(label=_("Within, days"), min_value=1, max_value=28, initial=7)
    alert_cases = forms.IntegerField(
        label=_("Alert from, cases"), min_value=1, max_value=PLAUSIBLE_CASES, required=False,
        help_text=_("So many cases within these days are an alert."),
    )  # fmt: skip
    alert_ratio = forms.DecimalField(
        label=_("Alert from, times the average"), min_value=1, max_value=100, max_digits=5, decimal_places=2, required=False,
        help_text=_("Against the average of the three periods before. Fewer than 3 cases are never a rise."),
    )  # fmt: skip
    alert_per_10000 = forms.DecimalField(
        label=_("Alert from, cases per 10,000 people"), min_value=0, max_value=10_000, max_digits=7, decimal_places=2,
        required=False, help_text=_("Needs a head count of the site."),
    )  # fmt: skip
    source = forms.CharField(
        label=_("Who set this"), max_length=300, help_text=_("The health authority or publication, and when.")
    )
    is_active = forms.BooleanField(label=_("In use"), required=False, initial=True)


def asked_day(text: str, today: date) -> date:
    """The day named in an address, today when there is none or it makes no sense."""
    try:
        return min(date.fromisoformat(text), today)
    except ValueError:
        return today
