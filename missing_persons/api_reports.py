"""API resources of reports and notes, for registrars: the same functions as the pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request

from komek.api.code_fields import CodeField
from komek.api.geojson import GeometryField
from komek.api.router import ApiRouter
from komek.records.actor import Actor
from missing_persons.api_persons import PersonsRead, read_body
from missing_persons.checking import NameGiven
from missing_persons.erasing import erase_report
from missing_persons.filters import NoteFilter, ReportFilter
from missing_persons.models import NameKind, Note, Person, Report
from missing_persons.noting import add_note, doubt, verify_note, verify_report
from missing_persons.publishing import keep_from_public, publish
from missing_persons.reporting import correct_report, report_person
from orgs.api_activities import AreaCodeField
from orgs.api_organisations import OrganisationCodeField

ENTRY_ID = "Yours: the same entry sent again gives the first one back."


class ReportedNameSerializer(serializers.Serializer[Any]):
    as_written = serializers.CharField(max_length=20_000, required=False, allow_blank=True, default="")
    given = serializers.CharField(max_length=150, required=False, allow_blank=True, default="")
    patronymic = serializers.CharField(max_length=150, required=False, allow_blank=True, default="")
    family = serializers.CharField(max_length=150, required=False, allow_blank=True, default="")
    kind = serializers.ChoiceField(choices=NameKind.choices, required=False, default=NameKind.FULL)
    script = serializers.CharField(read_only=True)


class MissingReportSerializer(serializers.ModelSerializer[Report]):
    """A report. age_from, age_to: years as told; birth_year instead of them where only the year is known."""

    person = serializers.CharField(source="person.code", read_only=True)
    code = serializers.CharField(read_only=True, help_text="As given to whoever reported; leads to the person.")
    names = ReportedNameSerializer(many=True, required=False)
    organisation = OrganisationCodeField(allow_null=True, required=False)
    entry_id = serializers.UUIDField(required=False, help_text=ENTRY_ID)
    birth_year = serializers.IntegerField(required=False, allow_null=True, write_only=True)
    age_from = serializers.IntegerField(required=False, allow_null=True)
    age_to = serializers.IntegerField(required=False, allow_null=True)
    height_cm = serializers.IntegerField(required=False, allow_null=True)
    home_area = AreaCodeField(allow_null=True, required=False)
    last_seen_area = AreaCodeField(allow_null=True, required=False)
    last_seen_point = GeometryField(allow_null=True, required=False)
    languages = serializers.ListField(child=serializers.CharField(max_length=60), required=False)
    is_verified = serializers.BooleanField(
        write_only=True, required=False, default=False, help_text="Whoever sends it made sure of it themselves."
    )
    url = serializers.CharField(source="get_absolute_url", read_only=True)

    class Meta:
        model = Report
        fields = (
            "id", "code", "person", "entry_id", "kind", "names", "organisation", "sex", "birth_date", "birth_year", "age_from",
            "age_to", "occurred_at", "home_text", "home_area", "last_seen_text", "last_seen_area", "last_seen_point",
            "height_cm", "build", "hair", "eyes", "scars", "tattoos", "clothing", "languages", "description",
            "circumstances", "company", "reported_by", "reporter_relation", "reporter_phone", "reporter_email", "language",
            "source", "consents_to_publish", "moderation", "moderation_reason", "verified_at", "is_verified",
            "source_domain", "source_record_id", "is_clone", "expiry_date", "channel", "entered_at", "updated_at", "url",
        )  # fmt: skip
        read_only_fields = (
            "id", "moderation", "moderation_reason", "verified_at", "source_domain", "source_record_id", "is_clone",
            "expiry_date", "channel", "entered_at", "updated_at",
        )  # fmt: skip


class MissingReasonSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")


class MissingHowSerializer(serializers.Serializer[Any]):
    how = serializers.CharField(max_length=300, help_text="How it was made sure of.")


class _Evidence(PersonsRead):
    """What reports and notes have in common: being verified, published, kept from the public."""

    word: str = ""
    verifies: Callable[..., Any]

    @extend_schema(request=MissingHowSerializer)
    @action(detail=True, methods=["post"])
    def verify(self, request: Request, **kwargs: Any) -> Any:
        """Somebody made sure of it. Of a death only a protection officer."""
        given = read_body(MissingHowSerializer, request)
        with self.changing() as (actor, record):
            return self._written(
                type(self).verifies(by=actor, operation=self.operation, **{self.word: record}, how=given["how"])
            )

    @extend_schema(request=MissingReasonSerializer)
    @action(detail=True, methods=["post"])
    def doubt(self, request: Request, **kwargs: Any) -> Any:
        """It is not certain any more."""
        given = read_body(MissingReasonSerializer, request)
        with self.changing() as (actor, record):
            return self._written(doubt(by=actor, operation=self.operation, evidence=record, why=given["reason"]))

    @extend_schema(request=MissingReasonSerializer)
    @action(detail=True, methods=["post"])
    def publish(self, request: Request, **kwargs: Any) -> Any:
        """Let the public see it: the name, the age band and the status."""
        given = read_body(MissingReasonSerializer, request)
        with self.changing() as (actor, record):
            return self._written(publish(by=actor, operation=self.operation, record=record, **given))

    @extend_schema(request=MissingReasonSerializer)
    @action(detail=True, methods=["post"])
    def hide(self, request: Request, **kwargs: Any) -> Any:
        """Keep it from the public, with a reason."""
        given = read_body(MissingReasonSerializer, request)
        with self.changing() as (actor, record):
            return self._written(keep_from_public(by=actor, operation=self.operation, record=record, **given))


class MissingReportViewSet(_Evidence):
    """Reports of persons. A new one makes a person of its own; a change is a new version that history keeps."""

    queryset = (
        Report.objects.filter(tombstoned_at=None)
        .select_related("operation", "person", "made_person", "organisation", "home_area", "last_seen_area")
        .defer("home_area__geometry", "last_seen_area__geometry")
        .prefetch_related("names")
    )
    serializer_class = MissingReportSerializer
    reads = "API: reports of persons"
    word = "report"
    verifies = staticmethod(verify_report)
    filterset_class = ReportFilter
    sort_fields = ("occurred_at", "entered_at", "updated_at")
    default_sort = ("-entered_at",)
    row_version_includes_related = True

    def perform_create_with(self, actor: Actor, validated: dict[str, Any]) -> Report:
        names = _names_of(validated)
        return report_person(by=actor, operation=self.operation, names=names or [], **validated)

    def perform_update_with(self, actor: Actor, record: Any, validated: dict[str, Any]) -> Report:
        for fixed in ("entry_id", "organisation", "is_verified"):
            validated.pop(fixed, None)
        return correct_report(
            by=actor, operation=self.operation, report=record, names=_names_of(validated), **validated
        )

    def perform_delete_with(self, actor: Actor, record: Any) -> None:
        reason = str(self.request.query_params.get("reason", "")) or "API"
        erase_report(by=actor, operation=self.operation, report=record, reason=reason)


def _names_of(validated: dict[str, Any]) -> list[NameGiven] | None:
    names = validated.pop("names", None)
    return None if names is None else [NameGiven(**name) for name in names]


class MissingPersonCodeField(CodeField):
    """A person by their code."""

    letters = Person.CODE_LETTER
    missing = gettext_lazy("Nobody has the code %(code)s here.")

    def rows(self) -> QuerySet[Person]:
        return Person.objects.all()


class MissingNoteSerializer(serializers.ModelSerializer[Note]):
    person = MissingPersonCodeField()
    organisation = OrganisationCodeField(allow_null=True, required=False)
    entry_id = serializers.UUIDField(required=False, help_text=ENTRY_ID)
    last_known_area = AreaCodeField(allow_null=True, required=False)

    class Meta:
        model = Note
        fields = (
            "id", "entry_id", "person", "organisation", "status", "text", "last_known_location", "last_known_area",
            "contact_made", "reported_by", "author_phone", "author_email", "moderation", "moderation_reason", "verified_at",
            "verified_how", "occurred_at", "channel", "entered_at", "updated_at",
        )  # fmt: skip
        read_only_fields = (
            "id", "moderation", "moderation_reason", "verified_at", "verified_how", "channel", "entered_at", "updated_at",
        )  # fmt: skip


class MissingNoteViewSet(_Evidence):
    """Notes on persons. A status holds when somebody verified the note."""

    queryset = Note.objects.filter(tombstoned_at=None).select_related(
        "operation", "person", "organisation", "last_known_area"
    ).defer("last_known_area__geometry")  # fmt: skip
    serializer_class = MissingNoteSerializer
    reads = "API: notes on persons"
    word = "note"
    verifies = staticmethod(verify_note)
    filterset_class = NoteFilter
    sort_fields = ("occurred_at", "entered_at", "updated_at")
    default_sort = ("-occurred_at",)

    def perform_create_with(self, actor: Actor, validated: dict[str, Any]) -> Note:
        person = validated.pop("person")
        return add_note(by=actor, operation=self.operation, person=person, **validated)


def register(router: ApiRouter) -> None:
    router.register("missing-reports", MissingReportViewSet)
    router.register("missing-notes", MissingNoteViewSet)
