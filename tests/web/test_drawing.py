"""Pieces of HTML put together without templates are what the templates would make."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates
from django.http import QueryDict
from django.urls import reverse
from django.utils import translation
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy

from komek.records.addresses import address_of
from komek.web.addresses import with_changes
from komek.web.columns import Column, drawn_rows
from komek.web.drawing import Renderer, field_box

NASTY = "<b> & \"double\" 'single' ünï"


class Sample(forms.Form):
    text = forms.CharField(widget=forms.TextInput(attrs={"data-x": NASTY, "autofocus": True, "disabled": False}))
    hidden = forms.CharField(widget=forms.HiddenInput)
    number = forms.DecimalField(required=False, help_text=NASTY)
    day = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}))
    email = forms.EmailField(required=False)
    agreed = forms.BooleanField(required=False)
    many = forms.MultipleChoiceField(choices=[("a", "A")], required=False, widget=forms.CheckboxSelectMultiple)
    choice = forms.ChoiceField(
        choices=[
            ("", gettext_lazy("none")), (NASTY, NASTY), (1234, Decimal("1234.5")), ("safe", mark_safe("<i>x</i>")),
            (NASTY + "group", [("in", "inside"), (7, date(2026, 11, 28))]),
        ]
    )  # fmt: skip


def unspaced(text: str) -> str:
    return re.sub(r"\s*\n\s*", "\n", text)


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize(
    "data",
    [
        None,
        {"text": NASTY, "number": "x", "choice": NASTY, "agreed": "on", "day": "2026-11-28"},
        {"text": "", "choice": "in", "number": "1.5", "hidden": NASTY, "email": NASTY},
    ],
)
def test_widgets_and_errors_are_drawn_as_by_the_templates(language: str, data: dict[str, str] | None) -> None:
    with translation.override(language):
        ours, theirs = Sample(data, renderer=Renderer()), Sample(data, renderer=DjangoTemplates())
        for name in Sample.base_fields:
            assert unspaced(str(ours[name])) == unspaced(str(theirs[name]))
            assert str(ours[name].errors) == str(theirs[name].errors)


def test_a_field_has_its_label_help_and_errors_escaped() -> None:
    form = Sample({"text": "", "number": "x"})
    number, text = field_box(form["number"]), field_box(form["text"], {"placeholder": NASTY})
    assert "<b>" not in number + text
    assert 'for="id_number"' in number and 'id="id_number_helptext"' in number and "optional" in number
    assert 'class="errorlist"' in number and 'class="errorlist"' in text and "optional" not in text
    assert field_box(form["many"]).startswith('<fieldset class="field" id="id_many-field"><legend>')
    assert field_box(form["hidden"]).startswith("<input")


def test_cells_are_escaped_unless_they_are_safe_and_blank_ones_are_marked() -> None:
    class Row:
        pk, nasty, empty, number = 1234, NASTY, "", 1234

        def __str__(self) -> str:
            return NASTY

    columns = (
        Column("nasty", NASTY, "nasty"),
        Column("empty", "Empty", "empty", nowrap=True),
        Column("number", "Number", "number", numeric=True),
        Column("cell", "Cell", "nasty", cell=lambda row: mark_safe("<em>safe</em>")),
    )
    drawn = drawn_rows([Row()], columns, ticked=True)
    assert "<b>" not in drawn and "<em>safe</em>" in drawn
    assert 'name="pk" value="1234"' in drawn and 'class="nowrap blank"></td>' in drawn
    assert ">1,234</td>" in drawn and 'class="first">' in drawn
    assert "checkbox" not in drawn_rows([Row()], columns, ticked=False)


def test_an_address_is_the_one_that_django_makes() -> None:
    for code in ("O1234", "ä б/?"):
        if "/" not in code:
            assert address_of("orgs:organisation", code) == reverse("orgs:organisation", args=[code])
    changed = with_changes(QueryDict("a=1&a=2&page=4&q=%C3%A4%20b"), page=None, sort="-name", size=50)
    assert changed == "?a=1&a=2&q=%C3%A4+b&sort=-name&size=50"
    assert with_changes(QueryDict("page=4"), page=None) == "?"
