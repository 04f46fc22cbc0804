"""Template tags every page may load: ``{% load komek %}``."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django import template
from django.conf import settings
from django.forms import BoundField
from django.template.context import Context
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from komek.accounts.authority import visible
from komek.operations.models import Operation
from komek.supplies.models import plain, written
from komek.web.addresses import with_changes
from komek.web.context import standing
from komek.web.drawing import field_box

register = template.Library()


@register.simple_tag(takes_context=True)
def current_page(context: Context, url_name: str) -> SafeString | str:
    """``aria-current`` on the tab whose pages these are."""
    address, request = reverse(url_name), context.get("request")
    if request is None or not request.path.startswith(address):
        return ""
    return format_html(' aria-current="{}"', "page" if request.path == address else "true")


@register.inclusion_tag("web/parts/operations.html", takes_context=True)
def operation_choices(context: Context) -> dict[str, Any]:
    """The operations one may switch to, open ones, newest first."""
    request = context["request"]
    seen = visible(Operation.objects.filter(ended_at=None).defer("affected_geometry", "summary"), standing(request))
    return {
        "choices": seen.order_by("is_exercise", "-started_at")[:12],
        "current": context.get("operation"),
        "next": request.get_full_path(),
    }


@register.simple_tag
def field(bound: BoundField, **attributes: Any) -> SafeString:
    """A form field with its label, help and errors, joined for screen readers."""
    return field_box(bound, {name.replace("_", "-"): value for name, value in attributes.items()})


@register.filter
def ago(moment: datetime | None) -> str:
    """How long ago, in the largest unit that says enough: "5 days ago"; "not known" for ``None``."""
    if moment is None:
        return _("not known")
    seconds = int((timezone.now() - moment).total_seconds())
    if seconds < 60:
        return _("just now")
    if seconds < 3600:
        return ngettext("%(n)d minute ago", "%(n)d minutes ago", seconds // 60) % {"n": seconds // 60}
    if seconds < 86400:
        return ngettext("%(n)d hour ago", "%(n)d hours ago", seconds // 3600) % {"n": seconds // 3600}
    days = seconds // 86400
    return ngettext("%(n)d day ago", "%(n)d days ago", days) % {"n": days}


@register.simple_tag(takes_context=True)
def query(context: Context, **changes: Any) -> str:
    """The page's query string with some parameters changed; ``None`` or an empty text takes one away."""
    return with_changes(context["request"].GET, **changes)


@register.filter
def quantity(amount: Decimal) -> str:
    """An exact quantity to read, without needless zeros: ``1,500``."""
    return written(amount)


@register.filter
def as_typed(amount: Decimal) -> str:
    """An exact quantity to put into a field, without needless zeros: ``1500``."""
    return plain(amount)


@register.filter
def language(code: str) -> str:
    """A language's name in the reader's language; the code itself for one that is not used here."""
    return str(dict(settings.LANGUAGES).get(code, code))


@register.filter
def unlocalised(number: float) -> str:
    """A number for machines: always a point, never a comma."""
    return f"{number:.6f}"


@register.simple_tag
def history_link(record: Any) -> SafeString | str:
    """A link to the record's history, when that page exists."""
    meta = record._meta
    try:
        address = reverse("history", args=[meta.app_label, meta.model_name, record.pk])
    except NoReverseMatch:
        return ""
    return format_html('<p><a href="{}">{}</a></p>', address, _("History of this entry"))
