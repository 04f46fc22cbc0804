"""API resources of volunteers and tasks. The same functions and filters as the pages; health limits and next of kin are not here."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request

from komek.accounts.authority import Action
from komek.api.geojson import GeometryField
from komek.api.router import ApiRouter
from komek.api.viewsets import RecordViewSet
from komek.records.actor import Actor
from orgs.api_activities import PROVENANCE, AreaCodeField, SiteCodeField
from orgs.api_organisations import OrganisationCodeField
from volunteers.models import Skill, Task, Volunteer, VolunteerSkill
from volunteers.people.filters import VolunteerFilter
from volunteers.people.registering import accept_volunteer, change_volunteer, register_volunteer
from volunteers.work.filters import TaskFilter
from volunteers.work.planning import cancel_task, change_task, create_task, finish_task


class SkillKeyField(serializers.SlugRelatedField[Skill]):
    """A skill by its short name."""

    def __init__(self, **options: Any) -> None:
        super().__init__(slug_field="key", queryset=Skill.objects.all(), **options)


class VolunteerSerializer(serializers.ModelSerializer[Volunteer]):
    organisation = OrganisationCodeField(allow_null=True, required=False)
    area = AreaCodeField(allow_null=True, required=False)
    location = GeometryField(allow_null=True, required=False)
    skills = serializers.SerializerMethodField(help_text="Short names of what they can do.")
    url = serializers.CharField(source="get_absolute_url", read_only=True)

    class Meta:
        model = Volunteer
        fields = (
            "code", "name", "phone", "email", "language", "languages", "organisation", "is_adult", "state", "state_since", "trust",
            "skills", "transport", "reach_km", "days", "from_hour", "to_hour", "available_from", "available_to", "location",
            "landmark", "area", *PROVENANCE, "url",
        )  # fmt: skip
        read_only_fields = ("code", "state", "state_since", "trust", "channel", "entered_at", "updated_at")
        validators: list[Any] = []  # noqa: RUF012 - the functions say what is wrong

    def get_skills(self, row: Any) -> list[str]:
        return [one.skill.key for one in row.skills.all()]


class TaskSerializer(serializers.ModelSerializer[Task]):
    organisation = OrganisationCodeField(allow_null=True, required=False)
    area = AreaCodeField(allow_null=True, required=False)
    site = SiteCodeField(allow_null=True, required=False)
    location = GeometryField(allow_null=True, required=False)
    skills = SkillKeyField(many=True, required=False)
    url = serializers.CharField(source="get_absolute_url", read_only=True)

    class Meta:
        model = Task
        fields = (
            "code", "title", "description", "state", "state_since", "state_reason", "starts_at", "ends_at", "wanted", "skills",
            "with_minors", "asks_around", "organisation", "site", "location", "landmark", "area", "for_reference", *PROVENANCE,
            "url",
        )  # fmt: skip
        read_only_fields = (
            "code", "state", "state_since", "state_reason", "for_reference", "channel", "entered_at", "updated_at",
        )  # fmt: skip
        validators: list[Any] = []  # noqa: RUF012 - the functions say what is wrong


class VolunteerReasonSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")


class VolunteerViewSet(RecordViewSet):
    """Volunteers, as far as the asker answers for them."""

    queryset = (
        Volunteer.objects.select_related("operation", "organisation", "area", "user")
        .prefetch_related(Prefetch("skills", VolunteerSkill.objects.select_related("skill")))
        .defer("area__geometry", "search_key")
    )
    serializer_class = VolunteerSerializer
    scope = "volunteers"
    filterset_class = VolunteerFilter
    sort_fields = ("name", "state_since", "entered_at", "updated_at")
    default_sort = ("name",)
    code_kinds = "V"
    geometry_field = "location"
    row_version_includes_related = True

    def perform_create_with(self, actor: Actor, validated: dict[str, Any]) -> Volunteer:
        return register_volunteer(by=actor, operation=self.operation, **validated)

    def perform_update_with(self, actor: Actor, record: Any, validated: dict[str, Any]) -> Volunteer:
        return change_volunteer(by=actor, operation=self.operation, volunteer=record, **validated)

    @extend_schema(request=VolunteerReasonSerializer, responses=VolunteerSerializer)
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, **kwargs: Any) -> Any:
        """They may be asked from now on, and are told so."""
        read = VolunteerReasonSerializer(data=request.data)
        read.is_valid(raise_exception=True)
        with self.changing(Action.VIEW) as (actor, record):
            accept_volunteer(by=actor, operation=self.operation, volunteer=record, **read.validated_data)
            return self._written(record)


class TaskViewSet(RecordViewSet):
    """Work for volunteers."""

    queryset = (
        Task.objects.select_related("operation", "organisation", "site", "area")
        .prefetch_related("skills")
        .defer("area__geometry", "search_key")
    )
    serializer_class = TaskSerializer
    scope = "tasks"
    filterset_class = TaskFilter
    sort_fields = ("starts_at", "state_since", "entered_at", "updated_at")
    default_sort = ("-starts_at",)
    code_kinds = "T"
    geometry_field = "location"
    row_version_includes_related = True

    def perform_create_with(self, actor: Actor, validated: dict[str, Any]) -> Task:
        return create_task(by=actor, operation=self.operation, **validated)

    def perform_update_with(self, actor: Actor, record: Any, validated: dict[str, Any]) -> Task:
        return change_task(by=actor, operation=self.operation, task=record, **validated)

    @extend_schema(request=VolunteerReasonSerializer, responses=TaskSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, **kwargs: Any) -> Any:
        """Call it off; everybody who said yes is told the reason."""
        return self._ended(request, cancel_task)

    @extend_schema(request=VolunteerReasonSerializer, responses=TaskSerializer)
    @action(detail=True, methods=["post"])
    def finish(self, request: Request, **kwargs: Any) -> Any:
        """The work is done."""
        return self._ended(request, finish_task)

    def _ended(self, request: Request, act: Any) -> Any:
        read = VolunteerReasonSerializer(data=request.data)
        read.is_valid(raise_exception=True)
        with self.changing(Action.VIEW) as (actor, record):
            act(by=actor, operation=self.operation, task=record, **read.validated_data)
            return self._written(record)


def register(router: ApiRouter) -> None:
    router.register("volunteers", VolunteerViewSet)
    router.register("tasks", TaskViewSet)
