"""The exercise's measurements, hospital reports and health counts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from django.utils import timezone

from camps.health_watch import moment_of
from camps.models import (
    BedCount,
    BedKind,
    Camp,
    CampType,
    Comparison,
    HospitalReport,
    Measurement,
    ServiceStatus,
    Standard,
    Syndrome,
    SyndromeCount,
)
from komek.extensions.exercise import ExerciseContext
from komek.records.actor import Channel
from komek.records.copying import create_many

OUTBREAK_SITE = 0
OUTBREAK = "acute_watery_diarrhoea"
# What always occurs in small numbers; of the rest one case is an alert, and the exercise has just one.
COMMON = (OUTBREAK, "respiratory")
MEASLES_SITE, MEASLES, MEASLES_DAYS_AGO = 3, "measles", 2


def measurements(context: ExerciseContext, camps: list[Camp], people: dict[int, int]) -> Iterator[Measurement]:
    """Three visits to each site: some standards met, some far below; a fifth of the figures missing."""
    random = context.random
    standards = list(Standard.objects.filter(is_active=True, target__isnull=False))
    in_place = list(Standard.objects.filter(is_active=True, comparison=Comparison.IN_PLACE))
    for camp in camps:
        if camp.camp_type == CampType.HOSPITAL:
            continue
        qualities: dict[int | None, Decimal] = {}
        for standard in standards:
            target = (standard.target or Decimal(1)) / (standard.share or 1)
            persons = Decimal(people.get(camp.pk, 100))
            if random.random() < 0.2:
                continue
            # The parts of a whole are as good as the whole, so that they do not add up to more.
            quality = qualities.get(standard.part_of_id) or Decimal(str(round(random.uniform(0.35, 1.25), 2)))
            qualities[standard.pk] = quality
            for visit, share in ((18, Decimal("0.6")), (9, Decimal("0.8")), (1, Decimal(1))):
                yield Measurement(
                    camp=camp, standard=standard, operation=context.operation, channel=Channel.COMMAND, reported_by="Exercise",
                    value=_value(standard.comparison, target, persons, quality * share), source="Site visit (exercise)",
                    occurred_at=timezone.now() - timedelta(days=visit, hours=random.randint(1, 8)),
                )  # fmt: skip
        for standard in in_place:
            yield Measurement(
                camp=camp, standard=standard, operation=context.operation, channel=Channel.COMMAND, reported_by="Exercise",
                value=Decimal(random.random() < 0.7), source="Site visit (exercise)", occurred_at=timezone.now() - timedelta(days=3),
            )  # fmt: skip


def _value(comparison: str, target: Decimal, persons: Decimal, quality: Decimal) -> Decimal:
    """What would be measured where ``quality`` (1 = as the standard asks) of the service is there."""
    if comparison == Comparison.PER_PERSON:
        return (persons * target * quality).quantize(Decimal(1))
    if comparison == Comparison.PEOPLE_PER_UNIT:
        return max(Decimal(1), (persons / target * quality).quantize(Decimal(1)))
    if comparison == Comparison.AT_MOST:
        return (target / max(quality, Decimal("0.2"))).quantize(Decimal(1))
    return (target * quality).quantize(Decimal("0.1"))


def hospital_reports(context: ExerciseContext, hospitals: list[Camp], days: int) -> None:
    """A report every other day for each hospital, with beds of several kinds."""
    random = context.random
    statuses = (
        (ServiceStatus.NORMAL,) * 3 + (ServiceStatus.STRAINED,) * 3 + (ServiceStatus.CRITICAL, ServiceStatus.UNKNOWN)
    )
    reports: list[HospitalReport] = []
    for hospital in hospitals:
        reports += [
            HospitalReport(
                camp=hospital, operation=context.operation, channel=Channel.COMMAND, reported_by="Exercise",
                occurred_at=timezone.now() - timedelta(days=day, hours=random.randint(0, 6)),
                overall=random.choice(statuses), emergency=random.choice(statuses), staffing=random.choice(statuses),
                power=random.choice(statuses), water=random.choice(statuses), oxygen=random.choice(statuses),
                patients_waiting=random.randint(0, 60), staff_on_duty=random.randint(8, 60),
                fuel_hours=random.choice((None, 6, 24, 72)),
            )
            for day in range(days - 1, -1, -2)
        ]  # fmt: skip
    create_many(reports)
    beds = []
    kinds = (
        BedKind.ADULT_ICU,
        BedKind.EMERGENCY,
        BedKind.SURGICAL,
        BedKind.MEDICAL,
        BedKind.PAEDIATRIC,
        BedKind.MATERNITY,
    )
    for report in reports:
        for kind in kinds:
            total = 4 if kind == BedKind.ADULT_ICU else random.choice((12, 20, 40))
            beds.append(BedCount(report=report, kind=kind, total=total, available=random.randint(0, total)))
    create_many(beds)


def syndrome_counts(
    context: ExerciseContext, camps: list[Camp], people: dict[int, int], days: int
) -> Iterator[SyndromeCount]:
    """Daily counts at every third site; watery diarrhoea grows at the first one in the last week, another has measles."""
    random = context.random
    syndromes = list(Syndrome.objects.filter(is_active=True))
    today = timezone.localdate()
    for number, camp in enumerate(camps):
        if number % 3 or camp.pk not in people:
            continue
        for syndrome in syndromes:
            for back in range(days - 1, -1, -1):
                if random.random() < 0.1 and back != MEASLES_DAYS_AGO:
                    continue  # nobody reported that day
                young = random.choice((0, 0, 0, 0, 0, 0, 1)) if syndrome.key in COMMON else 0
                if number == MEASLES_SITE and syndrome.key == MEASLES and back == MEASLES_DAYS_AGO:
                    young = 1
                if number == OUTBREAK_SITE and syndrome.key == OUTBREAK and back < 7:
                    young = 4 + (7 - back) * 2
                yield SyndromeCount(
                    camp=camp, syndrome=syndrome, day=today - timedelta(days=back), under_five=young, five_and_over=young // 2,
                    occurred_at=moment_of(today - timedelta(days=back)), operation=context.operation, channel=Channel.COMMAND,
                    reported_by="Exercise",
                )  # fmt: skip
