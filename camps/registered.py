"""How many people a site holds by its registration, by sex and age, beside the latest headcount reported."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Case, CharField, Count, Q, Sum, Value, When
from django.utils import timezone
from django.utils.translation import gettext as _

from camps.households import HERE
from camps.models import AGE_BANDS, Camp, Headcount, HeadcountStanding, Household, Person, Presence, Sex
from camps.models.headcounts import breakdown_fields

NOT_KNOWN = "unknown"


@dataclass
class Registered:
    """Registered people who are here or away for now. by: (sex, age band or "unknown") → people listed by name."""

    people: int = 0
    households: int = 0
    away: int = 0
    unlisted: int = 0
    by: dict[tuple[str, str], int] = field(default_factory=dict)

    def of(self, sex: str, band: str | None = None) -> int:
        return sum(n for (one, age), n in self.by.items() if one == sex and band in (None, age))


@dataclass(frozen=True)
class Compared:
    """One line: what registration gives, what was reported (``None``: not told), and by how much they differ."""

    label: Any
    registered: int
    reported: int | None

    @property
    def difference(self) -> int | None:
        return None if self.reported is None else self.registered - self.reported

    @property
    def difference_text(self) -> str:
        """With its sign; empty when nothing was reported."""
        if self.difference is None:
            return ""
        return f"{'−' if self.difference < 0 else '+' if self.difference else ''}{abs(self.difference)}"


def registered_at(camp: Camp, today: date | None = None) -> Registered:
    """Two queries, whatever the number of people."""
    today = today or timezone.localdate()
    found = Registered()
    rows = Person.objects.filter(camp=camp, presence__in=HERE).annotate(band=_band(today))
    for sex, band, presence, people in rows.values_list("sex", "band", "presence").annotate(n=Count("pk")):
        found.by[sex, band] = found.by.get((sex, band), 0) + people
        found.away += people if presence == Presence.ABSENT else 0
        found.people += people
    households = Household.objects.filter(camp=camp, presence__in=HERE)
    totals = households.aggregate(
        n=Count("pk"), nameless=Sum("unlisted"), away=Sum("unlisted", filter=Q(presence=Presence.ABSENT))
    )
    found.households, found.unlisted = totals["n"], totals["nameless"] or 0
    found.people += found.unlisted
    found.away += totals["away"] or 0
    return found


def latest_headcount(camp: Camp) -> Headcount | None:
    """The newest by event time that counts."""
    rows = Headcount.objects.filter(camp=camp, standing=HeadcountStanding.ACCEPTED)
    return rows.select_related("entered_by").order_by("-occurred_at", "-pk").first()


def compare(found: Registered, headcount: Headcount | None) -> list[Compared]:
    """Totals first, then each sex and age that either of the two knows of."""

    def reported(name: str) -> int | None:
        return getattr(headcount, name, None)

    lines = [
        Compared(_("People"), found.people, reported("people")),
        Compared(_("Households"), found.households, reported("households")),
    ]
    for sex in (Sex.FEMALE, Sex.MALE):
        parts = [Compared(sex.label.capitalize(), found.of(sex), reported(sex.value))]
        for name, (band, _low, _high) in zip(breakdown_fields(sex.value), AGE_BANDS, strict=True):
            label = str(Headcount._meta.get_field(name).verbose_name)
            parts.append(Compared(label[:1].upper() + label[1:], found.of(sex, band), reported(name)))
        lines += [part for part in parts if part.registered or part.reported]
    others = found.of(Sex.OTHER) + found.of(Sex.UNKNOWN)
    if others:
        lines.append(Compared(_("Other, or sex not known"), others, None))
    if found.unlisted:
        lines.append(Compared(_("Not listed by name"), found.unlisted, None))
    return lines


def _band(today: date) -> Case:
    """The age band of a person on a day: exact with a date of birth, by the year without."""
    cases = []
    for key, low, high in AGE_BANDS:
        exact = Q(birth_date__gt=_years_before(today, high + 1), birth_date__lte=_years_before(today, low))
        by_year = Q(birth_date=None, birth_year__gte=today.year - high, birth_year__lte=today.year - low)
        cases.append(When(exact | by_year, then=Value(key)))
    return Case(*cases, default=Value(NOT_KNOWN), output_field=CharField())


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February
        return day.replace(year=day.year - years, day=28)
