"""Forms about operations and hazard types. They only translate between what is typed and what the functions take."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from komek.extensions import Viewer
from komek.operations.hazards import NAME_LENGTH as HAZARD_NAME_LENGTH
from komek.operations.models import HazardType, Operation, Phase
from komek.operations.opening import NAME_LENGTH
from komek.places.models import Area
from komek.web.context import viewer_of
from komek.web.fields import LookupField
from komek.web.names import NamesByLanguage
from komek.web.records import RecordForm
from komek.web.rows import RowForm, RowLookup, RowsForm

MOMENT_HELP = format_lazy("{} {}", _("Local time:"), timezone.get_default_timezone_name())


def moment_field(label: Any, **options: Any) -> forms.DateTimeField:
    """A date and a time, chosen in the browser's own way; local time."""
    options.setdefault("help_text", MOMENT_HELP)
    widget = forms.DateTimeInput({"type": "datetime-local"}, "%Y-%m-%dT%H:%M")
    return forms.DateTimeField(label=label, widget=widget, **options)


class AreaRow(RowForm):
    """An affected area. An operation's own invented areas can be chosen too, wherever the person works at the moment."""

    area = LookupField(label=_("Area"), key="places.area", model=Area, widget=RowLookup("places.area"))

    def __init__(self, *args: Any, operation: Any, **kwargs: Any) -> None:
        self.operation = operation
        super().__init__(*args, **kwargs)
        widget: Any = self.fields["area"].widget
        widget.operation_slug = operation.slug if operation is not None else "-"

    def viewer(self) -> Viewer:
        asking = viewer_of(self.request)
        return Viewer(user=asking.user, operation=self.operation, language=asking.language)


class OperationForm(NamesByLanguage, RowsForm):
    """An operation. Whether it is real, and its first phase, are asked only when it is opened."""

    is_exercise = forms.TypedChoiceField(
        label=_("What is it?"), choices=[("no", _("A real disaster")), ("yes", _("An exercise: invented, to practise with"))],
        coerce=lambda text: text == "yes", widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of the two: a real disaster or an exercise.")},
        help_text=_("This can never be changed afterwards."),
    )  # fmt: skip
    name = forms.CharField(label=_("Name"), max_length=NAME_LENGTH, help_text=_("Such as “Flood in Mary, May 2026”."))
    hazard_types = forms.ModelMultipleChoiceField(
        label=_("Hazards"), queryset=HazardType.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )
    glide_number = forms.CharField(
        label=_("GLIDE number"), max_length=40, required=False,
        help_text=_("The number agencies share for this disaster, such as EQ-2026-000123-TKM (glidenumber.net)."),
    )  # fmt: skip
    started_at = moment_field(_("Began"))
    phase = forms.ChoiceField(label=_("Phase"), choices=Phase.choices, initial=Phase.RELIEF)
    summary = forms.CharField(label=_("What happened"), widget=forms.Textarea, required=False)

    row_forms: ClassVar[dict[str, type[RowForm]]] = {"affected_areas": AreaRow}

    def __init__(self, *args: Any, record: Any = None, initial: Any = None, **kwargs: Any) -> None:
        initial = dict(initial or {})
        if record is None:
            initial.setdefault("started_at", timezone.now())
        else:
            initial.setdefault("hazard_types", list(record.hazard_types.values_list("pk", flat=True)))
        super().__init__(*args, record=record, initial=initial, **kwargs)
        choices = Q(is_active=True) | Q(pk__in=initial.get("hazard_types") or [])
        hazards: Any = self.fields["hazard_types"]
        hazards.queryset = HazardType.objects.filter(choices)
        if record is not None:
            del self.fields["is_exercise"]
            del self.fields["phase"]
        self.add_names(record, longest=NAME_LENGTH)

    def row_initial(self, name: str) -> list[dict[str, Any]]:
        if self.record is None:
            return []
        return [{"area": area.pk} for area in self._areas]

    def row_options(self) -> dict[str, Any]:
        return {"operation": self.record, "labels": {"area": {str(area.pk): str(area) for area in self._areas}}}

    @cached_property
    def _areas(self) -> list[Area]:
        return list(self.record.affected_areas.defer("geometry", "centre")) if self.record is not None else []

    def clean_started_at(self) -> Any:
        """Seconds that the box does not show are not lost by saving."""
        typed = self.cleaned_data["started_at"]
        kept = getattr(self.record, "started_at", None)
        return kept if kept is not None and kept.replace(second=0, microsecond=0) == typed else typed

    def _differences(self, cleaned: dict[str, Any]) -> str:
        return super()._differences({name: value for name, value in cleaned.items() if name != "hazard_types"})

    def fields_to_store(self) -> dict[str, Any]:
        """What ``open_operation`` and ``change_operation`` take."""
        plain = {bound.name: self.cleaned_data[bound.name] for bound in self.main_fields() if bound.name != "version"}
        areas = [row.cleaned_data["area"] for row in self.filled("affected_areas")]
        return {**plain, "names": self.names(), "affected_areas": list(dict.fromkeys(areas))}


class PhaseForm(RecordForm):
    phase = forms.ChoiceField(label=_("New phase"))
    began_at = moment_field(_("Since when"))
    note = forms.CharField(label=_("Why"), max_length=300, required=False)

    def __init__(self, *args: Any, record: Operation, **kwargs: Any) -> None:
        super().__init__(
            *args, record=record, prefix="phase", initial={"began_at": timezone.now(), "note": ""}, **kwargs
        )
        choices: Any = self.fields["phase"]
        choices.choices = [choice for choice in Phase.choices if choice[0] != record.phase]


class CloseForm(RecordForm):
    ended_at = moment_field(_("When it ended"))
    reason = forms.CharField(label=_("Why"), max_length=300, required=False)

    def __init__(self, *args: Any, record: Operation, **kwargs: Any) -> None:
        super().__init__(*args, record=record, prefix="close", initial={"ended_at": timezone.now()}, **kwargs)


class HazardTypeForm(NamesByLanguage, RecordForm):
    """A hazard type. Its key is given once."""

    key = forms.CharField(
        label=_("Key"), max_length=40, help_text=_("Names it in files and programs for good, such as flash_flood.")
    )
    name = forms.CharField(label=_("Name"), max_length=HAZARD_NAME_LENGTH)
    glide_code = forms.CharField(
        label=_("GLIDE letters"), max_length=2, required=False,
        help_text=_("The two letters a GLIDE number of such a disaster begins with, such as EQ."),
    )  # fmt: skip

    def __init__(self, *args: Any, record: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, record=record, **kwargs)
        if record is not None:
            del self.fields["key"]
        self.add_names(record, longest=HAZARD_NAME_LENGTH)

    def fields_to_store(self) -> dict[str, Any]:
        plain = {bound.name: self.cleaned_data[bound.name] for bound in self.main_fields() if bound.name != "version"}
        return {**plain, "names": self.names()}
