"""API resources of the health watch: syndromes and their thresholds, cases by site and day, alerts that stand."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from camps.api_sites import CampCodeField
from camps.filters import SyndromeCountFilter
from camps.health_standing import SiteAlert, standing_alerts
from camps.health_thresholds import add_syndrome, change_syndrome
from camps.health_watch import FIGURES, LONGEST_NOTE, PLAUSIBLE_CASES, Cases, record_counts
from camps.models import Camp, Syndrome, SyndromeCount
from komek.accounts.authority import Action, visible
from komek.api.router import ApiRouter
from komek.api.viewsets import RecordViewSet
from komek.records.actor import Actor


class SyndromeSerializer(serializers.ModelSerializer[Syndrome]):
    class Meta:
        model = Syndrome
        fields = (
            "key", "name", "names", "definition", "definitions", "window_days", "alert_cases", "alert_ratio",
            "alert_per_10000", "source", "order", "is_active", "updated_at",
        )  # fmt: skip
        read_only_fields = ("key", "names", "definitions", "updated_at")


class SyndromeViewSet(RecordViewSet):
    """What is watched, and from how many cases it is an alert. Coordinators of the whole operation set it."""

    queryset = Syndrome.objects.all()
    serializer_class = SyndromeSerializer
    scope = "syndromes"
    lookup_field = "key"
    sort_fields = ("order", "name", "updated_at")
    default_sort = ("order",)

    def perform_create_with(self, actor: Actor, validated: dict[str, Any]) -> Syndrome:
        return add_syndrome(by=actor, operation=self.operation, **validated)

    def perform_update_with(self, actor: Actor, record: Any, validated: dict[str, Any]) -> Syndrome:
        return change_syndrome(by=actor, operation=self.operation, syndrome=record, **validated)


def _figure() -> serializers.IntegerField:
    return serializers.IntegerField(min_value=0, max_value=PLAUSIBLE_CASES, required=False)


def _syndrome() -> serializers.SlugRelatedField[Syndrome]:
    return serializers.SlugRelatedField[Syndrome](slug_field="key", queryset=Syndrome.objects.all())


class SyndromeCountSerializer(serializers.ModelSerializer[SyndromeCount]):
    camp = CampCodeField()
    syndrome = _syndrome()
    under_five = _figure()
    five_and_over = _figure()
    deaths = _figure()
    cases = serializers.IntegerField(read_only=True)
    confirmed = serializers.BooleanField(
        write_only=True, required=False, default=False, help_text="Say yes when more deaths than cases are right."
    )

    class Meta:
        model = SyndromeCount
        fields = (
            "id", "camp", "syndrome", "day", *FIGURES, "cases", "note", "confirmed", "reported_by", "channel", "entered_at",
            "updated_at",
        )  # fmt: skip
        read_only_fields = ("id", "channel", "entered_at", "updated_at")
        validators = ()  # a day sent again is a correction, not a fault

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if self.instance is None and not any(name in attrs for name in FIGURES):
            raise serializers.ValidationError(_("Give at least one figure; 0 means that nobody fell ill."))
        return attrs


class DayCountSerializer(serializers.Serializer[Any]):
    syndrome = _syndrome()
    under_five = _figure()
    five_and_over = _figure()
    deaths = _figure()
    note = serializers.CharField(required=False, allow_blank=True, max_length=LONGEST_NOTE)


class DaySerializer(serializers.Serializer[Any]):
    """A day's cases at a site. A syndrome left out is not reported; one without figures is taken back."""

    camp = CampCodeField()
    day = serializers.DateField()
    counts = DayCountSerializer(many=True, allow_empty=False)
    confirmed = serializers.BooleanField(required=False, default=False)
    reported_by = serializers.CharField(required=False, allow_blank=True, max_length=200)


class AlertSerializer(serializers.Serializer[Any]):
    camp = serializers.CharField(source="camp.code")
    camp_name = serializers.CharField(source="camp.name")
    syndrome = serializers.CharField(source="syndrome.key")
    cases = serializers.IntegerField(source="alert.cases")
    deaths = serializers.IntegerField()
    starts = serializers.DateField(source="alert.starts", help_text="First day looked at.")
    ends = serializers.DateField(source="alert.ends", help_text="The newest day reported.")
    since = serializers.DateField(source="alert.since", help_text="When the alert began, as reported.")
    reported_days = serializers.IntegerField(source="alert.reported_days")
    population = serializers.IntegerField(allow_null=True)
    reasons = serializers.SerializerMethodField()
    sentence = serializers.SerializerMethodField()

    def get_reasons(self, one: SiteAlert) -> list[dict[str, Any]]:
        return [
            {"rule": reason.rule.value, "value": str(reason.value), "limit": str(reason.limit)}
            for reason in one.alert.reasons
        ]

    def get_sentence(self, one: SiteAlert) -> str:
        return " ".join([f"{one.summary()}.", *one.reasons()])


class SyndromeCountViewSet(RecordViewSet):
    """Cases by site, syndrome and day. A day sent again corrects it; history keeps the earlier figure."""

    queryset = SyndromeCount.objects.select_related("camp", "syndrome").defer("camp__perimeter", "camp__about")
    serializer_class = SyndromeCountSerializer
    scope = "syndrome-counts"
    filterset_class = SyndromeCountFilter
    sort_fields = ("day", "entered_at", "updated_at")
    default_sort = ("-day",)

    def perform_create_with(self, actor: Actor, validated: dict[str, Any]) -> SyndromeCount:
        return self._record(actor, validated)[0]

    def perform_update_with(self, actor: Actor, record: Any, validated: dict[str, Any]) -> SyndromeCount:
        kept = {name: getattr(record, name) for name in (*FIGURES, "note")}
        fixed = {"camp": record.camp, "syndrome": record.syndrome, "day": record.day}
        return self._record(actor, {**kept, **validated, **fixed})[0]

    def perform_delete_with(self, actor: Actor, record: Any) -> None:
        self._record(actor, {"camp": record.camp, "syndrome": record.syndrome, "day": record.day})

    def _record(self, actor: Actor, values: dict[str, Any]) -> list[SyndromeCount]:
        figures = {name: values[name] for name in (*FIGURES, "note") if name in values}
        return record_counts(
            by=actor,
            operation=self.operation,
            camp=values["camp"],
            day=values["day"],
            counts=[Cases(values["syndrome"], **figures)],
            confirmed=values.get("confirmed", False),
            reported_by=values.get("reported_by", ""),
        )

    @extend_schema(request=DaySerializer, responses=SyndromeCountSerializer(many=True), filters=False)
    @action(detail=False, methods=["post"], filter_backends=(), pagination_class=None)
    def day(self, request: Request, **kwargs: Any) -> Any:
        """Record a whole day at once: all of it, or nothing when something is wrong."""
        self.require(Action.ADD, SyndromeCount)
        given = DaySerializer(data=request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        values = dict(given.validated_data)
        counts = [Cases(**row) for row in values.pop("counts")]
        standing = record_counts(by=self.actor, operation=self.operation, counts=counts, **values)
        return self._finish(Response(SyndromeCountSerializer(standing, many=True).data))

    @extend_schema(responses=AlertSerializer(many=True), filters=False)
    @action(detail=False, methods=["get"], filter_backends=(), pagination_class=None)
    def alerts(self, request: Request, **kwargs: Any) -> Any:
        """Alerts that stand now, most urgent first: where, how many, over what, since when."""
        self.require(Action.VIEW, SyndromeCount)
        found = standing_alerts(visible(Camp.objects.all(), self.standing))
        return self._finish(Response(AlertSerializer(found, many=True).data))


def register(router: ApiRouter) -> None:
    router.register("syndromes", SyndromeViewSet)
    router.register("syndrome-counts", SyndromeCountViewSet)
