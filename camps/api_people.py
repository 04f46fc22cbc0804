"""API resources of households, the people in them and their steps. Only for those who may see names; who read them is noted."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from camps.api_sites import CampCodeField
from camps.double_answers import answer_flag
from camps.entries import LARGEST_HOUSEHOLD, OLDEST_YEARS, Entry, Member
from camps.households import change_household, change_person
from camps.models import DuplicateFlag, Household, Movement, MovementKind, Person, RelationToHead, Sex, SpecialNeed
from camps.movements import move_household, move_person
from camps.people_filters import DuplicateFlagFilter, HouseholdApiFilter, MovementFilter, PersonFilter
from camps.reading import names_read
from camps.registration import add_member, register_household
from komek.accounts.authority import Action, in_operation
from komek.api.code_fields import CodeField
from komek.api.looks import NotedViewSet
from komek.api.router import ApiRouter
from komek.api.viewsets import RecordViewSet
from komek.records.actor import Actor
from komek.records.codes import MistypedCode, parse_code
from orgs.api_activities import PROVENANCE, AreaCodeField

ENTRY_ID = "Yours: the same entry sent again gives the first one back."


class NamesViewSet(NotedViewSet):
    """A resource with names in it: each look at them is written down."""

    def note_look(self, records: Any) -> None:
        names_read(by=self.actor, operation=self.operation, what=self.reads, records=records)


class MemberSerializer(serializers.Serializer[Any]):
    """One person of a household that is being registered."""

    name = serializers.CharField(max_length=200)
    sex = serializers.ChoiceField(choices=Sex.choices, required=False)
    age = serializers.IntegerField(required=False, allow_null=True, min_value=0, max_value=OLDEST_YEARS)
    birth_date = serializers.DateField(required=False, allow_null=True)
    relation = serializers.ChoiceField(choices=RelationToHead.choices, required=False)
    needs = serializers.ListField(child=serializers.ChoiceField(choices=SpecialNeed.choices), required=False)
    may_be_found = serializers.BooleanField(
        required=False, help_text="They agreed that relatives who search may be told. Ask them first."
    )
    note = serializers.CharField(max_length=300, required=False, allow_blank=True)
    entry_id = serializers.UUIDField(required=False, help_text=ENTRY_ID)


class HouseholdSerializer(serializers.ModelSerializer[Household]):
    camp = CampCodeField()
    entry_id = serializers.UUIDField(required=False, help_text=ENTRY_ID)
    origin_area = AreaCodeField(allow_null=True, required=False)
    size = serializers.IntegerField(
        required=False, min_value=1, max_value=LARGEST_HOUSEHOLD, help_text="Everybody who is here, listed or not."
    )
    members = MemberSerializer(
        many=True, required=False, write_only=True, help_text="When registering; afterwards they are persons."
    )
    url = serializers.CharField(source="get_absolute_url", read_only=True)

    class Meta:
        model = Household
        fields = (
            "code", "entry_id", "camp", "head_name", "size", "unlisted", "members", "phone", "origin", "origin_area", "arrived_on",
            "intention", "shelter_unit", "card_number", "presence", "note", *PROVENANCE, "url",
        )  # fmt: skip
        read_only_fields = ("code", "unlisted", "presence", "channel", "entered_at", "updated_at")


class HouseholdViewSet(NamesViewSet):
    """Households at sites. Registering one checks its members in; they move through ``movements/step/``."""

    queryset = Household.objects.select_related("camp", "origin_area").defer("camp__perimeter", "origin_area__geometry")
    serializer_class = HouseholdSerializer
    scope = "households"
    reads = "API: households"
    filterset_class = HouseholdApiFilter
    sort_fields = ("head_name", "arrived_on", "entered_at", "updated_at")
    default_sort = ("head_name",)
    code_kinds = Household.CODE_LETTER

    def perform_create_with(self, actor: Actor, validated: dict[str, Any]) -> Household:
        camp, at = validated.pop("camp"), validated.pop("occurred_at", None)
        members = [Member(**member) for member in validated.pop("members", [])]
        entry = Entry(**validated, members=members)
        return register_household(by=actor, operation=self.operation, camp=camp, entry=entry, occurred_at=at)

    def perform_update_with(self, actor: Actor, record: Any, validated: dict[str, Any]) -> Household:
        refuse_fixed(record, validated, ("camp", "members", "entry_id", "occurred_at"))
        return change_household(by=actor, operation=self.operation, household=record, **validated)


class HouseholdCodeField(CodeField):
    """A household by its code."""

    letters = Household.CODE_LETTER
    missing = gettext_lazy("There is no household %(code)s here.")

    def rows(self) -> QuerySet[Household]:
        return Household.objects.all()


class PersonSerializer(serializers.ModelSerializer[Person]):
    household = HouseholdCodeField()
    camp = CampCodeField(read_only=True)
    entry_id = serializers.UUIDField(required=False, help_text=ENTRY_ID)
    age = serializers.IntegerField(
        required=False, allow_null=True, min_value=0, max_value=OLDEST_YEARS, help_text="Years; or the date of birth."
    )
    needs = serializers.ListField(child=serializers.ChoiceField(choices=SpecialNeed.choices), required=False)
    is_newcomer = serializers.BooleanField(
        write_only=True, required=False, default=False, help_text="Came on top of those who were counted without names."
    )
    url = serializers.CharField(source="get_absolute_url", read_only=True)

    class Meta:
        model = Person
        fields = (
            "code", "entry_id", "household", "camp", "name", "sex", "age", "birth_date", "birth_year", "relation", "needs",
            "presence", "may_be_found", "may_be_found_since", "note", "is_newcomer", *PROVENANCE, "url",
        )  # fmt: skip
        read_only_fields = (
            "code", "birth_year", "presence", "may_be_found_since", "channel", "entered_at", "updated_at",
        )  # fmt: skip


class PersonViewSet(NamesViewSet):
    """People registered by name. A new one is added to a household; they move through ``movements/step/``."""

    queryset = Person.objects.select_related("camp", "household").defer("camp__perimeter")
    serializer_class = PersonSerializer
    scope = "persons"
    reads = "API: people"
    filterset_class = PersonFilter
    sort_fields = ("name", "entered_at", "updated_at")
    default_sort = ("name",)
    code_kinds = Person.CODE_LETTER

    def perform_create_with(self, actor: Actor, validated: dict[str, Any]) -> Person:
        household, at = validated.pop("household"), validated.pop("occurred_at", None)
        entry_id, is_newcomer = validated.pop("entry_id", None), validated.pop("is_newcomer", False)
        validated.pop("reported_by", None)
        return add_member(
            by=actor, operation=self.operation, household=household, member=Member(**validated), entry_id=entry_id,
            occurred_at=at, is_newcomer=is_newcomer,
        )  # fmt: skip

    def perform_update_with(self, actor: Actor, record: Any, validated: dict[str, Any]) -> Person:
        validated.pop("is_newcomer", None)
        refuse_fixed(record, validated, ("household", "entry_id", "occurred_at"))
        return change_person(by=actor, operation=self.operation, person=record, **validated)


class MovementSerializer(serializers.ModelSerializer[Movement]):
    """A step, by codes: no names."""

    person = serializers.CharField(source="person.code", default=None, read_only=True)
    household = serializers.SerializerMethodField(help_text="Of the person, or whose unlisted people moved.")
    camp = CampCodeField()
    to_camp = serializers.CharField(source="to_camp.code", default=None, read_only=True)

    class Meta:
        model = Movement
        fields = (
            "id", "entry_id", "person", "household", "kind", "camp", "to_camp", "reason", "occurred_at", "reported_by", "channel",
            "entered_at", "updated_at",
        )  # fmt: skip
        read_only_fields = fields

    def get_household(self, step: Movement) -> str:
        return str((step.household or step.person.household).code)  # type: ignore[union-attr]


class StepSerializer(serializers.Serializer[Any]):
    """One step of a person, or of everybody of a household."""

    code = serializers.CharField(
        max_length=20, help_text="Code of a person (P…) or of a household (H…), as on the card."
    )
    kind = serializers.ChoiceField(choices=MovementKind.choices)
    camp = CampCodeField(required=False, help_text="Where it happens; where they are registered unless given.")
    to_camp = CampCodeField(required=False, help_text="Where to, for a transfer.")
    occurred_at = serializers.DateTimeField(required=False)
    reason = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)
    reported_by = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)
    entry_id = serializers.UUIDField(required=False, help_text=ENTRY_ID)
    confirmed = serializers.BooleanField(
        required=False, default=False, help_text="Say yes when they are to move here from a site they are still at."
    )


class MovementViewSet(RecordViewSet):
    """Who came, went, moved, was away, died. Only ever added."""

    queryset = Movement.objects.select_related("camp", "to_camp", "person__household", "household").defer(
        "camp__perimeter", "to_camp__perimeter"
    )
    serializer_class = MovementSerializer
    scope = "movements"
    filterset_class = MovementFilter
    sort_fields = ("occurred_at", "entered_at", "updated_at")
    default_sort = ("-occurred_at",)

    @extend_schema(request=StepSerializer, responses=MovementSerializer(many=True))
    @action(detail=False, methods=["post"], filter_backends=(), pagination_class=None)
    def step(self, request: Request, **kwargs: Any) -> Any:
        """Check in or out, move, note an absence, a return or a death: one way for every kind of site."""
        self.require(Action.ADD, Movement)
        given = StepSerializer(data=request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        values = dict(given.validated_data)
        whose = self._called(values.pop("code"))
        details = {"by": self.actor, "operation": self.operation, **values}
        if isinstance(whose, Household):
            steps = move_household(household=whose, **details)
        else:
            steps = [move_person(person=whose, **details)]
        rows = self.get_queryset().filter(pk__in=[one.pk for one in steps]).order_by("pk")
        return self._finish(Response(self.get_serializer(rows, many=True).data, status=201))

    def _called(self, text: str) -> Person | Household:
        """By exact code in this operation, as at the desk: who is new here is not yet seen by those who work here."""
        try:
            code = parse_code(text, "HP")
        except MistypedCode as fault:
            raise ValidationError({"code": [str(fault)]}) from fault
        model: Any = Household if code.startswith(Household.CODE_LETTER) else Person
        found: Person | Household | None = in_operation(model.objects.all(), self.operation).filter(code=code).first()
        if found is None:
            raise ValidationError(
                {"code": [_("Nobody has the code %(code)s. Check it and type it again.") % {"code": code}]}
            )
        return found


class DuplicateFlagSerializer(serializers.ModelSerializer[DuplicateFlag]):
    first = PersonSerializer(read_only=True)
    second = PersonSerializer(read_only=True)
    step = serializers.IntegerField(source="step_id", read_only=True, help_text="The check-out that the answer made.")

    class Meta:
        model = DuplicateFlag
        fields = ("id", "first", "second", "likeness", "found_at", "answer", "reason", "answered_at", "step")
        read_only_fields = fields


class AnswerSerializer(serializers.Serializer[Any]):
    answer = serializers.ChoiceField(choices=(DuplicateFlag.Answer.SAME, DuplicateFlag.Answer.DIFFERENT))
    stays = serializers.CharField(
        required=False,
        help_text="For the same person: code of the registration that goes on; the newer one unless given.",
    )
    reason = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)


class DuplicateFlagViewSet(NamesViewSet):
    """People who may be registered twice, where the asker may see both registrations."""

    queryset = DuplicateFlag.objects.select_related(
        "first__camp", "first__household", "second__camp", "second__household"
    ).defer("first__camp__perimeter", "second__camp__perimeter")
    serializer_class = DuplicateFlagSerializer
    scope = "double-registrations"
    scope_verbs = {"answer": "write"}  # noqa: RUF012
    reads = "API: double registrations"
    filterset_class = DuplicateFlagFilter
    updated_field = "found_at"
    requires_if_match = False  # an answer that was given already is refused or is the same
    row_version_includes_related = True
    sort_fields = ("found_at", "likeness")
    default_sort = ("-likeness",)

    def note_look(self, records: Any) -> None:
        super().note_look([person for flag in records for person in (flag.first, flag.second)])

    @extend_schema(request=AnswerSerializer, responses=DuplicateFlagSerializer)
    @action(detail=True, methods=["post"])
    def answer(self, request: Request, **kwargs: Any) -> Any:
        """The same person, or two. "The same" checks the registration that does not stay out at its site."""
        given = AnswerSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        values = dict(given.validated_data)
        with self.changing() as (actor, flag):
            stays = values.pop("stays", "")
            kept = next((one for one in (flag.first, flag.second) if one.code == stays), None)
            if stays and kept is None:
                raise ValidationError({"stays": [_("Choose one of the two registrations.")]})
            return self._written(answer_flag(by=actor, operation=self.operation, flag=flag, stays=kept, **values))


def refuse_fixed(record: Any, validated: dict[str, Any], names: tuple[str, ...]) -> None:
    """Take out what does not change by a change, and refuse it when it says something else: people move by a step."""
    given = {name: validated.pop(name) for name in names if name in validated}
    faults = [name for name, value in given.items() if value != getattr(record, name)]
    if faults:
        sentence = _("This is not changed here. People move by a step; others are added as persons.")
        raise ValidationError({name: [sentence] for name in faults})


def register(router: ApiRouter) -> None:
    router.register("households", HouseholdViewSet)
    router.register("persons", PersonViewSet)
    router.register("movements", MovementViewSet)
    router.register("double-registrations", DuplicateFlagViewSet)
