"""Tags of the public pages."""

from __future__ import annotations

from typing import Any

from django import template
from django.template import Context

from missing_persons.public.addresses import page_at, same_page

register = template.Library()


@register.simple_tag
def to(route: str, *arguments: Any, **query: Any) -> str:
    """A public page's address in the reader's language."""
    return page_at(route, *arguments, **query)


@register.simple_tag(takes_context=True)
def in_language(context: Context, code: str) -> str:
    """This page in another language."""
    return same_page(context["request"], code)
