"""ETags against lost updates. A record's tag is its version; a variant of its representation adds to it after a dot.

``If-None-Match`` compares the whole tag, so a variant is never answered "unchanged" for another. ``If-Match`` compares
the version only, so a change may be based on any variant.
"""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Any

from django.db.models import Model
from django.db.models.expressions import BaseExpression, Combinable
from django.db.models.fields import TextField
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request

from komek.api.problems import Problem

ANNOTATION = "_row_version"
_TAG = re.compile(r'\s*(?:W/)?"([^"]*)"\s*')


class RowVersion(BaseExpression, Combinable):
    """PostgreSQL's own version of the row (``xmin`` and ``ctid``): another after every update, by whichever way it came.

    After a table was rewritten whole (restore, VACUUM FULL) versions differ too; readers then read once more.
    """

    def __init__(self) -> None:
        super().__init__(output_field=TextField())
        self._alias = ""

    def resolve_expression(self, query: Any = None, *args: Any, **kwargs: Any) -> RowVersion:
        resolved = self.copy()
        resolved._alias = query.get_initial_alias()
        return resolved

    def relabeled_clone(self, change_map: dict[str, str]) -> RowVersion:
        clone = self.copy()
        clone._alias = change_map.get(self._alias, self._alias)
        return clone

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        table = compiler.quote_name_unless_alias(self._alias)
        return f"({table}.xmin::text || {table}.ctid::text)", ()

    def get_group_by_cols(self) -> list[Any]:
        return [self]


def digest(*parts: Any) -> str:
    """A short fingerprint of the parts."""
    return sha256("\x1f".join(str(part) for part in parts).encode()).hexdigest()[:20]


def row_version(record: Model) -> str:
    """From the kind, the key, the moment of the last change and the row's own version."""
    moment = getattr(record, "updated_at", None)
    return digest(record._meta.label, record.pk, moment.isoformat() if moment else "", getattr(record, ANNOTATION, ""))


def make_tag(version: str, variant: str = "") -> str:
    """The header's value."""
    return f'"{version}.{variant}"' if variant else f'"{version}"'


def is_unchanged(request: Request, tag: str) -> bool:
    """Whether ``If-None-Match`` names this very representation."""
    given = request.headers.get("If-None-Match", "")
    return given.strip() == "*" or tag.strip('"') in _tags(given)


def check_match(request: Request, version: str, is_required: bool) -> None:
    """Refuse a change that is not based on the record's present version.

    Raises Problem 428 when ``If-Match`` is missing and required, 412 when it names another version.
    """
    given = request.headers.get("If-Match", "").strip()
    if not given:
        if is_required:
            raise Problem(
                428, "precondition-required",
                _("Say which version you are changing: read the record, then send its ETag back in the header If-Match. "
                  "So nobody's change is overwritten unseen."),
            )  # fmt: skip
        return
    if given != "*" and version not in {tag.partition(".")[0] for tag in _tags(given)}:
        raise Problem(
            412, "changed-meanwhile",
            _("The record has changed since you read it. Read it again, look at what changed, and repeat your change."),
            headers={"ETag": make_tag(version)},
        )  # fmt: skip


def _tags(header: str) -> set[str]:
    return {match.group(1) for part in header.split(",") if (match := _TAG.fullmatch(part))}
