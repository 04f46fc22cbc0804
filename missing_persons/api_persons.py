"""API resource of persons, for registrars: what reports are joined into. Each look at them is written down."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from komek.accounts.authority import visible
from komek.api.looks import NotedViewSet
from komek.api.router import ApiRouter
from komek.records.codes import MistypedCode, parse_code
from missing_persons.filters import PersonFilter, listed
from missing_persons.joining import join
from missing_persons.models import Person
from missing_persons.publishing import hold_back, let_go
from missing_persons.reading import persons_read

SCOPE = "missing-persons"


class PersonsRead(NotedViewSet):
    """A resource with names in it: each look is written down."""

    scope = SCOPE

    def note_look(self, records: Any) -> None:
        persons_read(by=self.actor, operation=self.operation, what=self.reads, records=records)


class MissingPersonSerializer(serializers.ModelSerializer[Person]):
    """A person. born_from and born_to: the first and the last day on which they may have been born."""

    home_area = serializers.CharField(source="home_area.pcode", default=None, read_only=True)
    last_seen_area = serializers.CharField(source="last_seen_area.pcode", default=None, read_only=True)
    url = serializers.CharField(source="get_absolute_url", read_only=True)

    class Meta:
        model = Person
        fields = (
            "code", "display_name", "sex", "born_from", "born_to", "home_text", "home_area", "last_seen_text", "last_seen_area",
            "status", "status_at", "status_source", "public_status", "visibility", "is_child_alone", "is_held_back",
            "held_back_because", "expires_at", "occurred_at", "entered_at", "updated_at", "url",
        )  # fmt: skip
        read_only_fields = fields


class JoinSerializer(serializers.Serializer[Any]):
    other = serializers.CharField(max_length=20, help_text="Code of the entry whose reports move here.")
    reason = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")


class PersonReasonSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=300)


class MissingPersonViewSet(PersonsRead):
    """Persons of the operation. They come to be by reports; everything on them follows from reports, notes and decisions."""

    queryset = listed(Person.objects.select_related("operation", "home_area", "last_seen_area")).defer(
        "home_area__geometry", "last_seen_area__geometry"
    )
    serializer_class = MissingPersonSerializer
    reads = "API: missing persons"
    filterset_class = PersonFilter
    sort_fields = ("occurred_at", "entered_at", "updated_at", "display_name")
    default_sort = ("-occurred_at",)
    code_kinds = Person.CODE_LETTER

    def get_queryset(self) -> QuerySet[Any]:
        return listed(super().get_queryset())

    @extend_schema(request=JoinSerializer, responses=MissingPersonSerializer)
    @action(detail=True, methods=["post"])
    def join(self, request: Request, **kwargs: Any) -> Any:
        """Another entry is the same person: its reports move here, and its code leads here."""
        given = read_body(JoinSerializer, request)
        try:
            code = parse_code(given["other"], Person.CODE_LETTER)
        except MistypedCode as fault:
            raise ValidationError({"other": [str(fault)]}) from fault
        with self.changing() as (actor, person):
            other = visible(Person.objects.all(), self.standing).filter(code=code).first()
            if other is None:
                raise ValidationError({"other": [_("Nobody has the code %(code)s here.") % {"code": code}]})
            join(by=actor, operation=self.operation, keep=person, other=other, reason=given["reason"])
            return self._written(person)

    @extend_schema(request=PersonReasonSerializer, responses=MissingPersonSerializer)
    @action(detail=True, methods=["post"])
    def hold(self, request: Request, **kwargs: Any) -> Any:
        """The public sees nothing of this person from now on."""
        given = read_body(PersonReasonSerializer, request)
        with self.changing() as (actor, person):
            return self._written(hold_back(by=actor, operation=self.operation, person=person, **given))

    @extend_schema(request=PersonReasonSerializer, responses=MissingPersonSerializer)
    @action(detail=True, methods=["post"])
    def release(self, request: Request, **kwargs: Any) -> Any:
        """What is published of this person is seen again: a protection officer's decision."""
        given = read_body(PersonReasonSerializer, request)
        with self.changing() as (actor, person):
            return self._written(let_go(by=actor, operation=self.operation, person=person, **given))


def read_body(serializer: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    given = serializer(data=request.data)
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)


def register(router: ApiRouter) -> None:
    router.register("missing-persons", MissingPersonViewSet)
