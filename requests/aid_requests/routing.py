"""Who answers for a request: rules as data, by area, sector, category of item and kind; the most particular wins."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q

from aid_requests.models import AidRequest, RequestLine, RoutingRule
from komek.records.models import Approval
from orgs.models import Organisation


@dataclass(frozen=True)
class Subject:
    """What rules look at: areas from the smallest to the country, and of each line its sectors, categories, kinds."""

    areas: tuple[int, ...]
    sectors: frozenset[int]
    categories: tuple[int, ...]
    kinds: frozenset[str]


def responsible_for(request: AidRequest) -> Organisation | None:
    """The organisation that should answer for the request, or ``None`` when no rule says."""
    best = best_rule(rules_for(request), subject_of(request))
    return best.organisation if best is not None else None


def rules_for(request: AidRequest) -> list[RoutingRule]:
    """Rules in force for the request's operation. A rule of the operation itself beats one of all operations."""
    operation = request.operation
    where = Q(operation=operation)
    if operation is not None and not operation.is_exercise:
        where |= Q(operation=None)
    rows = RoutingRule.objects.filter(where, organisation__approval=Approval.APPROVED)
    return list(rows.select_related("organisation"))


def subject_of(request: AidRequest) -> Subject:
    """What a request is about, for the rules."""
    lines: list[RequestLine] = list(request.lines.select_related("item__category"))
    categories: list[int] = []
    for line in lines:
        category = line.item.category if line.item is not None else None
        while category is not None:
            categories.append(category.pk)
            category = category.parent
    areas, area = [], request.area
    while area is not None:
        areas.append(area.pk)
        area = area.parent
    return Subject(
        tuple(areas),
        frozenset(line.sector_id for line in lines if line.sector_id is not None),
        tuple(categories),
        frozenset(line.kind for line in lines),
    )


def best_rule(rules: Iterable[RoutingRule], subject: Subject) -> RoutingRule | None:
    """The rule that fits and says most: the smallest area first, then item, sector, kind, operation; then its order. Pure."""
    fitting = [rule for rule in rules if _fits(rule, subject)]
    return min(fitting, key=lambda rule: (*_particular(rule, subject), rule.order, rule.pk or 0), default=None)


def _fits(rule: RoutingRule, subject: Subject) -> bool:
    return (
        (rule.area_id is None or rule.area_id in subject.areas)
        and (rule.sector_id is None or rule.sector_id in subject.sectors)
        and (rule.category_id is None or rule.category_id in subject.categories)
        and (not rule.kind or rule.kind in subject.kinds)
    )


def _particular(rule: RoutingRule, subject: Subject) -> tuple[int, ...]:
    """Smaller is more particular."""
    said = sum((rule.area_id is not None, rule.sector_id is not None, rule.category_id is not None, bool(rule.kind)))
    area = subject.areas.index(rule.area_id) if rule.area_id is not None else len(subject.areas)
    category = subject.categories.index(rule.category_id) if rule.category_id is not None else len(subject.categories)
    return (-said, area, category, 0 if rule.operation_id is not None else 1)
