"""API resources of organisations, memberships and sectors. The same functions and filters as the pages."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema, extend_schema_field
from phonenumber_field.serializerfields import PhoneNumberField
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from komek.accounts.authority import Action, visible
from komek.accounts.roles import Role
from komek.api.code_fields import CodeField
from komek.api.router import ApiRouter
from komek.api.viewsets import ReadOnlyRecordViewSet, RecordViewSet, ReferenceViewSet
from komek.records.actor import Actor
from komek.records.models import Approval
from orgs.merging import CHOOSABLE, kept_of, merge_organisations
from orgs.models import (
    Contact,
    ContactVisibility,
    Membership,
    NameKind,
    Organisation,
    OrganisationName,
    Sector,
    Verification,
)
from orgs.organisation_filters import OrganisationFilterSet
from orgs.organisations import (
    NewName,
    approve_organisation,
    change_organisation,
    confirm_entry,
    refuse_organisation,
    register_organisation,
    set_contacts,
    set_names,
    verify_organisation,
)
from orgs.staleness import Freshness, freshness


class OrganisationCodeField(CodeField):
    """An organisation by its code."""

    letters = Organisation.CODE_LETTER
    missing = gettext_lazy("There is no organisation %(code)s here.")

    def rows(self) -> QuerySet[Organisation]:
        return Organisation.objects.all()


class NameSerializer(serializers.ModelSerializer[OrganisationName]):
    kind = serializers.ChoiceField(choices=NameKind.choices, default=NameKind.ALIAS)

    class Meta:
        model = OrganisationName
        fields = ("name", "language", "kind")


class ContactSerializer(serializers.ModelSerializer[Contact]):
    """Sent with its ``id`` a contact is changed, without one it is added; contacts left out are taken away."""

    id = serializers.IntegerField(source="pk", required=False)
    phone = PhoneNumberField(required=False, allow_blank=True)
    visibility = serializers.ChoiceField(choices=ContactVisibility.choices, default=ContactVisibility.PARTNERS)

    class Meta:
        model = Contact
        fields = ("id", "person", "position", "phone", "email", "note", "visibility", "updated_at")
        read_only_fields = ("updated_at",)


class OrganisationSerializer(serializers.ModelSerializer[Organisation]):
    """Contacts are those the asker may see; when contacts are sent, the others stay as they are."""

    parent = OrganisationCodeField(required=False, allow_null=True)
    merged_into = OrganisationCodeField(read_only=True)
    sectors = serializers.SlugRelatedField[Sector](
        slug_field="key", many=True, required=False, queryset=Sector.objects.all()
    )
    names = NameSerializer(source="other_names", many=True, required=False)
    contacts = ContactSerializer(source="seen_contacts", many=True, required=False)
    website = serializers.CharField(max_length=200, required=False, allow_blank=True)
    is_new = serializers.BooleanField(
        write_only=True, required=False, help_text="None of the organisations already registered that look alike."
    )
    freshness = serializers.SerializerMethodField()
    url = serializers.CharField(source="get_absolute_url", read_only=True)

    class Meta:
        model = Organisation
        fields = (
            "code", "name", "acronym", "kind", "names", "sectors", "parent", "is_donor", "is_implementing",
            "coordinates_operation", "country", "website", "about", "external_ids", "contacts", "verification",
            "approval", "approval_note", "confirmed_at", "freshness", "merged_into", "reported_by", "channel",
            "entered_at", "updated_at", "url", "is_new",
        )  # fmt: skip
        read_only_fields = (
            "code", "verification", "approval", "approval_note", "confirmed_at", "channel", "entered_at", "updated_at"
        )  # fmt: skip

    @extend_schema_field(serializers.ChoiceField(choices=Freshness.choices))
    def get_freshness(self, record: Organisation) -> str:
        return str(freshness(record.confirmed_at))


class ReasonSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")


class VerifySerializer(serializers.Serializer[Any]):
    verification = serializers.ChoiceField(choices=Verification.choices, default=Verification.VERIFIED)


class MergeSerializer(serializers.Serializer[Any]):
    """``duplicate`` is merged into the organisation in the address."""

    duplicate = OrganisationCodeField()
    choices = serializers.DictField(
        child=serializers.ChoiceField(choices=["kept", "duplicate"]), required=False, default=dict,
        help_text=f"Field → whose value stays. Fields: {', '.join(CHOOSABLE)}.",
    )  # fmt: skip
    reason = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")


class OrganisationViewSet(RecordViewSet):
    """Organisations in the response. Those proposed by others than coordinators wait for approval.

    The code of an organisation that was merged answers 301 with the address of the one that was kept.
    """

    queryset = Organisation.objects.select_related("parent", "merged_into")
    serializer_class = OrganisationSerializer
    scope = "organisations"
    filterset_class = OrganisationFilterSet
    sort_fields = ("name", "acronym", "kind", "country", "confirmed_at", "entered_at", "updated_at")
    default_sort = ("name",)
    code_kinds = Organisation.CODE_LETTER
    row_version_includes_related = True

    def get_queryset(self) -> QuerySet[Any]:
        seen = Contact.objects.filter(site=None)
        if not getattr(self, "swagger_fake_view", False):
            seen = visible(seen, self.standing)
        return (
            super()
            .get_queryset()
            .prefetch_related("other_names", "sectors", Prefetch("contacts", queryset=seen, to_attr="seen_contacts"))
        )

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        record = self.get_object()
        if record.merged_into_id is None:
            return super().retrieve(request, *args, **kwargs)
        kept = kept_of(record)
        address = reverse("api:organisations-detail", args=[kept.code], request=request)
        detail = _("%(code)s was merged into %(kept)s.") % {"code": record.code, "kept": kept.code}
        body = {"code": record.code, "merged_into": kept.code, "detail": detail}
        return self._finish(Response(body, status=301, headers={"Location": address}))

    def perform_create_with(self, actor: Actor, validated: dict[str, Any]) -> Organisation:
        names = _new_names(validated.pop("other_names", []))
        contacts = validated.pop("seen_contacts", [])
        return register_organisation(by=actor, operation=self.operation, names=names, contacts=contacts, **validated)

    def perform_update_with(self, actor: Actor, record: Any, validated: dict[str, Any]) -> Organisation:
        validated.pop("is_new", None)
        names, contacts = validated.pop("other_names", None), validated.pop("seen_contacts", None)
        what: dict[str, Any] = {"by": actor, "operation": self.operation, "organisation": record}
        changed = change_organisation(**what, **validated)
        if names is not None:
            set_names(**what, names=_new_names(names))
        if contacts is not None:
            set_contacts(**what, contacts=contacts)
        return changed

    @extend_schema(request=None, responses=OrganisationSerializer)
    @action(detail=True, methods=["post"])
    def confirm(self, request: Request, **kwargs: Any) -> Any:
        """Say that the entry is still right."""
        with self.changing(Action.CHANGE) as (actor, record):
            confirm_entry(by=actor, operation=self.operation, organisation=record)
            return self._written(record)

    @extend_schema(request=ReasonSerializer, responses=OrganisationSerializer)
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, **kwargs: Any) -> Any:
        """Let others see it."""
        asked = _read(ReasonSerializer, self)
        with self.changing(Action.APPROVE) as (actor, record):
            approve_organisation(by=actor, operation=self.operation, organisation=record, note=asked["reason"])
            return self._written(record)

    @extend_schema(request=ReasonSerializer, responses=OrganisationSerializer)
    @action(detail=True, methods=["post"])
    def refuse(self, request: Request, **kwargs: Any) -> Any:
        """Turn a proposed organisation down, with a reason."""
        asked = _read(ReasonSerializer, self)
        with self.changing(Action.APPROVE) as (actor, record):
            refuse_organisation(by=actor, operation=self.operation, organisation=record, reason=asked["reason"])
            return self._written(record)

    @extend_schema(request=VerifySerializer, responses=OrganisationSerializer)
    @action(detail=True, methods=["post"])
    def verify(self, request: Request, **kwargs: Any) -> Any:
        """Say whether somebody has checked that the organisation is what it says."""
        asked = _read(VerifySerializer, self)
        with self.changing(Action.APPROVE) as (actor, record):
            verify_organisation(by=actor, operation=self.operation, organisation=record, **asked)
            return self._written(record)

    @extend_schema(request=MergeSerializer, responses=OrganisationSerializer)
    @action(detail=True, methods=["post"])
    def merge(self, request: Request, **kwargs: Any) -> Any:
        """Merge a duplicate into this one. It can be undone on the organisation's page."""
        asked = _read(MergeSerializer, self)
        with self.changing(Action.APPROVE) as (actor, record):
            merge_organisations(by=actor, operation=self.operation, kept=record, **asked)
            return self._written(record)


def _read(serializer_class: Any, view: Any) -> dict[str, Any]:
    serializer = serializer_class(data=view.request.data, context=view.get_serializer_context())
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def _new_names(rows: list[dict[str, Any]]) -> list[NewName]:
    return [NewName(row["name"], row.get("language", ""), row.get("kind", NameKind.ALIAS)) for row in rows]


class MembershipFilter(filters.FilterSet):
    organisation = filters.CharFilter(field_name="organisation__code", lookup_expr="iexact")
    role = filters.MultipleChoiceFilter(choices=Role.choices)
    approval = filters.MultipleChoiceFilter(choices=Approval.choices)

    class Meta:
        model = Membership
        fields = ("organisation", "role", "approval")


class MembershipSerializer(serializers.ModelSerializer[Membership]):
    organisation = serializers.CharField(source="organisation.code", read_only=True)
    operation = serializers.CharField(source="operation.slug", read_only=True, default=None)
    user = serializers.CharField(source="user.__str__", read_only=True)

    class Meta:
        model = Membership
        fields = ("id", "user", "organisation", "role", "operation", "position", "starts_on", "ends_on", "approval")


class MembershipViewSet(ReadOnlyRecordViewSet):
    """Who works for an organisation: one's own memberships, and those of organisations one manages."""

    queryset = Membership.objects.select_related("organisation", "operation", "user")
    serializer_class = MembershipSerializer
    scope = "memberships"
    filterset_class = MembershipFilter
    sort_fields = ("role", "starts_on", "created_at")
    default_sort = ("created_at",)
    row_version_includes_related = True


class SectorSerializer(serializers.ModelSerializer[Sector]):
    class Meta:
        model = Sector
        fields = ("key", "name", "names", "aliases", "order", "is_active")


class SectorFilter(filters.FilterSet):
    class Meta:
        model = Sector
        fields = ("is_active",)


class SectorViewSet(ReferenceViewSet):
    """Fields of work."""

    queryset = Sector.objects.all()
    serializer_class = SectorSerializer
    scope = "sectors"
    lookup_field = "key"
    filterset_class = SectorFilter
    sort_fields = ("order", "name", "key")
    default_sort = ("order",)


def register(router: ApiRouter) -> None:
    router.register("organisations", OrganisationViewSet)
    router.register("memberships", MembershipViewSet)
    router.register("sectors", SectorViewSet)
