"""Alerts that stand now, at which sites: the counts and head counts read, the pure rules asked, the answer in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import F, Max, QuerySet, Sum
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from camps.health_alerts import LAPSES_AFTER_DAYS, WINDOWS_BEFORE, HealthAlert, Reason, Rule, Threshold, alert_of
from camps.models import Camp, Syndrome, SyndromeCount
from camps.overview import with_people
from orgs.models import Opening

# How far back "since when" is looked for.
LOOKS_BACK_DAYS = 42


@dataclass(frozen=True)
class SiteAlert:
    """An alert at a site. population: people by the newest accepted head count, counted at ``counted_at``."""

    camp: Camp
    syndrome: Syndrome
    alert: HealthAlert
    deaths: int
    population: int | None
    counted_at: datetime | None

    @property
    def urgency(self) -> int:
        """From 0 to 100, as the coordinator's desk sorts: deaths first, then a single case that is too many."""
        is_single_case_enough = self.syndrome.alert_cases is not None and self.syndrome.alert_cases <= 2
        return min(95, 80 + 10 * bool(self.deaths) + 5 * is_single_case_enough)

    def reasons(self) -> list[str]:
        """Why, a sentence for each rule met."""
        return [reason_in_words(reason, self.syndrome, self.population) for reason in self.alert.reasons]

    def summary(self) -> str:
        """How many, in which days, since when."""
        alert = self.alert
        words = {
            "n": alert.cases,
            "starts": _day(alert.starts),
            "ends": _day(alert.ends),
            "since": _day(alert.since),
            "reported": alert.reported_days,
            "days": (alert.ends - alert.starts).days + 1,
        }
        found = (
            ngettext("%(n)d case from %(starts)s to %(ends)s", "%(n)d cases from %(starts)s to %(ends)s", alert.cases)
            % words
        )
        parts = [found]
        if self.deaths:
            parts.append(ngettext("%(n)d death", "%(n)d deaths", self.deaths) % {"n": self.deaths})
        if alert.reported_days < words["days"]:
            parts.append(_("reported on %(reported)d of %(days)d days") % words)
        parts.append(_("alert since %(since)s") % words)
        return ", ".join(parts)


def threshold_of(syndrome: Syndrome) -> Threshold:
    """The rules as the pure function takes them."""
    return Threshold(syndrome.window_days, syndrome.alert_cases, syndrome.alert_ratio, syndrome.alert_per_10000)


def standing_alerts(camps: QuerySet[Camp], *, today: date | None = None) -> list[SiteAlert]:
    """Alerts at these sites, most urgent first; closed sites are left out. A fixed number of queries."""
    today = today or timezone.localdate()
    syndromes = {row.pk: row for row in Syndrome.objects.filter(is_active=True)}
    if not syndromes:
        return []
    longest = max(row.window_days for row in syndromes.values())
    recent = today - timedelta(days=LAPSES_AFTER_DAYS + longest)
    oldest = recent - timedelta(days=longest * WINDOWS_BEFORE + LOOKS_BACK_DAYS)
    open_camps = camps.exclude(opening=Opening.CLOSED)
    counts = SyndromeCount.objects.filter(camp__in=open_camps.values("pk"), syndrome__in=syndromes, day__lte=today)
    # Only where somebody fell ill lately can an alert stand; most sites and syndromes have none.
    pairs = {
        (row["camp"], row["syndrome"])
        for row in counts.filter(day__gt=recent)
        .order_by()
        .values("camp", "syndrome")
        .annotate(cases=Sum(F("under_five") + F("five_and_over")))
        .filter(cases__gt=0)
    }
    if not pairs:
        return []
    by_pair: dict[tuple[int, int], dict[date, tuple[int, int]]] = {pair: {} for pair in pairs}
    rows = counts.filter(
        day__gt=oldest, camp__in={camp for camp, _one in pairs}, syndrome__in={one for _camp, one in pairs}
    ).order_by()
    for camp, syndrome, day, young, others, deaths in rows.values_list(
        "camp", "syndrome", "day", "under_five", "five_and_over", "deaths"
    ):
        if (camp, syndrome) in by_pair:
            by_pair[camp, syndrome][day] = (young + others, deaths)
    people = with_people(
        Camp.objects.filter(pk__in={camp for camp, _one in pairs}).select_related("organisation", "area")
    )
    sites: dict[int, Any] = {camp.pk: camp for camp in people.defer("perimeter", "area__geometry")}
    found = []
    for (camp_id, syndrome_id), days in by_pair.items():
        made = _site_alert(sites[camp_id], syndromes[syndrome_id], days, today)
        if made is not None:
            found.append(made)
    return sorted(found, key=lambda one: (-one.urgency, -one.alert.cases, one.camp.name, one.syndrome.order))


def _site_alert(camp: Any, syndrome: Syndrome, days: dict[date, tuple[int, int]], today: date) -> SiteAlert | None:
    cases = {day: both[0] for day, both in days.items()}
    alert = alert_of(cases, threshold_of(syndrome), today=today, population=camp.people_now)
    if alert is None:
        return None
    deaths = sum(both[1] for day, both in days.items() if alert.starts <= day <= alert.ends)
    return SiteAlert(camp, syndrome, alert, deaths, camp.people_now, camp.counted_at)


def reason_in_words(reason: Reason, syndrome: Syndrome, population: int | None) -> str:
    """Over what threshold, as a sentence."""
    words = {
        "cases": _number(reason.value),
        "limit": _number(reason.limit),
        "days": syndrome.window_days,
        "people": population,
        "average": _number(reason.average or Decimal(0)),
        "ratio": _number(syndrome.alert_ratio or Decimal(0)),
    }
    if reason.rule == Rule.CASES:
        return _("The threshold is %(limit)s within %(days)d days.") % words
    if reason.rule == Rule.RATIO:
        return _("Usual are %(average)s by the three periods before; the threshold is %(ratio)s times that.") % words
    return (
        _("%(cases)s for 10,000 people (%(people)d counted); the threshold is %(limit)s within %(days)d days.") % words
    )


def last_reported(camps: QuerySet[Camp]) -> dict[int, date]:
    """Site → the newest day for which cases, or that there were none, were reported."""
    rows = SyndromeCount.objects.filter(camp__in=camps.values("pk")).order_by().values("camp").annotate(day=Max("day"))
    return {row["camp"]: row["day"] for row in rows}


def _number(value: Decimal) -> str:
    shown = value.normalize()
    places = max(0, -int(shown.as_tuple().exponent))
    return formats.number_format(shown, decimal_pos=places)


def _day(day: date) -> str:
    return formats.date_format(day, "SHORT_DATE_FORMAT")
