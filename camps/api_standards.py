"""API resources of standards, measurements and indicators. The same functions as the pages."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from camps.api_sites import CampCodeField
from camps.assessing import SiteIndicator, indicators_of, standards_in_use, worse_first
from camps.filters_standards import MeasurementFilter
from camps.measuring import measure, record_visit, withdraw_measurement
from camps.models import Camp, Measurement, Standard
from camps.standard_rows import row_of
from camps.standards import add_standard, change_standard
from komek.accounts.authority import Action, visible
from komek.api.router import ApiRouter
from komek.api.viewsets import RecordViewSet
from komek.records.actor import Actor
from komek.records.codes import MistypedCode, parse_code
from komek.supplies.models import Item
from orgs.models import Opening, Sector

MOST_SITES = 500


class StandardSerializer(serializers.ModelSerializer[Standard]):
    sector = serializers.SlugRelatedField[Sector](
        slug_field="key", queryset=Sector.objects.all(), allow_null=True, required=False
    )
    item = serializers.SlugRelatedField[Item](
        slug_field="code", queryset=Item.objects.filter(is_active=True), allow_null=True, required=False
    )
    part_of = serializers.SlugRelatedField[Standard](
        slug_field="key", queryset=Standard.objects.all(), allow_null=True, required=False
    )
    key = serializers.SlugField(max_length=60)
    url = serializers.CharField(source="get_absolute_url", read_only=True)

    class Meta:
        model = Standard
        fields = (
            "key", "name", "names", "sector", "comparison", "unit", "units", "target", "first", "first_days", "target_cold",
            "upper_cold", "share", "part_of", "gap_text", "gap_texts", "note", "notes", "item", "item_covers", "source", "order",
            "is_active", "updated_at", "url",
        )  # fmt: skip
        read_only_fields = ("updated_at",)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        for name in ("names", "units", "gap_texts", "notes"):
            texts = attrs.get(name, {})
            if not isinstance(texts, dict) or not all(isinstance(text, str) for text in texts.values()):
                raise serializers.ValidationError({name: _('Give texts by language code, such as {"ru": "Вода"}.')})
        return attrs


class StandardViewSet(RecordViewSet):
    """The figures that sites are compared with: cited, editable by coordinators. Indicators, never a pass or fail mark."""

    queryset = Standard.objects.select_related("sector", "item", "part_of")
    serializer_class = StandardSerializer
    scope = "standards"
    lookup_field = "key"
    sort_fields = ("order", "key", "updated_at")
    default_sort = ("order",)

    def perform_create_with(self, actor: Actor, validated: dict[str, Any]) -> Standard:
        return add_standard(by=actor, operation=self.operation, **validated)

    def perform_update_with(self, actor: Actor, record: Any, validated: dict[str, Any]) -> Standard:
        return change_standard(by=actor, operation=self.operation, standard=record, **validated)


class MeasurementSerializer(serializers.ModelSerializer[Measurement]):
    camp = CampCodeField()
    standard = serializers.SlugRelatedField[Standard](slug_field="key", queryset=Standard.objects.all())
    value = serializers.DecimalField(max_digits=14, decimal_places=3, min_value=Decimal(0))
    entry_id = serializers.UUIDField(
        required=False, help_text="Yours: the same entry sent again gives the first one back."
    )

    class Meta:
        model = Measurement
        fields = (
            "id", "entry_id", "camp", "standard", "value", "occurred_at", "source", "note", "is_withdrawn", "reported_by",
            "channel", "entered_at", "updated_at",
        )  # fmt: skip
        read_only_fields = ("id", "is_withdrawn", "channel", "entered_at", "updated_at")
        extra_kwargs = {"occurred_at": {"required": True}}  # noqa: RUF012


class VisitSerializer(serializers.Serializer[Any]):
    """Several figures of one visit."""

    camp = CampCodeField()
    occurred_at = serializers.DateTimeField()
    figures = serializers.DictField(
        child=serializers.DecimalField(max_digits=14, decimal_places=3, min_value=Decimal(0)),
        help_text='Standard\'s key → value: {"water": 7800, "toilets": 12, "complaints": 1}.',
    )
    source = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)
    note = serializers.CharField(max_length=300, required=False, default="", allow_blank=True)
    reported_by = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)
    entry_id = serializers.UUIDField(required=False, default=None, allow_null=True)

    def validate_figures(self, value: dict[str, Decimal]) -> dict[Standard, Decimal]:
        known = {one.key: one for one in Standard.objects.select_related("part_of").filter(key__in=value)}
        unknown = sorted(set(value) - set(known))
        if unknown:
            raise serializers.ValidationError(
                _("There is no standard with the key %(keys)s.") % {"keys": ", ".join(unknown)[:200]}
            )
        return {known[key]: figure for key, figure in value.items()}


class WithdrawalSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=300)


class IndicatorSerializer(serializers.Serializer[Any]):
    """One indicator of one site. Numbers are null when not known; ``gap`` 0 means that nothing is missing."""

    camp = serializers.CharField(source="found.camp.code")
    standard = serializers.CharField(source="found.standard.key")
    sector = serializers.CharField(source="found.standard.sector.key", default=None)
    name = serializers.CharField()
    unit = serializers.SerializerMethodField()
    step = serializers.CharField(source="found.indicator.step", help_text="Which figure applies: first, full or cold.")
    wanted = serializers.DecimalField(
        source="found.indicator.wanted", max_digits=12, decimal_places=3, help_text="The figure that applies."
    )
    value = serializers.SerializerMethodField(
        help_text="In the terms of the standard: per person, people for each, metres."
    )
    needed = serializers.IntegerField(source="found.indicator.needed", help_text="Whole units needed in all.")
    gap = serializers.IntegerField(source="found.indicator.gap", help_text="Whole units missing, or metres too many.")
    gap_in_full = serializers.IntegerField(
        source="found.indicator.gap_in_full", help_text="Gap to the full figure while only the first one applies."
    )
    badness = serializers.SerializerMethodField(help_text="0 nothing missing … 1 nothing there; null when not known.")
    is_critical = serializers.BooleanField(
        source="found.indicator.is_critical", help_text="Worse than the least figure."
    )
    missing = serializers.CharField(
        source="found.indicator.missing", help_text="What is not known: headcount, measurement or both."
    )
    words = serializers.CharField(source="gap", help_text="The gap in words, in the language asked for.")
    measured = serializers.DecimalField(
        source="found.indicator.measured.value", max_digits=14, decimal_places=3, default=None
    )
    measured_at = serializers.DateTimeField(source="found.indicator.measured.at", default=None)
    measured_by = serializers.CharField(source="source")
    people = serializers.IntegerField(source="found.headcount.people", default=None)
    counted_at = serializers.DateTimeField(source="found.headcount.occurred_at", default=None)
    source = serializers.CharField(source="found.standard.source", help_text="Where the standard's figure comes from.")

    def get_unit(self, row: Any) -> str:
        return str(row.found.standard.text("unit"))

    def get_value(self, row: Any) -> float | None:
        return _rounded(row.found.indicator.value)

    def get_badness(self, row: Any) -> float | None:
        return _rounded(row.found.indicator.badness)


def _rounded(figure: Decimal | None) -> float | None:
    return None if figure is None else round(float(figure), 4)


class MeasurementViewSet(RecordViewSet):
    """What was measured at sites. Added or withdrawn, never overwritten; the newest by event time counts."""

    queryset = Measurement.objects.select_related("camp", "standard")
    serializer_class = MeasurementSerializer
    scope = "measurements"
    scope_verbs = {"indicators": "read"}  # noqa: RUF012
    filterset_class = MeasurementFilter
    sort_fields = ("occurred_at", "entered_at", "updated_at")
    default_sort = ("-occurred_at",)

    def perform_create_with(self, actor: Actor, validated: dict[str, Any]) -> Measurement:
        return measure(by=actor, operation=self.operation, **validated)

    @extend_schema(request=VisitSerializer, responses=MeasurementSerializer(many=True))
    @action(detail=False, methods=["post"], filter_backends=(), pagination_class=None)
    def visit(self, request: Request, **kwargs: Any) -> Any:
        """Several figures of one visit: all of them are kept, or none. Sent again under the same entry_id, it is one visit."""
        self.require(Action.ADD, Measurement)
        given = VisitSerializer(data=request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        values = dict(given.validated_data)
        kept = record_visit(by=self.actor, operation=self.operation, values=values.pop("figures"), **values)
        rows = self.get_queryset().filter(pk__in=[one.pk for one in kept]).order_by("pk")
        return self._finish(Response(self.get_serializer(rows, many=True).data, status=201))

    @extend_schema(request=WithdrawalSerializer, responses=MeasurementSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, **kwargs: Any) -> Any:
        """Take a wrong figure out of use, with the reason. It stays to be seen."""
        given = WithdrawalSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        with self.changing(Action.CHANGE) as (actor, record):
            return self._written(
                withdraw_measurement(
                    by=actor, operation=self.operation, measurement=record, reason=given.validated_data["reason"]
                )
            )

    @extend_schema(
        parameters=[
            OpenApiParameter(
                "camp", OpenApiTypes.STR, many=True, description="Codes of sites; all of their indicators."
            ),
            OpenApiParameter(
                "standard", OpenApiTypes.STR, description="A standard's key; open sites, the worst first."
            ),
        ],
        responses=IndicatorSerializer(many=True),
    )
    @action(detail=False, methods=["get"], filter_backends=(), pagination_class=None)
    def indicators(self, request: Request, **kwargs: Any) -> Any:
        """Sites compared with standards: value, gap in units and in words, how bad, and the age of both figures.

        Give sites, a standard, or both. At most 500 sites; the worst first.
        """
        standards = self._standards(request.query_params.get("standard", ""))
        codes = request.query_params.getlist("camp")
        if not codes and "standard" not in request.query_params:
            raise ValidationError({"camp": [_("Give the codes of sites, or a standard to compare all of them by.")]})
        camps = self._camps(codes)
        found: list[SiteIndicator] = [one for own in indicators_of(camps, standards=standards).values() for one in own]
        rows = [row_of(one) for one in sorted(found, key=worse_first)]
        return self._finish(Response(IndicatorSerializer(rows, many=True).data))

    def _standards(self, key: str) -> list[Standard]:
        found = standards_in_use()
        if not key:
            return found
        chosen = [one for one in found if one.key == key]
        if not chosen:
            raise ValidationError({"standard": [_("There is no standard with the key %(keys)s.") % {"keys": key[:60]}]})
        return chosen

    def _camps(self, codes: list[str]) -> list[Camp]:
        rows = visible(Camp.objects.select_related("area").defer("area__geometry", "perimeter"), self.standing)
        if not codes:
            return list(rows.filter(opening=Opening.OPEN).order_by("pk")[:MOST_SITES])
        try:
            wanted = {parse_code(code, "CW") for code in codes[:MOST_SITES]}
        except MistypedCode as fault:
            raise ValidationError({"camp": [str(fault)]}) from fault
        found = list(rows.filter(code__in=wanted).order_by("pk"))
        lacking = sorted(wanted - {camp.code for camp in found})
        if lacking:
            raise ValidationError(
                {"camp": [_("There is no site with people %(code)s here.") % {"code": ", ".join(lacking)[:200]}]}
            )
        return found


def register(router: ApiRouter) -> None:
    router.register("standards", StandardViewSet)
    router.register("measurements", MeasurementViewSet)
