"""The check-in desk: type or scan a code, or type a name; one press for each step. One page for every kind of site."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4, uuid5

from django import forms
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views import View

from camps.desk import code_typed, find_at_desk, latest_steps
from camps.finding import found_camp
from camps.models import Camp, Household, Movement, MovementKind, Person
from camps.movements import called, move_household, move_person
from camps.reading import names_read
from camps.refusals import NeedsConfirmation
from camps.tabs import page_context
from komek.accounts.authority import Action, in_operation, require
from komek.records.actor import Actor
from komek.records.middleware import actor_of
from komek.web.context import standing, viewer_of
from komek.web.fields import LookupField

SECONDS_IN_A_MINUTE = 60


class StepForm(forms.Form):
    """One press at the desk. step: "kind:code", of a person or of a household."""

    step = forms.RegexField(r"^[a-z_]{2,10}:[HP]\d{4,12}$")
    entry_id = forms.UUIDField()
    occurred_at = forms.DateTimeField(
        label=gettext_lazy("When, if not now"), required=False,
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"], widget=forms.DateTimeInput({"type": "datetime-local"}),
    )  # fmt: skip
    reported_by = forms.CharField(label=gettext_lazy("Reported by, if not you"), max_length=200, required=False)
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200, required=False)
    to_camp = LookupField(label=gettext_lazy("Moves to"), key="camps.camp", model=Camp, required=False)
    confirmed = forms.BooleanField(required=False)

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to_camp"].set_viewer(viewer_of(request))  # type: ignore[attr-defined]

    def clean_occurred_at(self) -> datetime | None:
        """A moment of this very minute is now: told to the minute, it would come before what was noted within it."""
        moment: datetime | None = self.cleaned_data["occurred_at"]
        if moment is not None and 0 <= (timezone.now() - moment).total_seconds() < SECONDS_IN_A_MINUTE:
            return None
        return moment

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        kind, _separator, _code = cleaned.get("step", "").partition(":")
        if kind == MovementKind.DIED and not cleaned.get("reason"):
            self.add_error("reason", _("Say how it is known that they died, or of what."))
        return cleaned


class Desk(LoginRequiredMixin, View):
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.user.is_authenticated:
            self.camp = found_camp(request, kwargs["code"])
            self.standing = standing(request)
            require(self.standing, Action.CHANGE, Household(camp=self.camp, operation_id=self.camp.operation_id))
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._show(request.GET.get("q", "").strip()[:200])

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form, text = StepForm(request.POST, request=request), request.POST.get("q", "").strip()[:200]
        if not form.is_valid():
            if "step" in form.errors or "entry_id" in form.errors:
                return self._show(
                    text, faults=[_("This page does not know that button. Reload it and try again.")], status=422
                )
            return self._show(text, faults=[e for errors in form.errors.values() for e in errors], status=422)
        try:
            self._take(form.cleaned_data, actor_of(request))
        except NeedsConfirmation as question:
            return self._show(text, question=str(question.question))
        except ValidationError as refusal:
            return self._show(text, faults=refusal.messages, status=422)
        shown = form.cleaned_data["step"].partition(":")[2]
        return HttpResponseRedirect(f"{reverse('camps:desk', args=[self.camp.code])}?q={shown}")

    def _take(self, asked: dict[str, Any], by: Actor) -> None:
        kind, _separator, code = asked["step"].partition(":")
        whose = self._called_by_code(code)
        details: dict[str, Any] = {
            "by": by, "operation": self.standing.operation, "kind": kind, "camp": self.camp,
            "occurred_at": asked["occurred_at"], "reason": asked["reason"], "reported_by": asked["reported_by"],
            "to_camp": asked["to_camp"], "confirmed": asked["confirmed"], "entry_id": _entry_for(asked["entry_id"], asked["step"]),
        }  # fmt: skip
        if isinstance(whose, Household):
            steps = move_household(household=whose, **details)
        else:
            steps = [move_person(person=whose, **details)]
        self._tell(whose, steps)

    def _called_by_code(self, code: str) -> Person | Household:
        canonical = code_typed(code)
        model: Any = Household if canonical.startswith("H") else Person
        reached = in_operation(model.objects.all(), self.standing.operation)
        found: Person | Household | None = reached.filter(code=canonical).first()
        if found is None:
            raise ValidationError(_("Nobody has the code %(code)s. Check it and type it again.") % {"code": code})
        return found

    def _tell(self, whose: Person | Household, steps: list[Movement]) -> None:
        whose.refresh_from_db()
        name, what = called(whose, self.standing), steps[0].get_kind_display()
        if isinstance(whose, Household):
            count = sum(step.household.unlisted if step.household else 1 for step in steps)
            said = ngettext("%(name)s: %(n)d person %(what)s.", "%(name)s: %(n)d people %(what)s.", count) % {
                "name": name, "n": count, "what": what,
            }  # fmt: skip
        else:
            said = f"{name}: {what}."
        messages.success(self.request, said)
        later = Movement.objects.filter(
            occurred_at__gt=steps[0].occurred_at, person=steps[0].person_id, household=steps[0].household_id
        )
        if later.exists():
            messages.info(self.request, _("Something later was noted already, so where they are now has not changed."))

    def _show(self, text: str, *, question: str = "", faults: Any = (), status: int = 200) -> HttpResponse:
        found = find_at_desk(text, camp=self.camp, standing=self.standing) if text else []
        steps = list(latest_steps(self.camp, self.standing)) if not found else []
        read = [one.household for one in found if not one.hidden_code]
        read += [step.household or step.person.household for step in steps]  # type: ignore[union-attr]
        names_read(
            by=actor_of(self.request), operation=self.standing.operation, what=_("Check in and out"), records=read
        )
        context = {
            **page_context(self.camp, self.standing, "people"),
            "text": text,
            "found": [(one, StepForm(request=self.request, auto_id=f"id_%s_{one.household.code}")) for one in found],
            "entry_id": uuid4(),
            "question": question,
            "asked_again": [
                (name, value) for name, value in self.request.POST.items() if name != "csrfmiddlewaretoken"
            ],
            "faults": faults,
            "latest": steps,
        }
        return render(self.request, "camps/desk.html", context, status=status)


def _entry_for(page: UUID, step: str) -> UUID:
    """The number of one step from one page as shown: the same button pressed twice is the same step."""
    return uuid5(page, step)
