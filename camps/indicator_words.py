"""Indicators in words: the value, what the standard asks for, and the gap, in the reader's language."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from django.utils import formats
from django.utils.translation import gettext as _

from camps.indicators import Indicator, Kind, Missing, Step
from camps.models import Standard


def number(amount: Decimal | int, places: int = 1) -> str:
    """A figure as people read it: separators of the language, at most ``places`` decimals and none that are zero."""
    rounded = Decimal(amount).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP).normalize()
    exact = Decimal(f"{rounded:f}")
    return formats.number_format(exact, use_l10n=True, force_grouping=True)


def with_unit(amount: Decimal | int, standard: Standard) -> str:
    """A figure with the standard's unit."""
    unit = one_or_more(standard.text("unit"), amount)
    return f"{number(amount)} {unit}" if unit else number(amount)


def one_or_more(text: str, amount: Decimal | int) -> str:
    """The word for one or for more: "tap|taps"."""
    one, _bar, many = text.partition("|")
    return one if amount == 1 or not many else many


def measured_words(standard: Standard, value: Decimal) -> str:
    """What was measured, as it was written down: 40 toilets; in place."""
    if standard.comparison == Kind.IN_PLACE:
        return _("in place") if value > 0 else _("not in place")
    return with_unit(value, standard)


def value_words(standard: Standard, indicator: Indicator) -> str:
    """The value beside the standard: "4.5 l a day per person", "40 people for each", "620 m"; or that it is not known."""
    if indicator.missing is not None:
        return {
            Missing.BOTH: _("not known: no headcount, nothing measured"),
            Missing.HEADCOUNT: _("not known: no headcount"),
            Missing.MEASUREMENT: _("not known: nothing measured"),
        }[indicator.missing]
    if standard.comparison == Kind.IN_PLACE and indicator.measured is not None:
        return measured_words(standard, indicator.measured.value)
    if indicator.value is not None:
        return figure_words(standard, indicator.value)
    if indicator.people is not None and not indicator.people.value:
        return _("nobody is here")
    if indicator.measured is not None and indicator.needed is not None:
        there = number(indicator.measured.value)
        return _("%(there)s; needed: %(needed)s") % {"there": there, "needed": number(indicator.needed)}
    return _("none")


def figure_words(standard: Standard, figure: Decimal) -> str:
    """A figure in the terms of the standard."""
    if standard.comparison == Kind.PER_PERSON:
        return _("%(amount)s per person") % {"amount": with_unit(figure, standard)}
    if standard.comparison == Kind.PEOPLE_PER_UNIT:
        return _("%(people)s people for each") % {"people": number(figure)}
    return with_unit(figure, standard)


def standard_words(standard: Standard, step: Step = Step.FULL) -> str:
    """What the standard asks for: "at least 15 l a day per person"."""
    figure = {Step.FIRST: standard.first, Step.COLD: standard.target_cold, Step.FULL: standard.target}[step]
    if standard.comparison == Kind.IN_PLACE or figure is None:
        return _("in place")
    words = figure_words(standard, figure)
    if step == Step.COLD and standard.upper_cold is not None:
        span = f"{number(figure)}–{number(standard.upper_cold)}"
        words = words.replace(number(figure), span, 1)
    if standard.comparison in (Kind.PER_PERSON, Kind.AT_LEAST):
        return _("at least %(figure)s") % {"figure": words}
    words = _("at most %(figure)s") % {"figure": words}
    if standard.share is not None:
        return _("%(part)s %% of all; %(figure)s") % {"part": number(standard.share * 100), "figure": words}
    return words


def step_words(step: Step) -> str:
    """Which figure of the standard applies, when it is not the full one."""
    return {Step.FIRST: _("in the first days"), Step.COLD: _("in the cold or in a town"), Step.FULL: ""}[step]


def gap_words(standard: Standard, gap: int) -> str:
    """A gap that a person can act on: "38 more toilets"."""
    template = standard.text("gap_text")
    if not template:
        template = _("{n} more: %(name)s") % {"name": standard}
    return one_or_more(template, gap).replace("{n}", number(gap))


def indicator_gap_words(standard: Standard, indicator: Indicator) -> str:
    """The gap, that there is none, or that it is not known; with the step that follows while only the first applies."""
    if indicator.gap is None:
        return _("not known")
    words = gap_words(standard, indicator.gap) if indicator.gap else _("nothing missing")
    if indicator.gap_in_full:
        words = _("%(now)s; later: %(later)s") % {"now": words, "later": gap_words(standard, indicator.gap_in_full)}
    return words
