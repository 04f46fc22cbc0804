"""The figures that lists, maps and pages show beside a site: people now, occupancy, registered people, when last heard from.

Everything is a subquery on the site's row, so that a page costs the same number of queries whatever it shows. A figure that nobody
reported is unknown (``None``), never zero.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import (
    Case,
    Count,
    DurationField,
    ExpressionWrapper,
    F,
    FloatField,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    When,
)
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from camps.models import (
    AGE_BANDS,
    Camp,
    Headcount,
    HeadcountStanding,
    Household,
    Person,
    Presence,
    RegistrationLevel,
    Sex,
)
from orgs.models import Opening

HERE = (Presence.PRESENT, Presence.ABSENT)


def accepted_headcounts() -> QuerySet[Headcount]:
    """Headcounts that count, newest first by the moment of the count."""
    return Headcount.objects.filter(standing=HeadcountStanding.ACCEPTED).order_by("-occurred_at", "-pk")


def latest_of(field: str) -> Subquery:
    """A field of the newest accepted headcount of the site in the outer query."""
    return Subquery(accepted_headcounts().filter(camp=OuterRef("pk")).values(field)[:1])


def with_people(camps: QuerySet[Camp]) -> QuerySet[Camp]:
    """Adds people_now, households_now, counted_at, count_method, occupancy (% of capacity) and room_left."""
    return camps.annotate(
        people_now=latest_of("people"),
        households_now=latest_of("households"),
        counted_at=latest_of("occurred_at"),
        count_method=latest_of("method"),
    ).annotate(
        occupancy=Case(
            When(capacity__gt=0, then=ExpressionWrapper(F("people_now") * 100.0 / F("capacity"), FloatField())),
            output_field=FloatField(),
        ),
        room_left=ExpressionWrapper(F("capacity") - F("people_now"), IntegerField()),
    )


def with_registered(camps: QuerySet[Camp]) -> QuerySet[Camp]:
    """Adds registered: people here by registration, listed by name or not; None where the site keeps head counts only."""
    # Of rows, not of keys: the index on site and presence answers that alone, without reading everybody's row.
    people = (
        Person.objects.filter(camp=OuterRef("pk"), presence__in=HERE).order_by().values("camp").annotate(n=Count("*"))
    )
    households = Household.objects.filter(camp=OuterRef("pk"), presence__in=HERE).order_by().values("camp")
    sizes = households.annotate(n=Sum("size"))
    # Few households have people without a name; an index of those alone spares reading all the others.
    nameless = households.filter(unlisted__gt=0).annotate(n=Sum("unlisted"))
    return camps.annotate(
        registered=Case(
            When(
                registration=RegistrationLevel.PEOPLE,
                then=Coalesce(Subquery(people.values("n")), 0) + Coalesce(Subquery(nameless.values("n")), 0),
            ),
            When(registration=RegistrationLevel.HOUSEHOLDS, then=Coalesce(Subquery(sizes.values("n")), 0)),
            output_field=IntegerField(),
        )
    )


def with_difference(camps: QuerySet[Camp]) -> QuerySet[Camp]:
    """Adds difference: registered minus reported. Needs ``with_people`` and ``with_registered``."""
    return camps.annotate(difference=ExpressionWrapper(F("registered") - F("people_now"), IntegerField()))


def silent(camps: QuerySet[Camp], is_silent: bool = True) -> QuerySet[Camp]:
    """Open sites that nobody was heard from for longer than each allows, or all others."""
    limit = Now() - ExpressionWrapper(F("silent_after_days") * timedelta(days=1), output_field=DurationField())
    condition = Q(opening=Opening.OPEN, confirmed_at__lt=limit)
    return camps.filter(condition) if is_silent else camps.exclude(condition)


def is_silent(camp: Camp) -> bool:
    """Whether the site is open and nothing was heard for longer than it allows."""
    return camp.opening == Opening.OPEN and timezone.now() - camp.confirmed_at > timedelta(days=camp.silent_after_days)


def latest_headcount(camp: Camp) -> Headcount | None:
    """The newest accepted headcount by the moment of the count."""
    return accepted_headcounts().filter(camp=camp).select_related("entered_by").first()


def registered_by_group(camp: Camp) -> dict[str, Any]:
    """People here by registration: total, by sex and by age band, with those whose age is not known. One query."""
    year = timezone.localdate().year
    groups: dict[str, Any] = {"total": Count("pk"), "unknown_age": Count("pk", filter=Q(birth_year=None))}
    for sex in Sex.values:
        groups[sex] = Count("pk", filter=Q(sex=sex))
        for band, low, high in AGE_BANDS:
            ages = Q(birth_year__lte=year - low, birth_year__gte=year - high)
            groups[f"{sex}_{band}"] = Count("pk", filter=Q(sex=sex) & ages)
    found: dict[str, Any] = Person.objects.filter(camp=camp, presence__in=HERE).aggregate(**groups)
    return found
