"""Form fields for a record's names by language."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.forms import BoundField
from django.utils.translation import gettext as _


class NamesByLanguage(forms.Form):
    """Adds a field per language. Mix into a form before its other base; call ``add_names`` when it is made."""

    def add_names(self, record: Any, *, longest: int) -> None:
        """Fields ``names_tk`` and so on, filled from the record's ``names``."""
        kept = getattr(record, "names", None) or {}
        for code, language in settings.LANGUAGES:
            self.fields[f"names_{code}"] = forms.CharField(
                label=_("Name in %(language)s") % {"language": language}, max_length=longest, required=False
            )
            self.initial.setdefault(f"names_{code}", kept.get(code, ""))

    def names(self) -> dict[str, str]:
        """Language code → name, of a valid form."""
        return {code: self.cleaned_data.get(f"names_{code}", "") for code, _language in settings.LANGUAGES}

    def name_fields(self) -> list[BoundField]:
        """The fields of names, to show apart."""
        return [bound for bound in self if bound.name.startswith("names_")]

    def main_fields(self) -> list[BoundField]:
        """All others."""
        return [bound for bound in self if not bound.name.startswith("names_")]
