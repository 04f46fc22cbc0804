"""The page of one task with whom to ask, its forms, and a volunteer's own tasks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from komek.accounts.authority import Action, may, require, visible
from komek.records.actor import Actor
from komek.records.middleware import actor_of
from komek.web.context import standing
from komek.web.fields import LocationField, LookupField
from komek.web.finding import found_by_code
from komek.web.records import RecordForm, RecordFormView
from orgs.models import Organisation, Site
from volunteers.models import GOING_ON, TAKEN, Assignment, AssignmentState, Skill, Task, TaskState, Volunteer
from volunteers.pledge_forms import MOMENT, ReasonForm
from volunteers.work import offering
from volunteers.work.candidates import candidates_for
from volunteers.work.planning import cancel_task, change_task, create_task, finish_task


def found_task(http: HttpRequest, code: str) -> Task:
    """The task with this code, as the viewer may see it; 404 with a reason when the code is mistyped."""
    rows = Task.objects.select_related("operation", "organisation", "site", "area", "entered_by")
    task: Task = found_by_code(http, rows.defer("area__geometry"), code, Task.CODE_LETTER)
    return task


@require_GET
@login_required
def task_page(http: HttpRequest, code: str) -> HttpResponse:
    """One task: who comes, and for those who run it whom to ask, best first."""
    record = found_task(http, code)
    if record.code != code:
        return redirect(record)
    whose = standing(http)
    is_going_on = record.state in GOING_ON
    rows = list(visible(record.assignments.select_related("volunteer__user", "task"), whose))
    known = visible(Volunteer.objects.filter(pk__in=[row.volunteer_id for row in rows]), whose)
    runs_it = may(whose, Action.CHANGE, record)
    may_change = is_going_on and runs_it
    taken = record.assignments.filter(state__in=TAKEN).count()
    may_ask = may_change and record.state == TaskState.OPEN and record.ends_at > timezone.now()
    context: dict[str, Any] = {
        "task": record,
        "skills": list(record.skills.all()),
        "rows": rows,
        "taken": taken,
        "may_see": bool(rows) or runs_it,
        "known": set(known.values_list("pk", flat=True)),
        "runs_it": runs_it,
        "reached": (AssignmentState.ACCEPTED, AssignmentState.WORKING),
        "may_change": may_change,
        "may_ask": may_ask,
        "ranked": candidates_for(record, whose) if may_ask else [],
        "has_begun": record.starts_at <= timezone.now(),
        "is_alone": record.with_minors and is_going_on and taken == 1,
    }
    return render(http, "volunteers/task.html", context)


@require_POST
@login_required
def task_ask(http: HttpRequest, code: str) -> HttpResponse:
    """Ask the ticked volunteers by text."""
    record, whose = found_task(http, code), standing(http)
    keys = [int(pk) for pk in http.POST.getlist("volunteer") if pk.isdigit() and len(pk) < 18]
    chosen = visible(Volunteer.objects.filter(pk__in=keys), whose)
    try:
        asked, left = offering.offer_task(by=actor_of(http), operation=whose.operation, task=record, volunteers=chosen)
    except ValidationError as refusal:
        messages.error(http, " ".join(refusal.messages))
        return redirect(record)
    messages.success(
        http, ngettext("%(n)d person is asked.", "%(n)d people are asked.", len(asked)) % {"n": len(asked)}
    )
    silent = [row.volunteer.name for row in asked if not row.volunteer.number]
    if silent:
        messages.warning(
            http, _("No phone number is known of %(who)s. Tell them yourself.") % {"who": ", ".join(silent)}
        )
    for _volunteer, why in left[:5]:
        messages.warning(http, why)
    return redirect(record)


@require_POST
@login_required
def assignment(http: HttpRequest, pk: int) -> HttpResponse:
    """Who runs a task writes down that somebody came, did not, has finished, or is not needed."""
    whose, by = standing(http), actor_of(http)
    rows = Assignment.objects.select_related("task", "volunteer")
    row = get_object_or_404(visible(rows, whose), pk=pk)
    given: dict[str, Any] = {"by": by, "operation": whose.operation, "assignment": row}
    try:
        match http.POST.get("do", ""):
            case "came":
                offering.mark(**given, came=True)
            case "absent":
                offering.mark(**given, came=False)
            case "done":
                require(whose, Action.CHANGE, row.task)
                offering.end_own_work(by=by, assignment=row)
            case "release":
                offering.release(**given, reason=http.POST.get("reason", "")[:200])
            case _:
                raise Http404
        messages.success(http, _("Written down."))
    except ValidationError as refusal:
        messages.error(http, " ".join(refusal.messages))
    return redirect(row.task)


@require_http_methods(["GET", "POST"])
@login_required
def my_tasks(http: HttpRequest) -> HttpResponse:
    """A volunteer's own tasks, and the same answers as by text."""
    whose = standing(http)
    me = Volunteer.objects.filter(user=whose.user, operation=whose.operation).first()
    live = (AssignmentState.OFFERED, AssignmentState.ACCEPTED, AssignmentState.WORKING)
    rows = Assignment.objects.filter(volunteer=me, state__in=live).select_related(
        "task__site", "task__area", "volunteer"
    )
    if http.method == "POST":
        pk = http.POST.get("assignment", "")
        row = get_object_or_404(rows, pk=int(pk) if pk.isdigit() and len(pk) < 18 else 0)
        try:
            messages.success(http, _answered(row, http.POST.get("do", ""), actor_of(http)))
        except ValidationError as refusal:
            messages.error(http, " ".join(refusal.messages))
        return redirect("volunteers:my_tasks")
    rows = rows.filter(task__ends_at__gt=timezone.now() - timedelta(days=1)).order_by("task__starts_at")
    return render(http, "volunteers/my_tasks.html", {"rows": rows, "volunteer": me})


def _answered(row: Assignment, answer: str, by: Actor) -> str:
    match answer:
        case "yes":
            if offering.say_yes(by=by, assignment=row).state == AssignmentState.TOO_LATE:
                return _("%(code)s has its people now. Thank you all the same.") % {"code": row.task.code}
            return _("The task is yours. Thank you.")
        case "no":
            offering.say_no(by=by, assignment=row)
            return _("Your no is written down. Thank you for telling us.")
        case "here":
            offering.begin_work(by=by, assignment=row)
            return _("Written down: you are there.")
        case "done":
            offering.end_own_work(by=by, assignment=row)
            return _("Thank you! Your hours are counted.")
    raise Http404


class TaskForm(RecordForm):
    title = forms.CharField(label=gettext_lazy("What is to do"), max_length=200)
    starts_at = forms.DateTimeField(
        label=gettext_lazy("From"), widget=forms.DateTimeInput({"type": "datetime-local"}, MOMENT)
    )
    ends_at = forms.DateTimeField(
        label=gettext_lazy("To"), widget=forms.DateTimeInput({"type": "datetime-local"}, MOMENT),
        help_text=gettext_lazy("One shift, 12 hours at most."),
    )  # fmt: skip
    wanted = forms.IntegerField(label=gettext_lazy("How many people"), min_value=1, max_value=500, initial=1)
    skills = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Skills needed"), queryset=Skill.objects.filter(is_active=True), required=False,
        widget=forms.CheckboxSelectMultiple, help_text=gettext_lazy("Each who comes has all of them."),
    )  # fmt: skip
    with_minors = forms.BooleanField(
        label=gettext_lazy("Children are there"), required=False,
        help_text=gettext_lazy("Then only people who were checked for it are asked, and never one alone."),
    )  # fmt: skip
    site = LookupField(label=gettext_lazy("At a site"), key="orgs.site", model=Site, required=False)
    location = LocationField(label=gettext_lazy("Or a point"), required=False)
    landmark = forms.CharField(label=gettext_lazy("Or an address or landmark"), max_length=300, required=False)
    organisation = LookupField(
        label=gettext_lazy("Run by"), key="orgs.organisation", model=Organisation, required=False
    )
    description = forms.CharField(
        label=gettext_lazy("More about it"), max_length=2000, required=False, widget=forms.Textarea({"rows": 4}),
        help_text=gettext_lazy("Everybody who works here can read it: no names or numbers of people in need."),
    )  # fmt: skip
    asks_around = forms.BooleanField(
        label=gettext_lazy("Ask the next by itself when somebody says no or does not answer"),
        required=False,
        initial=True,
    )


class _TaskPage(RecordFormView):
    model = Task
    form_class = TaskForm

    @property
    def operation(self) -> Any:
        return self.request.operation or None  # type: ignore[attr-defined]


class TaskAdd(_TaskPage):
    """Plan a task."""

    title = gettext_lazy("Plan a task")
    saved_message = gettext_lazy("The task is planned. Now choose whom to ask.")

    def save_record(self, form: RecordForm, by: Actor) -> Task:
        return create_task(by=by, operation=self.operation, **form.cleaned_data)


class TaskChange(_TaskPage):
    def record(self) -> Task:
        return found_task(self.request, self.kwargs["code"])

    def heading(self) -> Any:
        return _("Change %(task)s") % {"task": self.kept}

    def save_record(self, form: RecordForm, by: Actor) -> Task:
        assert self.kept is not None
        return change_task(by=by, operation=self.operation, task=self.kept, **form.cleaned_data)


STEPS = {
    "finish": (gettext_lazy("It is done"), finish_task),
    "cancel": (gettext_lazy("Call it off"), cancel_task),
}


class TaskStep(TaskChange):
    """The task ends: done, or called off."""

    form_class = ReasonForm
    saved_message = gettext_lazy("Written down.")

    def heading(self) -> Any:
        if self.kwargs["step"] not in STEPS:
            raise Http404
        return f"{STEPS[self.kwargs['step']][0]}: {self.kept}"

    def save_record(self, form: RecordForm, by: Actor) -> Task:
        if self.kwargs["step"] not in STEPS:
            raise Http404
        assert self.kept is not None
        act: Any = STEPS[self.kwargs["step"]][1]
        return act(by=by, operation=self.operation, task=self.kept, reason=form.cleaned_data["reason"])  # type: ignore[no-any-return]
