"""Sites of the register that become something more: a camp, a warehouse. They keep their key and their code."""

from __future__ import annotations

from typing import TypeVar

from orgs.models import Site

Kind = TypeVar("Kind", bound=Site)


def taken_over(site: Site, kind: type[Kind]) -> Kind:
    """``site`` as an unsaved record of a kind of site that has a table of its own beside the register's."""
    record = kind(site_ptr=site)
    for field in Site._meta.concrete_fields:
        setattr(record, field.attname, getattr(site, field.attname))
    return record
