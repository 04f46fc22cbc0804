"""Forms of the import pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from komek.exchange.models import ImportBatch
from komek.exchange.resources import ModelResource


class UploadForm(forms.Form):
    """Which file."""

    file = forms.FileField(
        label=_("File"), help_text=_("CSV, XLSX, GeoJSON or KML. HXL tags are understood. Nothing is written yet.")
    )


class MappingForm(forms.Form):
    """One choice per column of the file."""

    create_missing = forms.BooleanField(
        label=_("Make organisations that the file names and nobody knows"),
        help_text=_("They wait for approval, unless you coordinate the operation."),
        required=False,
    )

    def __init__(self, *args: Any, batch: ImportBatch, resource: ModelResource, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("– leave out –"))]
        choices += [
            (column.name, f"{column.title}{' *' if column.required else ''}")
            for column in resource.columns
            if not column.read_only
        ]
        for place, header in enumerate(batch.headers):
            tag = batch.tags[place] if place < len(batch.tags) else ""
            label = header or _("column %(number)d") % {"number": place + 1}
            self.fields[f"column_{place}"] = forms.ChoiceField(
                label=label, choices=choices, required=False, help_text=tag, initial=batch.mapping.get(str(place), "")
            )
        if resource.may_make_missing:
            self.fields["create_missing"].initial = batch.create_missing
        else:
            del self.fields["create_missing"]

    def asked(self) -> dict[int, str]:
        """Place in the file → our column, for those chosen."""
        return {
            int(name.removeprefix("column_")): value
            for name, value in self.cleaned_data.items()
            if name.startswith("column_") and value
        }
