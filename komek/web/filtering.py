"""Filters as a page shows them: what is not filtered says "any", many choices fold away, records are found by their names.

The filter sets themselves are shared with the API and know nothing of this.
"""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.forms.utils import flatatt
from django.http import QueryDict
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from komek.extensions import Viewer
from komek.extensions.lookups import lookups
from komek.web.fields import LookupWidget


class ChooseMany(forms.CheckboxSelectMultiple):
    """Boxes to tick in a menu that shows what is ticked."""

    template_name = "web/parts/choose_many.html"

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        options = [option for _group, group, _index in context["widget"]["optgroups"] for option in group]
        context["widget"]["chosen"] = ", ".join(str(option["label"]) for option in options if option["selected"])
        context["any"] = _("any")
        context["boxes"] = _boxes(options)
        return context


def _boxes(options: list[dict[str, Any]]) -> SafeString:
    """The boxes, put together here and not in a template: a list's filters have dozens, and each would cost three templates."""
    return format_html_join(
        "",
        '<li><label for="{}"><input type="checkbox" name="{}" value="{}"{}> {}</label></li>',
        (
            (option["attrs"].get("id", ""), option["name"], option["value"], flatatt(option["attrs"]), option["label"])
            for option in options
        ),
    )


class LookupBox(LookupWidget):
    """A lookup whose value is one text: the primary key picked, or else what was typed."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        picked, typed = super().value_from_datadict(data, files, name)
        return picked or typed


def dress(filterset: Any, viewer: Viewer) -> None:
    """Give the form of a filter set the widgets of a page.

    ``lookup`` on a filter names the lookup that finds its records; ``when_open`` says what an open choice means, if not "any".
    """
    for name, field in filterset.form.fields.items():
        declared = filterset.filters[name]
        key = getattr(declared, "lookup", "")
        if key and lookups.get(key) is not None:
            field.widget, field.help_text = LookupBox(key), ""
            field.widget.viewer = viewer
        elif isinstance(field, forms.NullBooleanField):
            field.widget = forms.Select(choices=[("", _("any")), ("true", _("yes")), ("false", _("no"))])
        elif isinstance(field, forms.MultipleChoiceField | forms.ModelMultipleChoiceField):
            field.widget = ChooseMany(choices=field.choices)
        elif isinstance(field, forms.ChoiceField):
            field.empty_label = getattr(declared, "when_open", _("any"))
            field.widget.choices = field.choices
        elif isinstance(declared, django_filters.IsoDateTimeFilter | django_filters.DateFilter):
            field.widget.input_type = "date"


def chips(filterset: Any, asked: QueryDict) -> list[dict[str, str]]:
    """Filters in force, in words, each with the address that takes it away."""
    if not filterset or not filterset.form.is_valid():
        return []
    found = []
    for name, field in filterset.form.fields.items():
        if filterset.form.cleaned_data.get(name) in (None, "", []):
            continue  # left open, whatever the address says of it
        names = (name, f"{name}_text") if isinstance(field.widget, LookupBox) else (name,)
        values = [value for value in asked.getlist(name) or asked.getlist(names[-1]) if value != ""]
        for value in values:
            left = asked.copy()
            for one in names:
                left.setlist(one, [other for other in values if other != value])
            left.pop("page", None)
            found.append(
                {
                    "name": name,
                    "label": str(field.label or name),
                    "value": _in_words(field, value),
                    "without": f"?{left.urlencode()}",
                }
            )
    return found


def _in_words(field: Any, value: str) -> str:
    """A filter's value as the person chose it."""
    if isinstance(field.widget, LookupBox):
        plug = lookups.get(field.widget.key)
        choice = plug.label(value, field.widget.viewer) if plug is not None and value.isdigit() else None
        return choice.label if choice else value
    for known, label in getattr(field.widget, "choices", None) or ():
        if str(known) == value:
            return str(label)
    return value
