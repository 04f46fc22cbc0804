"""Pages of lists that may be very long: counted no further than people page, and in any order from an index.

A database counts all rows that match as long as it takes, and to put what is not known last it sorts all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.core.paginator import Paginator
from django.db.models import F, Model, QuerySet
from django.utils.functional import cached_property


class ListPaginator(Paginator):  # type: ignore[type-arg]
    """Pages of primary keys. most: how many rows are counted and can be paged through; ``None`` for all."""

    def __init__(self, rows: OrderedKeys, per_page: int, most: int | None = None) -> None:
        super().__init__(rows, per_page)
        self.most = most

    @cached_property
    def _found(self) -> int:
        rows: Any = self.object_list
        return int(rows.count(None if self.most is None else self.most + 1))

    @cached_property
    def count(self) -> int:
        return self._found if self.most is None else min(self._found, self.most)

    @property
    def is_more(self) -> bool:
        """Whether there are more rows than can be paged through."""
        return self.most is not None and self._found > self.most


class OrderedKeys:
    """Primary keys of rows in an order. parts: querysets of all of them, one after the other, each in its order."""

    ordered = True

    def __init__(self, rows: QuerySet[Any], parts: Sequence[QuerySet[Any]]) -> None:
        self.rows, self.parts = rows, [part.values_list("pk", flat=True) for part in parts]

    def __len__(self) -> int:
        return self.count()

    def count(self, most: int | None = None) -> int:
        """How many there are, counted no further than ``most``."""
        rows = self.rows.order_by()
        return rows.count() if most is None else rows.values("pk")[:most].count()

    def __getitem__(self, which: slice) -> list[Any]:
        first, last = which.start or 0, which.stop
        found: list[Any] = []
        for place, part in enumerate(self.parts):
            keys = list(part[first:last])
            found += keys
            if len(keys) == last - first or place == len(self.parts) - 1:
                break
            # This part ended: the next goes on where it did.
            size = first + len(keys) if keys else part[:first].count()
            first, last = max(0, first - size), last - size
        return found


def order_of(model: type[Model], paths: Sequence[str], *, is_descending: bool) -> list[Any]:
    """An order by these paths and the primary key. What may be unknown comes last, either way round; for what is always known
    nothing is said of that, so that an index serves both ways.
    """
    ordered: list[Any] = []
    for path in paths:
        if not is_descending:
            ordered.append(F(path).asc())
        else:
            ordered.append(F(path).desc(nulls_last=True) if may_be_unknown(model, path) else F(path).desc())
    return [*ordered, "-pk" if is_descending else "pk"]


def known_first(rows: QuerySet[Any], paths: Sequence[str], *, is_descending: bool) -> list[QuerySet[Any]]:
    """The rows in the order of these paths in two parts, those with a value of the first path and those without.

    In one part where the first path always has a value, or is none of the model's own. Each part can be read off an index.
    """
    model = rows.model
    if not paths or not may_be_unknown(model, paths[0]) or paths[0] in rows.query.annotations:
        return [rows.order_by(*order_of(model, paths, is_descending=is_descending))]
    plain = [F(paths[0]).desc() if is_descending else F(paths[0]).asc()]
    rest = order_of(model, paths[1:], is_descending=is_descending)
    known = rows.filter(**{f"{paths[0]}__isnull": False}).order_by(*plain, *rest)
    return [known, rows.filter(**{f"{paths[0]}__isnull": True}).order_by(*rest)]


def may_be_unknown(model: type[Model], path: str) -> bool:
    """Whether a row may have no value there: a field that may be empty, on the way or at the end, or something computed."""
    found: Any = model
    try:
        for name in path.split("__"):
            field = found._meta.pk if name == "pk" else found._meta.get_field(name)
            if field.null or not field.concrete:
                return True
            found = field.related_model
    except FieldDoesNotExist:
        return True
    return False
