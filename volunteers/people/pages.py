"""The page of one volunteer, what is protected about them, and the list of skills."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db.models import Count, Q, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from komek.accounts.authority import Action, NotAllowed, may, require, visible
from komek.records.middleware import actor_of
from komek.records.reads import log_read, reads_of
from komek.web.context import standing
from komek.web.finding import code_in_address, found_by_code
from volunteers.models import AssignmentState, CheckKind, Skill, Volunteer, VolunteerSkill, VolunteerState
from volunteers.people.forms import ProtectedForm
from volunteers.people.policies import manages, may_read_health
from volunteers.people.registering import FOLLOWING, change_volunteer, drop_skill

STEP_TITLES = {
    "accept": VolunteerState.ACCEPTED, "decline": VolunteerState.DECLINED, "rest": VolunteerState.RESTING,
    "leave": VolunteerState.LEFT,
}  # fmt: skip


def found_volunteer(http: HttpRequest, code: str) -> Volunteer:
    """The volunteer with this code, as the viewer may see them; 404 with a reason when the code is mistyped."""
    rows = Volunteer.objects.select_related("operation", "organisation", "area", "user", "entered_by")
    volunteer: Volunteer = found_by_code(http, rows.defer("area__geometry"), code, Volunteer.CODE_LETTER)
    return volunteer


@require_GET
@login_required
def volunteer_page(http: HttpRequest, code: str) -> HttpResponse:
    """One volunteer: whether and for what they can be asked, what was checked, what they did."""
    record = found_volunteer(http, code)
    if record.code != code:
        return redirect(record)
    whose = standing(http)
    is_manager = manages(whose, record)
    work = record.assignments.select_related("task").order_by("-task__starts_at")
    totals = record.assignments.aggregate(
        hours=Sum("hours"), done=Count("pk", filter=Q(state=AssignmentState.DONE)),
        absent=Count("pk", filter=Q(state=AssignmentState.ABSENT)),
    )  # fmt: skip
    context: dict[str, Any] = {
        "volunteer": record,
        "manages": is_manager,
        "steps": [key for key, after in STEP_TITLES.items() if is_manager and record.state in FOLLOWING[after]],
        "skills": record.skills.select_related("skill", "verified_by"),
        "checks": record.checks.select_related("entered_by"),
        "missing": [label for kind, label in CheckKind.choices if not any(
            one.kind == kind and one.is_in_force for one in record.checks.all())],
        "days": [WEEKDAYS[day] for day in record.days],
        "work": work[:20],
        "totals": totals,
        "may_read_health": may_read_health(whose, record),
    }  # fmt: skip
    return render(http, "volunteers/volunteer.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def protected(http: HttpRequest, code: str) -> HttpResponse:
    """Health limits and next of kin: shown once somebody entitled has said why; each look is written down."""
    record = found_volunteer_for_health(http, code)
    why = http.POST.get("why", "").strip()
    context: dict[str, Any] = {"volunteer": record, "why": why}
    if http.method == "POST":
        by = actor_of(http)
        try:
            log_read(by=by, record=record, why=why, part="health", operation=record.operation)
        except ValidationError as refusal:
            return render(http, "volunteers/protected.html", {**context, "fault": refusal.messages[0]}, status=422)
        may_change = manages(standing(http), record)
        form = ProtectedForm(http.POST if "save" in http.POST else None, request=http, record=record)
        if "save" in http.POST and may_change and form.is_valid():
            given = {**form.cleaned_data, "kin_phone": form.cleaned_data["kin_phone"] or ""}
            change_volunteer(by=by, operation=standing(http).operation, volunteer=record, **given)
            messages.success(http, _("Written down."))
            return redirect(record)
        context |= {"is_open": True, "form": form if may_change else None, "reads": reads_of(record)[:20]}
    return render(http, "volunteers/protected.html", context)


def found_volunteer_for_health(http: HttpRequest, code: str) -> Volunteer:
    """Also for protection officers, who otherwise do not see volunteers. Raises NotAllowed."""
    whose = standing(http)
    canonical = code_in_address(code, Volunteer.CODE_LETTER)
    record = get_object_or_404(Volunteer.objects.select_related("operation", "organisation"), code=canonical)
    if record.operation_id != whose.operation_id or not may_read_health(whose, record):
        raise NotAllowed(_("Health limits are seen by who manages the volunteer and by protection officers."))
    return record


@require_POST
@login_required
def skill_dropped(http: HttpRequest, code: str, pk: int) -> HttpResponse:
    """They cannot do it after all."""
    record = found_volunteer(http, code)
    row = get_object_or_404(VolunteerSkill.objects.select_related("volunteer"), pk=pk, volunteer=record)
    drop_skill(by=actor_of(http), operation=standing(http).operation, row=row)
    messages.success(http, _("Written down."))
    return redirect(record)


@require_GET
@login_required
def skill_list(http: HttpRequest) -> HttpResponse:
    """All skills with how many volunteers have them."""
    whose = standing(http)
    require(whose, Action.VIEW, Skill)
    mine = visible(VolunteerSkill.objects.filter(volunteer__state=VolunteerState.ACCEPTED), whose)
    counts = dict(mine.order_by().values_list("skill").annotate(n=Count("pk")))
    rows = [(skill, counts.get(skill.pk, 0)) for skill in Skill.objects.all()]
    return render(http, "volunteers/skills.html", {"rows": rows, "may_change": may(whose, Action.ADD, Skill)})
