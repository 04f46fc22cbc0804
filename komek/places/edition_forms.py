"""Forms for sending boundary files and for saying how their layers are read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from komek.places.boundary_columns import DEEPEST, LEFT_OUT, UNKNOWN_LANGUAGE, LayerMapping
from komek.places.boundary_loading import Edition
from komek.places.models import BoundaryUpload, Generation

CODE_SYSTEMS = ("ISO 3166", "GeoNames")


class _SeveralFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class SeveralFilesField(forms.FileField):
    """One file or more. ``cleaned_data`` holds a list."""

    widget = _SeveralFiles

    def clean(self, data: Any, initial: Any = None) -> Any:
        sent = data if isinstance(data, list | tuple) else [data]
        clean_one = super().clean
        return [clean_one(file, initial) for file in sent or [None]]


class BoundaryUploadForm(forms.Form):
    """Which files, and what a person knows about them."""

    files = SeveralFilesField(
        label=_("Files"),
        help_text=_("GeoJSON, GeoPackage or zipped Shapefiles, such as a COD-AB. One file per level, or all in one. Nothing is "
                    "loaded yet."),
    )  # fmt: skip
    country = forms.RegexField(
        "^[A-Za-z]{2}$", label=_("Country"), max_length=2, help_text=_("Two letters, such as TM"),
        error_messages={"invalid": _("Give the country as two letters, such as TM.")},
    )  # fmt: skip
    name = forms.CharField(
        label=_("Edition"), max_length=100, help_text=_("A name that says which, such as COD-AB 2025")
    )
    source = forms.CharField(
        label=_("Source and licence"),
        max_length=300,
        required=False,
        help_text=_("Shown wherever these boundaries are used"),
    )
    valid_from = forms.DateField(
        label=_("Valid from"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def clean_country(self) -> str:
        return str(self.cleaned_data["country"]).upper()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        country, name = cleaned.get("country"), cleaned.get("name")
        if Generation.objects.filter(country=country, name=name).exists():
            self.add_error("name", _("There is an edition of this name already. Give this one another name."))
        return cleaned

    def files_sent(self) -> list[UploadedFile]:
        return list(self.cleaned_data["files"])

    def edition(self) -> Edition:
        cleaned = self.cleaned_data
        return Edition(cleaned["country"], cleaned["name"], cleaned["source"], cleaned["valid_from"])


class ReadingForm(forms.Form):
    """How each layer of an upload is read: its level, its coordinates, and what each column holds."""

    def __init__(self, *args: Any, upload: BoundaryUpload, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.layers: list[dict[str, Any]] = upload.layers
        for place, layer in enumerate(self.layers):
            mapping = LayerMapping.from_json(layer["mapping"])
            self._add_layer(place, layer, mapping)

    def _add_layer(self, place: int, layer: dict[str, Any], mapping: LayerMapping) -> None:
        levels = [(LEFT_OUT, _("– leave this layer out –")), (0, _("0: the country"))]
        levels += [(level, str(level)) for level in range(1, DEEPEST + 1)]
        self.fields[f"level_{place}"] = forms.TypedChoiceField(
            label=_("Level"), choices=levels, coerce=int, initial=mapping.level
        )
        if not layer["epsg"]:
            self.fields[f"epsg_{place}"] = forms.IntegerField(
                label=_("Coordinate system (EPSG number)"), required=False, min_value=1000, max_value=999_999,
                initial=mapping.epsg, help_text=_("The file names none that is known. Empty means WGS 84."),
            )  # fmt: skip
        self.fields[f"swapped_{place}"] = forms.BooleanField(
            label=_("Latitude comes first in this layer"), required=False, initial=mapping.is_swapped
        )
        roles = _roles(mapping)
        held = _held_roles(mapping)
        for number, column in enumerate(layer["columns"]):
            self.fields[f"column_{place}_{number}"] = forms.ChoiceField(
                label=column, choices=roles, required=False, initial=held.get(column, "")
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for place, layer in enumerate(self.layers):
            if cleaned.get(f"level_{place}", LEFT_OUT) == LEFT_OUT:
                continue
            chosen = [role for _column, role in self._chosen(place) if role]
            if "pcode" not in chosen:
                self.add_error(
                    f"level_{place}", _("Say which column of “%(layer)s” holds the P-code.") % {"layer": layer["name"]}
                )
            for role in dict.fromkeys(chosen):
                if role != "alias" and chosen.count(role) > 1:
                    said = dict(_roles(LayerMapping.from_json(layer["mapping"])))[role]
                    self.add_error(
                        f"level_{place}",
                        _("In “%(layer)s” two columns are “%(role)s”. Choose one.")
                        % {"layer": layer["name"], "role": said},
                    )
        return cleaned

    def mappings(self) -> dict[str, LayerMapping]:
        """Layer → how it is read."""
        result = {}
        for place, layer in enumerate(self.layers):
            by_role: dict[str, list[str]] = {}
            for column, role in self._chosen(place):
                by_role.setdefault(role, []).append(column)
            result[layer["name"]] = LayerMapping(
                level=self.cleaned_data[f"level_{place}"],
                pcode=by_role.get("pcode", [""])[0],
                parent=by_role.get("parent", [""])[0],
                names={role[5:]: columns[0] for role, columns in by_role.items() if role.startswith("name:")},
                aliases=tuple(by_role.get("alias", ())),
                kind=by_role.get("kind", [""])[0],
                codes={role[5:]: columns[0] for role, columns in by_role.items() if role.startswith("code:")},
                epsg=self.cleaned_data.get(f"epsg_{place}"),
                is_swapped=self.cleaned_data[f"swapped_{place}"],
            )
        return result

    def shown(self) -> list[dict[str, Any]]:
        """For the page: each layer with its fields, and its columns with sample values."""
        return [
            {
                "layer": layer,
                "level": self[f"level_{place}"],
                "epsg": self[f"epsg_{place}"] if f"epsg_{place}" in self.fields else None,
                "swapped": self[f"swapped_{place}"],
                "columns": [
                    (self[f"column_{place}_{number}"], layer["samples"].get(column, []))
                    for number, column in enumerate(layer["columns"])
                ],
            }
            for place, layer in enumerate(self.layers)
        ]

    def _chosen(self, place: int) -> list[tuple[str, str]]:
        return [
            (column, self.cleaned_data.get(f"column_{place}_{number}", ""))
            for number, column in enumerate(self.layers[place]["columns"])
        ]


def _roles(mapping: LayerMapping) -> Sequence[tuple[str, Any]]:
    """What a column may hold: ours first, then what was found besides."""
    languages = [*(code for code, _name in settings.LANGUAGES), UNKNOWN_LANGUAGE]
    languages += [language for language in mapping.names if language not in languages]
    titles = {code: str(name) for code, name in settings.LANGUAGES}
    roles: list[tuple[str, Any]] = [
        ("", _("– leave out –")),
        ("pcode", _("P-code")),
        ("parent", _("P-code of the area it is part of")),
    ]
    for language in languages:
        if language == UNKNOWN_LANGUAGE:
            roles.append(("name:", _("Name")))
        else:
            roles.append((f"name:{language}", _("Name: %(language)s") % {"language": titles.get(language, language)}))
    roles += [("alias", _("Other name")), ("kind", _("Kind of area"))]
    systems = [*CODE_SYSTEMS, *(system for system in mapping.codes if system not in CODE_SYSTEMS)]
    return [*roles, *((f"code:{system}", _("Code: %(system)s") % {"system": system}) for system in systems)]


def _held_roles(mapping: LayerMapping) -> dict[str, str]:
    """Column → what it holds; a column is used once."""
    held = dict.fromkeys(mapping.aliases, "alias")
    held |= {column: f"code:{system}" for system, column in mapping.codes.items()}
    held |= {column: f"name:{language}" for language, column in mapping.names.items()}
    held |= {mapping.kind: "kind", mapping.parent: "parent", mapping.pcode: "pcode"}
    return {column: role for column, role in held.items() if column}
