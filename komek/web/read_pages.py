"""Who looked at protected data, for those who watch over it."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters as filters
from django import forms
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from komek.records.changes import is_tracked
from komek.records.codes import MistypedCode, parse_code
from komek.records.models import ProtectedRead
from komek.web.lists import Column, ListPage


class ReadFilters(filters.FilterSet):
    """By reader, record, part and time."""

    who = filters.CharFilter(method="by_reader", label=_("Who"))
    code = filters.CharFilter(method="by_code", label=_("Code of the record"))
    part = filters.CharFilter(field_name="part", lookup_expr="icontains", label=_("What was read"))
    since = filters.DateFilter(
        field_name="at",
        lookup_expr="date__gte",
        label=pgettext_lazy("day", "From"),
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    until = filters.DateFilter(
        field_name="at",
        lookup_expr="date__lte",
        label=pgettext_lazy("day", "To"),
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    class Meta:
        model = ProtectedRead
        fields: ClassVar[list[str]] = []

    def by_reader(self, queryset: QuerySet[ProtectedRead], name: str, value: str) -> QuerySet[ProtectedRead]:
        return queryset.filter(
            Q(reader__name__icontains=value) | Q(reader__email__iexact=value) | Q(reader_name__icontains=value)
        )

    def by_code(self, queryset: QuerySet[ProtectedRead], name: str, value: str) -> QuerySet[ProtectedRead]:
        try:
            return queryset.filter(record_code=parse_code(value))
        except MistypedCode:
            return queryset.none()


def _record(read: ProtectedRead) -> str:
    return f"{read.record_type.name} {read.record_code or read.record_id}"


def _record_cell(read: ProtectedRead) -> SafeString | str:
    """Leads to the record's history, which is shown only to those who may see the record."""
    model = read.record_type.model_class()
    if model is None or not is_tracked(model):
        return _record(read)
    address = reverse("history", args=[read.record_type.app_label, read.record_type.model, read.record_id])
    return format_html('<a href="{}">{}</a>', address, _record(read))


class ReadList(ListPage):
    key = "records.reads"
    model = ProtectedRead
    title = _("Who looked at protected data")
    columns = (
        Column("at", _("When"), "at", ("at",), nowrap=True),
        Column("who", _("Who"), lambda read: read.reader or read.reader_name, ("reader__name", "reader_name")),
        Column("record", _("Record"), _record, ("record_type", "record_id"), cell=_record_cell),
        Column("part", _("What was read"), "part", ("part",)),
        Column("why", _("Why"), "why"),
        Column("channel", _("Channel"), "channel", ("channel",)),
    )
    filterset_class = ReadFilters
    default_sort = "-at"
    empty_text = _("Nobody has looked at protected data in this operation.")

    def queryset(self) -> QuerySet[Any]:
        return ProtectedRead.objects.select_related("reader", "record_type")
