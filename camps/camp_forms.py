"""Forms about sites with people."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from camps.fields import OutsideCodesField, PerimeterField
from camps.models import Access, CampType, RegistrationLevel, ShelterKind
from komek.operations.models import HazardType
from komek.places.models import Area
from komek.web.fields import LocationField, LookupField
from komek.web.records import RecordForm
from orgs.models import Damage, Opening, Organisation


class CampForm(RecordForm):
    name = forms.CharField(label=_("Name"), max_length=200)
    camp_type = forms.ChoiceField(label=_("Kind of site"), choices=CampType.choices)
    organisation = LookupField(label=_("Run by"), key="orgs.organisation", model=Organisation)
    supported_by = forms.CharField(
        label=_("Supported by"), required=False, help_text=_("Codes of the organisations, separated by blanks.")
    )
    location = LocationField(label=_("Location"), required=False)
    perimeter = PerimeterField(label=_("Perimeter"), required=False)
    area = LookupField(
        label=_("Area"), key="places.area", model=Area, required=False,
        help_text=_("Left empty, it is found from the location."),
    )  # fmt: skip
    landmark = forms.CharField(label=_("Address or landmark"), max_length=300, required=False)
    opening = forms.ChoiceField(label=_("State"), choices=Opening.choices, initial=Opening.OPEN)
    opened_on = forms.DateField(
        label=_("Opened on"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    capacity = forms.IntegerField(label=_("Places for people"), min_value=0, max_value=2_000_000, required=False)
    registration = forms.ChoiceField(
        label=_("Registers"),
        choices=RegistrationLevel.choices,
        help_text=_("How far people here are registered. It can grow later."),
    )
    site_area_m2 = forms.IntegerField(
        label=_("Site area, m²"), min_value=0, required=False, help_text=_("Left empty, the perimeter's area is used.")
    )
    is_cold = forms.BooleanField(
        label=_("Cold or urban"), required=False, help_text=_("People need more covered area there (Sphere 2018).")
    )
    access = forms.ChoiceField(label=_("Access by road"), choices=Access.choices)
    access_note = forms.CharField(label=_("How to get there"), max_length=300, required=False)
    hazards = forms.ModelMultipleChoiceField(
        label=_("Hazards nearby"),
        queryset=HazardType.objects.all(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    hazards_note = forms.CharField(label=_("About the hazards"), max_length=300, required=False)
    damage = forms.ChoiceField(label=_("Damage"), choices=Damage.choices, initial=Damage.UNKNOWN)
    silent_after_days = forms.IntegerField(
        label=_("Counts as silent after, days"), min_value=1, max_value=60, initial=3
    )
    external_ids = OutsideCodesField(
        label=_("Codes in other systems"), required=False,
        help_text=_("One a line, such as “ministry: HD-17”. Documents of other systems find the site by them."),
    )  # fmt: skip
    about = forms.CharField(label=_("Notes"), widget=forms.Textarea, required=False)
    reported_by = forms.CharField(
        label=_("Reported by"), max_length=200, required=False, help_text=_("If it was not you: who told you.")
    )

    first_fields = ("name", "camp_type", "organisation", "location", "opening", "capacity", "registration")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.record is not None and "supported_by" not in (kwargs.get("initial") or {}):
            codes = self.record.supporting.order_by("code").values_list("code", flat=True)  # type: ignore[attr-defined]
            self.initial["supported_by"] = " ".join(codes)
            self.initial["hazards"] = list(self.record.hazards.values_list("pk", flat=True))  # type: ignore[attr-defined]

    @property
    def main(self) -> list[Any]:
        """What is needed to begin with."""
        return [self[name] for name in ("version", *self.first_fields)]

    @property
    def more(self) -> list[Any]:
        """What can wait for a quieter hour."""
        return [bound for bound in self if bound.name not in ("version", *self.first_fields)]

    def clean_supported_by(self) -> list[Organisation]:
        from komek.accounts.authority import visible
        from komek.records.codes import MistypedCode, parse_code
        from komek.web.context import standing

        texts = self.cleaned_data["supported_by"].replace(",", " ").replace(";", " ").split()
        try:
            codes = [parse_code(text, "O") for text in texts]
        except MistypedCode as fault:
            raise forms.ValidationError(str(fault)) from fault
        found = {row.code: row for row in visible(Organisation.objects.filter(code__in=codes), standing(self.request))}
        missing = [code for code in codes if code not in found]
        if missing:
            raise forms.ValidationError(_("No organisation here has the code %(code)s.") % {"code": ", ".join(missing)})
        return [found[code] for code in codes]

    def values(self) -> dict[str, Any]:
        """What the domain functions take."""
        values = dict(self.cleaned_data)
        values["supporting"] = values.pop("supported_by")
        return values


class StateForm(RecordForm):
    """Opening, closing or planning a site, with the reason and the moment."""

    state = forms.ChoiceField(label=_("State"), choices=Opening.choices)
    occurred_at = forms.DateTimeField(
        label=_("Since when"),
        widget=forms.DateTimeInput({"type": "datetime-local"}, "%Y-%m-%dT%H:%M"),
        initial=timezone.localtime,
    )
    reason = forms.CharField(label=_("Reason"), max_length=300, required=False)


class ShelterRow(forms.Form):
    kind = forms.ChoiceField(label=_("Kind of shelter"), choices=[("", "–"), *ShelterKind.choices], required=False)
    units = forms.IntegerField(label=_("Shelters"), min_value=0, max_value=1_000_000, required=False)
    usable_units = forms.IntegerField(label=_("Of them usable"), min_value=0, max_value=1_000_000, required=False)
    people_per_unit = forms.IntegerField(label=_("People in each"), min_value=1, max_value=2000, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not cleaned.get("kind"):
            if any(cleaned.get(name) for name in ("units", "usable_units", "people_per_unit")):
                self.add_error("kind", _("Choose the kind of shelter, or empty the row."))
            return cleaned
        if cleaned.get("units") is None and "units" not in self.errors:
            self.add_error("units", _("Write how many there are."))
        if cleaned.get("people_per_unit") is None and "people_per_unit" not in self.errors:
            self.add_error("people_per_unit", _("Write how many people one takes."))
        if cleaned.get("usable_units") is None:
            cleaned["usable_units"] = cleaned.get("units")
        return cleaned


ShelterRows = forms.formset_factory(ShelterRow, extra=3, max_num=12)


class PhotoForm(forms.Form):
    image = forms.FileField(
        label=_("Photo"), widget=forms.ClearableFileInput({"accept": "image/*", "capture": "environment"})
    )
    caption = forms.CharField(label=_("What it shows"), max_length=200, required=False)
