"""Measurements and the health watch as tables: back and forth without a change, repeats, corrections, faults in words, who may."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from camps.health_watch import Cases, record_counts
from camps.measuring import measure, withdraw_measurement
from camps.models import Measurement, Standard, Syndrome, SyndromeCount
from komek.accounts.authority import standing_of
from komek.exchange.exporting import FORMATS, chosen_columns
from komek.exchange.reversing import reverse_batch
from komek.extensions import Viewer
from komek.extensions.exchange import exchange
from tests.camps.conftest import CampCast
from tests.camps.test_camp_exchange import bring, sentences, written
from tests.conftest import Cast, actor

TODAY = timezone.localdate()


@pytest.fixture
def measles(db: None) -> Syndrome:
    return Syndrome.objects.create(key="measles", name="Measles", names={"ru": "Корь"}, alert_cases=1, source="WHO")


@pytest.fixture
def reported(camps: CampCast, cast: Cast, standards: dict[str, Standard], measles: Syndrome) -> None:
    """Two figures, one of them withdrawn, and a day's cases."""
    by, moment = actor(camps.bahar), timezone.now() - timedelta(days=2)
    for key, value in (("toilets", "40"), ("water", "12000.5")):
        figure = measure(
            by=by, operation=cast.operation, camp=camps.camp, standard=standards[key], value=Decimal(value),
            occurred_at=moment, source="WASH partner", note="=1; after “rain”",
        )  # fmt: skip
    withdraw_measurement(by=by, operation=cast.operation, measurement=figure, reason="misread")
    record_counts(
        by=by, operation=cast.operation, camp=camps.camp, day=TODAY - timedelta(days=1),
        counts=[Cases(measles, 2, 1, 0, note="=2")], reported_by="Dr Orazowa",
    )  # fmt: skip


@pytest.mark.parametrize("key", ["camps.measurement", "camps.syndrome_count"])
def test_what_is_exported_comes_back_unchanged(
    camps: CampCast, cast: Cast, reported: None, django_assert_max_num_queries: Any, key: str
) -> None:
    resource: Any = exchange.get(key)
    for ending, _kind, writer in FORMATS.values():
        with django_assert_max_num_queries(8):
            records = resource.export_queryset(Viewer(user=cast.aina, operation=cast.operation)).order_by("pk")
            content = b"".join(writer(resource, chosen_columns(resource), records, is_exercise=False))
        batch = bring(cast, key, content, name=f"x.{ending}")
        assert set(batch.counts) == {"unchanged"}, (
            ending, sentences(batch), list(batch.rows.values_list("changes", flat=True)),
        )  # fmt: skip


def test_measurements_of_a_file_are_added_once_by_key_or_name_and_may_be_taken_back(
    camps: CampCast, cast: Cast, standards: dict[str, Standard]
) -> None:
    text = (
        f"site,what is measured,value,date,source\nStadium camp,toilets,40,2026-01-05,visit\n"
        f'{camps.camp.code},{standards["water"].name},"12000,5",2026-01-05,visit\n'
        "Stadium camp,toilets,40,2026-01-05,visit\nStadium camp,toilets,44,2026-01-06,\n"
    )
    batch = written(cast, bring(cast, "camps.measurement", text, by=camps.bahar))
    assert "Row 2 is about the same record" in sentences(batch)
    assert sorted(Measurement.objects.values_list("standard__key", "value", "operation")) == [
        ("toilets", Decimal(40), cast.operation.pk), ("toilets", Decimal(44), cast.operation.pk),
        ("water", Decimal("12000.5"), cast.operation.pk),
    ]  # fmt: skip
    again = bring(cast, "camps.measurement", text, by=camps.bahar)
    assert set(again.counts) == {"unchanged"}, sentences(again)
    reverse_batch(by=actor(cast.aina), batch=batch, standing=standing_of(cast.aina, cast.operation))
    assert not Measurement.objects.exists()


def test_cases_of_a_file_correct_the_figure_of_the_day_and_taking_back_restores_it(
    camps: CampCast, cast: Cast, measles: Syndrome
) -> None:
    head = "site,syndrome,day,under 5,5+,deaths\n"
    written(cast, bring(cast, "camps.syndrome_count", f"{head}Stadium camp,measles,2026-01-05,2,,\n", by=camps.bahar))
    batch = written(
        cast, bring(cast, "camps.syndrome_count", f"{head}Stadium camp,Корь,2026-01-05,3,1,5\n", by=camps.bahar)
    )
    (row,) = batch.rows.all()
    assert (batch.counts, "fell ill" in row.notes[0]) == ({"update": 1}, True)
    figures = ("under_five", "five_and_over", "deaths", "operation")
    count = SyndromeCount.objects.get()
    assert [getattr(count, f"{name}_id" if name == "operation" else name) for name in figures] == [
        3, 1, 5, cast.operation.pk,
    ]  # fmt: skip
    assert timezone.localdate(count.occurred_at) == count.day == datetime(2026, 1, 5).date()
    reverse_batch(by=actor(cast.aina), batch=batch, standing=standing_of(cast.aina, cast.operation))
    assert SyndromeCount.objects.values_list(*figures[:3]).get() == (2, 0, 0)


def test_faulty_rows_are_refused_in_words_and_write_nothing(
    camps: CampCast, cast: Cast, standards: dict[str, Standard], measles: Syndrome
) -> None:
    tables = {
        "camps.measurement": "site,what is measured,value,date",
        "camps.syndrome_count": "site,syndrome,day,under 5,5+",
    }
    rows = (
        ("camps.measurement", "Stadium camp,toilets,-4,2026-01-05", "negative"),
        ("camps.measurement", "Stadium camp,toilets,4.5,2026-01-05", "counted in whole numbers"),
        ("camps.measurement", "Stadium camp,toilets,4,2099-01-05", "lies in the future"),
        ("camps.measurement", "Stadium camp,palaces,4,2026-01-05", "is not known"),
        ("camps.measurement", "Nowhere,toilets,4,2026-01-05", "is not known"),
        ("camps.measurement", "Stadium camp,toilets,,2026-01-05", "must be filled in"),
        ("camps.syndrome_count", "Stadium camp,measles,2026-01-05,-1,", "negative"),
        ("camps.syndrome_count", "Stadium camp,measles,2099-01-05,1,", "lies in the future"),
        ("camps.syndrome_count", "Stadium camp,measles,2026-01-05,999999,", "so many cases"),
        ("camps.syndrome_count", "Stadium camp,measles,2026-01-05,,", "write 0"),
        ("camps.syndrome_count", "Stadium camp,plague,2026-01-05,1,", "is not known"),
    )
    for key, head in tables.items():
        mine = [(row, words) for table, row, words in rows if table == key]
        batch = written(cast, bring(cast, key, "\n".join([head, *(row for row, _words in mine)])))
        for stored, (row, words) in zip(batch.rows.order_by("number"), mine, strict=True):
            assert any(words in fault["sentence"] for fault in stored.faults), (row, stored.faults)
        foreign = bring(cast, key, f"{head}\n{mine[0][0].replace('-4', '4').replace('-1,', '1,')}\n", by=cast.lale)
        assert "belongs to another organisation" in sentences(foreign)
    assert not Measurement.objects.exists()
    assert not SyndromeCount.objects.exists()
