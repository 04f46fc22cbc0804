"""What volunteers are asked to do: tasks, and who was offered, took and did them."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.gis.db import models
from django.core.validators import MinValueValidator
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from komek.records.history import tracked
from komek.records.models import Coded, Provenance
from orgs.models import Organisation, Site
from volunteers.models.people import Skill, Volunteer


class TaskState(models.TextChoices):
    OPEN = "open", _("looks for people")
    FILLED = "filled", _("has its people")
    DONE = "done", _("done")
    CANCELLED = "cancelled", _("called off")


GOING_ON = (TaskState.OPEN, TaskState.FILLED)


@tracked(exclude=("search_key", "reported_by"))
class Task(Coded, Provenance):
    """Work for so many volunteers (``wanted``), at a place, from ``starts_at`` to ``ends_at``.

    skills: each who comes has all of them. with_minors: children are there, so two vetted people come at least, and nobody
    is alone. asks_around: when an offer lapses or is declined, the next candidate is asked by itself.
    """

    CODE_LETTER: ClassVar[str] = "T"

    title = models.CharField(_("what is to do"), max_length=200)
    description = models.TextField(_("more about it"), max_length=2000, blank=True)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="tasks", verbose_name=_("run by")
    )
    site = models.ForeignKey(Site, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("site"))
    location = models.PointField(_("location"), srid=4326, null=True, blank=True)
    landmark = models.CharField(_("address or landmark"), max_length=300, blank=True)
    area = models.ForeignKey(
        "places.Area", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("area")
    )
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("to"))
    wanted = models.PositiveSmallIntegerField(_("how many people"), default=1, validators=[MinValueValidator(1)])
    skills = models.ManyToManyField(Skill, blank=True, related_name="+", verbose_name=_("skills needed"))
    with_minors = models.BooleanField(_("with children"), default=False)
    asks_around = models.BooleanField(_("ask the next by itself"), default=True)
    state = models.CharField(_("state"), max_length=10, choices=TaskState.choices, default=TaskState.OPEN)
    state_since = models.DateTimeField(_("in this state since"), default=timezone.now)
    state_reason = models.CharField(_("reason"), max_length=300, blank=True)
    search_key = models.TextField(editable=False, default="")

    class Meta:
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        ordering = ("starts_at", "pk")
        indexes = (
            models.Index(fields=("operation", "state", "starts_at"), name="volunteers_task_state"),
            models.Index(fields=("starts_at", "id"), include=("operation",), name="volunteers_task_list"),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="volunteers_task_in_order",
                violation_error_message=_("The task ends before it begins. Check the two times."),
            ),
            models.CheckConstraint(
                condition=Q(wanted__gte=1) & (Q(with_minors=False) | Q(wanted__gte=2)), name="volunteers_task_never_alone",
                violation_error_message=_("With children there are two people at least. Ask for two or more."),
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("volunteers:task", args=[self.code])

    @property
    def where(self) -> str:
        """The place in words."""
        return str(self.site or "") or self.landmark or str(self.area or "")

    @property
    def hours(self) -> float:
        return (self.ends_at - self.starts_at).total_seconds() / 3600


class AssignmentState(models.TextChoices):
    OFFERED = "offered", _("asked")
    ACCEPTED = "accepted", _("said yes")
    WORKING = "working", _("there now")
    DONE = "done", _("did it")
    DECLINED = "declined", _("said no")
    TOO_LATE = "too_late", _("others were quicker")
    LAPSED = "lapsed", _("did not answer")
    ABSENT = "absent", _("did not come")
    RELEASED = "released", _("called off")


TAKEN = (AssignmentState.ACCEPTED, AssignmentState.WORKING, AssignmentState.DONE)
"""These fill a place of the task."""

LIVE = (AssignmentState.OFFERED, AssignmentState.ACCEPTED, AssignmentState.WORKING)


@tracked(exclude=("note", "feedback", "reported_by"))
class Assignment(Provenance):
    """A task was offered to a volunteer at ``occurred_at``, to be answered until ``answer_until``; and what came of it.

    hours: worked. note: their words (why not; how it went). feedback: of who runs the task, about the work.
    """

    task = models.ForeignKey(Task, models.CASCADE, related_name="assignments", verbose_name=_("task"))
    volunteer = models.ForeignKey(Volunteer, models.CASCADE, related_name="assignments", verbose_name=_("volunteer"))
    state = models.CharField(
        _("state"), max_length=10, choices=AssignmentState.choices, default=AssignmentState.OFFERED
    )
    answer_until = models.DateTimeField(_("answer until"))
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    started_at = models.DateTimeField(_("came"), null=True, blank=True)
    ended_at = models.DateTimeField(_("finished"), null=True, blank=True)
    hours = models.DecimalField(_("hours"), max_digits=5, decimal_places=2, null=True, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    feedback = models.CharField(_("feedback"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        ordering = ("occurred_at", "pk")
        indexes = (
            models.Index(fields=("volunteer", "state"), name="volunteers_assigned_state"),
            models.Index(fields=("answer_until",), condition=Q(state="offered"), name="volunteers_assigned_lapses"),
        )
        constraints = (
            models.UniqueConstraint(fields=("task", "volunteer"), name="volunteers_assigned_once"),
            models.CheckConstraint(
                condition=Q(hours=None) | Q(hours__gte=0), name="volunteers_assigned_hours",
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.task.code}: {self.volunteer}"
