"""The page of people who may be registered twice: both registrations side by side, and the answer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from camps.double_answers import Answer, answer_flag, newer, registered_elsewhere, waiting
from camps.models import DuplicateFlag, Household, Person
from camps.reading import names_read
from komek.accounts.authority import Action, Standing, may, require, visible
from komek.records.middleware import actor_of
from komek.web.context import standing

PAIRS_SHOWN = 30
SENTENCES_SHOWN = 5


class AnswerForm(forms.Form):
    flag = forms.IntegerField(min_value=1)
    answer = forms.ChoiceField(choices=Answer.choices)
    stays = forms.IntegerField(min_value=1, required=False)
    reason = forms.CharField(max_length=200, required=False)


@require_http_methods(["GET", "POST"])
@login_required
def doubles(request: HttpRequest) -> HttpResponse:
    """Pairs that wait for an answer; ``?camp=C1143`` those of one site."""
    whose = standing(request)
    require(whose, Action.VIEW, DuplicateFlag)
    if request.method == "POST" and _answer(request, whose):
        return redirect(request.get_full_path())
    rows = waiting(whose)
    code = request.GET.get("camp", "")[:20]
    if code:
        rows = rows.filter(first__camp__code=code) | rows.filter(second__camp__code=code)
    pairs = list(rows[:PAIRS_SHOWN])
    read = [person.household for pair in pairs for person in (pair.first, pair.second)]
    names_read(by=actor_of(request), operation=whose.operation, what=_("People registered twice"), records=read)
    context = {
        "pairs": [
            {
                "flag": pair,
                "share": round(pair.likeness * 100),
                "people": (pair.first, pair.second),
                "newer": newer(pair).pk,
                "may_answer": may(whose, Action.CHANGE, pair),
            }
            for pair in pairs
        ],
        "total": rows.count(),
        "camp_code": code,
    }
    return render(request, "camps/doubles.html", context)


def _answer(request: HttpRequest, whose: Standing) -> bool:
    """Whether the answer was taken; the reason why not is told otherwise."""
    form = AnswerForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("This page does not know that button. Reload it and try again."))
        return True
    given = form.cleaned_data
    flag = get_object_or_404(visible(DuplicateFlag.objects.all(), whose), pk=given["flag"])
    stays = Person.objects.filter(pk=given["stays"]).first() if given["stays"] else None
    try:
        answer_flag(
            by=actor_of(request), operation=whose.operation, flag=flag, answer=given["answer"], stays=stays,
            reason=given["reason"],
        )  # fmt: skip
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
        return True
    said = _("Noted: the same person. One registration was checked out.")
    messages.success(request, said if given["answer"] == Answer.SAME else _("Noted: two people."))
    return True


def warn_of_doubles(request: Any, households: Iterable[Household], whose: Standing) -> None:
    """Tell who just registered people which of them seem to be registered already."""
    sentences = registered_elsewhere(households, whose)
    if not sentences:
        return
    more = len(sentences) - SENTENCES_SHOWN
    shown = format_html_join(" ", "{}", ((sentence,) for sentence in sentences[:SENTENCES_SHOWN]))
    rest = _("And %(n)d more.") % {"n": more} if more > 0 else ""
    address = reverse("camps:doubles")
    messages.warning(
        request, format_html('{} {} <a href="{}">{}</a>', shown, rest, address, _("Look at both registrations"))
    )
