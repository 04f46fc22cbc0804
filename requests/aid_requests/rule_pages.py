"""Rules as data: who answers for which requests, and how long each step may take."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from aid_requests.deadlines import MOST_HOURS, WAITING, set_deadlines
from aid_requests.models import LineKind, Priority, RequestState, RoutingRule, StepDeadline
from aid_requests.routing_rules import remove_rule, route_what_waits, rules_of, set_rule
from komek.accounts.authority import Action, may, require
from komek.places.models import Area
from komek.records.actor import Actor
from komek.records.middleware import actor_of
from komek.supplies.models import Category
from komek.web.context import standing
from komek.web.fields import LookupField
from komek.web.records import RecordForm, RecordFormView
from orgs.models import Organisation, Sector


@require_GET
@login_required
def rules(http: HttpRequest) -> HttpResponse:
    """Both kinds of rules on one page."""
    whose = standing(http)
    require(whose, Action.VIEW, RoutingRule)
    hours = {(row.state, row.priority): row.hours for row in StepDeadline.objects.all()}
    table = [
        (RequestState(state).label, [hours.get((state, priority)) for priority in Priority.values]) for state in WAITING
    ]
    context = {
        "rules": rules_of(whose.operation), "table": table, "priorities": Priority.labels,
        "may_change": may(whose, Action.CHANGE, RoutingRule),
    }  # fmt: skip
    return render(http, "aid_requests/rules.html", context)


class RuleForm(RecordForm):
    organisation = LookupField(
        label=gettext_lazy("Organisation that answers"), key="orgs.organisation", model=Organisation
    )
    area = LookupField(
        label=gettext_lazy("For the area"), key="places.area", model=Area, required=False,
        help_text=gettext_lazy("And all inside it. Left empty: everywhere."),
    )  # fmt: skip
    sector = forms.ModelChoiceField(
        label=gettext_lazy("For the sector"), queryset=Sector.objects.filter(is_active=True), required=False,
        empty_label=gettext_lazy("any"),
    )  # fmt: skip
    category = forms.ModelChoiceField(
        label=gettext_lazy("For items of the category"), queryset=Category.objects.all(), required=False,
        empty_label=gettext_lazy("any"),
    )  # fmt: skip
    kind = forms.ChoiceField(
        label=gettext_lazy("For the kind"), choices=[("", gettext_lazy("any")), *LineKind.choices], required=False
    )
    order = forms.IntegerField(
        label=gettext_lazy("Order"), min_value=0, max_value=9999, initial=100,
        help_text=gettext_lazy("Of rules that say equally much, the smaller number wins."),
    )  # fmt: skip


class RuleEdit(RecordFormView):
    """Make a rule, or change one."""

    model = RoutingRule
    form_class = RuleForm
    template_name = "aid_requests/rule_form.html"

    def record(self) -> RoutingRule | None:
        operation = self.request.operation or None  # type: ignore[attr-defined]
        return get_object_or_404(rules_of(operation), pk=self.kwargs["pk"]) if "pk" in self.kwargs else None

    def heading(self) -> Any:
        return _("Rule who answers")

    def save_record(self, form: RecordForm, by: Actor) -> Any:
        return set_rule(by=by, operation=self.request.operation or None, rule=self.kept, **form.cleaned_data)  # type: ignore[attr-defined]


@require_POST
@login_required
def rule_remove(http: HttpRequest, pk: int) -> HttpResponse:
    """Take a rule away."""
    operation = http.operation or None  # type: ignore[attr-defined]
    remove_rule(by=actor_of(http), operation=operation, rule=get_object_or_404(rules_of(operation), pk=pk))
    messages.success(http, _("The rule is taken away. Requests it sent to somebody stay there."))
    return redirect("requests:rules")


@require_POST
@login_required
def route(http: HttpRequest) -> HttpResponse:
    """Apply the rules to what nobody answers for."""
    routed = route_what_waits(by=actor_of(http), operation=http.operation or None)  # type: ignore[attr-defined]
    messages.success(http, _("%(n)s requests found somebody who answers.") % {"n": routed})
    return redirect("requests:rules")


@require_http_methods(["GET", "POST"])
@login_required
def deadlines(http: HttpRequest) -> HttpResponse:
    """How long each step may take, as one table to fill in."""
    require(standing(http), Action.CHANGE, StepDeadline)
    form = DeadlinesForm(http.POST or None)
    if http.method == "POST" and form.is_valid():
        try:
            set_deadlines(by=actor_of(http), operation=http.operation or None, hours=form.hours())  # type: ignore[attr-defined]
        except ValidationError as refusal:
            form.add_error(None, refusal.messages)
        else:
            messages.success(http, _("Saved. Open requests have their new deadlines."))
            return redirect("requests:rules")
    context = {"form": form, "priorities": Priority.labels}
    return render(http, "aid_requests/deadlines.html", context, status=422 if http.method == "POST" else 200)


class DeadlinesForm(forms.Form):
    """A box of hours for each state and priority."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kept = {(row.state, row.priority): row.hours for row in StepDeadline.objects.all()}
        for state in WAITING:
            for priority, words in Priority.choices:
                self.fields[f"{state}-{priority}"] = forms.IntegerField(
                    label=f"{RequestState(state).label}, {words}", min_value=1, max_value=MOST_HOURS, required=False,
                    initial=kept.get((state, priority)), widget=forms.NumberInput({"class": "hours"}),
                )  # fmt: skip

    def table(self) -> list[tuple[Any, list[Any]]]:
        """Rows of boxes, with the state's name."""
        return [
            (RequestState(state).label, [self[f"{state}-{priority}"] for priority in Priority.values])
            for state in WAITING
        ]

    def hours(self) -> dict[tuple[str, str], int | None]:
        return {
            (str(state), priority): self.cleaned_data[f"{state}-{priority}"]
            for state in WAITING
            for priority in Priority.values
        }
