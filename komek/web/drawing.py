"""Small pieces of HTML that a page holds by the hundred, put together without templates: each template costs more than the piece.

What comes out of ``Renderer`` is what Django's own widget templates make, but for empty lines.
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django import forms
from django.forms import BoundField
from django.forms.renderers import DjangoTemplates
from django.utils.formats import localize
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _


def escaped(value: Any) -> str:
    """A value as a template would write it: escaped unless it is safe HTML already, numbers and dates localised."""
    if type(value) is str:
        return html.escape(value)
    if hasattr(value, "__html__"):
        return str(value.__html__())
    return _text(localize(value))


def _text(value: Any) -> str:
    """As ``escaped``, numbers as they are."""
    text = value if isinstance(value, str) else str(value)
    return str(text) if hasattr(text, "__html__") else html.escape(text)


def link(address: str, text: Any) -> SafeString:
    """A link to another page."""
    return mark_safe(f'<a href="{html.escape(address)}">{escaped(text)}</a>')  # noqa: S308 - both are escaped


def badge(label: Any, shade: str = "") -> SafeString:
    """A short word on a coloured ground. ``shade``: a class of the style guide, such as ``badge-ok``."""
    return _badge(str(label), shade)


@lru_cache(maxsize=1000)
def _badge(label: str, shade: str) -> SafeString:
    return mark_safe(f'<span class="badge {shade}">{html.escape(label)}</span>')  # noqa: S308 - escaped


def field_box(bound: BoundField, attributes: Mapping[str, Any] | None = None) -> SafeString:
    """A form field with its label, help and errors, joined for screen readers."""
    widget, of_field = bound.field.widget, bound.field
    drawn = bound.as_widget(attrs=dict(attributes) if attributes else None)
    if bound.is_hidden:
        return drawn
    errors = str(bound.errors) if bound.errors else ""
    aside = (
        f'\n<div class="help" id="{bound.auto_id}_helptext">{escaped(bound.help_text)}</div>'
        if bound.help_text
        else "\n"
    )
    label = escaped(bound.label)
    if not isinstance(widget, forms.CheckboxInput) and not of_field.required:
        label += f' <span class="optional">({_("optional")})</span>'
    if isinstance(widget, forms.CheckboxSelectMultiple | forms.RadioSelect):
        drawn = f'<fieldset class="field" id="{bound.auto_id}-field"><legend>{label}</legend>{aside}{errors}{drawn}</fieldset>'
    elif isinstance(widget, forms.CheckboxInput):
        drawn = f'<div class="field field-inline">{drawn}<label for="{bound.id_for_label}">{label}</label>{aside}{errors}</div>'
    else:
        drawn = f'<div class="field"><label for="{bound.id_for_label}">{label}</label>{aside}{errors}{drawn}</div>'
    return mark_safe(drawn)  # noqa: S308 - texts are escaped, the widget and its errors are drawn by Django


class Renderer(DjangoTemplates):
    """Draws plain inputs, selects and lists of errors without templates; everything else as Django does."""

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> str:
        draw = _DRAWN.get(template_name)
        return draw(context) if draw else super().render(template_name, context, request)


def attributes_of(given: Mapping[str, Any]) -> str:
    """Attributes of an element, each with a blank before it."""
    return "".join(
        f" {html.escape(name)}" if value is True else f' {html.escape(name)}="{_text(value)}"'
        for name, value in given.items()
        if value is not False
    )


def _input(context: dict[str, Any]) -> str:
    widget = context["widget"]
    value = widget["value"]
    written = "" if value is None else f' value="{_text(value)}"'
    return f'<input type="{escaped(widget["type"])}" name="{escaped(widget["name"])}"{written}{attributes_of(widget["attrs"])}>'


def _select(context: dict[str, Any]) -> str:
    widget = context["widget"]
    parts = [f'<select name="{escaped(widget["name"])}"{attributes_of(widget["attrs"])}>']
    for group, options, _index in widget["optgroups"]:
        if group:
            parts.append(f'\n  <optgroup label="{escaped(group)}">')
        parts += (f"\n  {_option(option)}" for option in options)
        if group:
            parts.append("\n  </optgroup>")
    parts.append("\n</select>")
    return "".join(parts)


def _option(option: dict[str, Any]) -> str:
    return (
        f'<option value="{_text(option["value"])}"{attributes_of(option["attrs"])}>{escaped(option["label"])}</option>'
    )


def _errors(context: dict[str, Any]) -> str:
    errors = context["errors"]
    if not errors:
        return ""
    of_field = f' id="{escaped(errors.field_id)}_error"' if getattr(errors, "field_id", None) else ""
    said = "".join(f"<li>{escaped(error)}</li>" for error in errors)
    return f'<ul class="{escaped(context["error_class"])}"{of_field}>{said}</ul>'


_WIDGETS = "django/forms/widgets/"
_DRAWN = {
    **{
        f"{_WIDGETS}{kind}.html": _input
        for kind in ("input", "text", "number", "email", "url", "password", "hidden", "date", "datetime", "time",
                     "checkbox", "color", "search", "tel")
    },
    f"{_WIDGETS}select.html": _select,
    "django/forms/errors/list/default.html": _errors,
    "django/forms/errors/list/ul.html": _errors,
}  # fmt: skip
