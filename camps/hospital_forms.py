"""The form of a hospital report: a few states, a table of beds, a few numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from django import forms
from django.forms import BoundField
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from camps.hospital_services import SERVICES, service_name
from camps.hospitals import FIGURES, PLAUSIBLE_BEDS, PLAUSIBLE_FIGURE, STATUSES, Beds, bed_faults
from camps.models import BedKind, HospitalReport, ServiceStatus
from komek.web.records import RecordForm

# As a browser's own field for date and time sends it, with and without seconds.
TYPED_MOMENT = "%Y-%m-%dT%H:%M"


def _status(label: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=ServiceStatus.choices, initial=ServiceStatus.UNKNOWN)


def _figure(label: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=0, max_value=PLAUSIBLE_FIGURE, required=False)


class HospitalReportForm(RecordForm):
    """last: the report before, whose beds and states fill the form; services it names beside ours get a field too."""

    entry_id = forms.UUIDField(widget=forms.HiddenInput, required=False)
    occurred_at = forms.DateTimeField(
        label=_("As seen at"),
        widget=forms.DateTimeInput({"type": "datetime-local"}, TYPED_MOMENT),
        input_formats=[TYPED_MOMENT, f"{TYPED_MOMENT}:%S"],
    )
    reported_by = forms.CharField(
        label=_("Reported by"), max_length=200, required=False, help_text=_("If it was not you: who told you.")
    )
    overall = _status(_("The hospital as a whole"))
    emergency = _status(_("Emergency department"))
    staffing = _status(_("Staff"))
    power = _status(_("Power"))
    water = _status(_("Water"))
    oxygen = _status(_("Oxygen"))
    patients_waiting = _figure(_("Patients waiting"))
    staff_on_duty = _figure(_("Staff on duty"))
    fuel_hours = _figure(_("Fuel for the generator, hours"))
    source = forms.CharField(label=_("Source"), max_length=200, required=False)
    note = forms.CharField(label=_("Note"), max_length=500, widget=forms.Textarea({"rows": 3}), required=False)

    def __init__(self, *args: Any, last: HospitalReport | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = [key for key in (last.services if last else {}) if key not in SERVICES]
        self.service_keys = [*SERVICES, *others]
        for place, key in enumerate(self.service_keys):
            name = service_name(key)
            self.fields[f"service_{place}"] = _status(name[:1].upper() + name[1:])
        for kind in BedKind:
            for part, label in (("total", _("%(kind)s: beds")), ("free", _("%(kind)s: free"))):
                field = forms.IntegerField(
                    label=label % {"kind": kind.label}, min_value=0, max_value=PLAUSIBLE_BEDS, required=False
                )
                field.widget.attrs["aria-label"] = field.label
                self.fields[f"{part}_{kind}"] = field

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        rows = []
        for kind in BedKind:
            total, free = cleaned.pop(f"total_{kind}", None), cleaned.pop(f"free_{kind}", None)
            if total is None and free is None:
                continue
            if total is None or free is None:
                missing = f"total_{kind}" if total is None else f"free_{kind}"
                if missing not in self.errors:
                    self.add_error(missing, _("Give both numbers, or neither when nothing is known."))
                continue
            rows.append(Beds(str(kind), total, free))
        for kind, sentence in bed_faults(rows).items():
            self.add_error(f"free_{kind}", sentence)
        cleaned["beds"] = [{"kind": row.kind, "total": row.total, "available": row.available} for row in rows]
        states = {key: cleaned.pop(f"service_{place}", "") for place, key in enumerate(self.service_keys)}
        cleaned["services"] = {key: state for key, state in states.items() if state and state != ServiceStatus.UNKNOWN}
        return cleaned

    # -- for the template

    def status_fields(self) -> list[BoundField]:
        return [self[name] for name in STATUSES]

    def service_fields(self) -> list[BoundField]:
        return [self[f"service_{place}"] for place in range(len(self.service_keys))]

    def figure_fields(self) -> list[BoundField]:
        return [self[name] for name in FIGURES]

    def bed_rows(self) -> Iterator[tuple[Any, BoundField, BoundField]]:
        """(kind in words, field of all beds, field of free beds), one by one."""
        for kind in BedKind:
            yield kind.label, self[f"total_{kind}"], self[f"free_{kind}"]


def initial_of(last: HospitalReport | None, beds_of: HospitalReport | None) -> dict[str, Any]:
    """What the form starts from: the last report's states and the last beds counted, with an entry of its own, now."""
    initial: dict[str, Any] = {
        "entry_id": uuid4(),
        "occurred_at": timezone.localtime().replace(second=0, microsecond=0),
    }
    if last is not None:
        initial |= {name: getattr(last, name) for name in STATUSES}
        others = [key for key in last.services if key not in SERVICES]
        for place, key in enumerate([*SERVICES, *others]):
            initial[f"service_{place}"] = last.services.get(key, ServiceStatus.UNKNOWN)
    for row in beds_of.beds.all() if beds_of is not None else ():
        initial |= {f"total_{row.kind}": row.total, f"free_{row.kind}": row.available}
    return initial
