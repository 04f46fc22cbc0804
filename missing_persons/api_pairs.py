"""API resource of pairs that may be one person, for registrars."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from komek.api.router import ApiRouter
from missing_persons.api_persons import MissingPersonSerializer, PersonsRead, read_body
from missing_persons.models import PairState, SuggestedPair
from missing_persons.pairs import decide_pair


class PairFilter(filters.FilterSet):
    state = filters.MultipleChoiceFilter(choices=PairState.choices, distinct=False)

    class Meta:
        model = SuggestedPair
        fields: Any = ("state",)


class MissingPairSerializer(serializers.ModelSerializer[SuggestedPair]):
    first = MissingPersonSerializer(read_only=True)
    second = MissingPersonSerializer(read_only=True)
    evidence = serializers.JSONField(read_only=True, help_text="Field by field: equal, compatible, different, blank.")

    class Meta:
        model = SuggestedPair
        fields = ("id", "first", "second", "score", "evidence", "state", "reason", "suggested_at", "decided_at")
        read_only_fields = fields


class MissingDecisionSerializer(serializers.Serializer[Any]):
    is_same = serializers.BooleanField(help_text="The same person, who is then joined, or two people.")
    keep = serializers.CharField(
        max_length=20, required=False, allow_blank=True, default="", help_text="Code of the entry that stays."
    )
    reason = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")


class MissingPairViewSet(PersonsRead):
    """Pairs that may be one person, the likeliest first."""

    queryset = SuggestedPair.objects.select_related(
        "operation", "first__home_area", "first__last_seen_area", "second__home_area", "second__last_seen_area"
    )
    serializer_class = MissingPairSerializer
    reads = "API: pairs of persons"
    filterset_class = PairFilter
    updated_field = "suggested_at"
    requires_if_match = False  # an answer that was given already is refused
    row_version_includes_related = True
    sort_fields = ("score", "suggested_at")
    default_sort = ("-score",)

    def note_look(self, records: Any) -> None:
        super().note_look([person for pair in records for person in (pair.first, pair.second)])

    @extend_schema(request=MissingDecisionSerializer, responses=MissingPairSerializer)
    @action(detail=True, methods=["post"])
    def decide(self, request: Request, **kwargs: Any) -> Any:
        """The same person, or two."""
        given = read_body(MissingDecisionSerializer, request)
        with self.changing() as (actor, pair):
            code = given.pop("keep")
            keep = next((one for one in (pair.first, pair.second) if one.code == code), None)
            if code and keep is None:
                raise ValidationError({"keep": [_("Choose one of the two.")]})
            return self._written(decide_pair(by=actor, operation=self.operation, pair=pair, keep=keep, **given))


def register(router: ApiRouter) -> None:
    router.register("missing-pairs", MissingPairViewSet)
