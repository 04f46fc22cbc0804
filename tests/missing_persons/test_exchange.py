"""Reports as tables: back and forth without a change, nobody entered twice, taken back as one."""

from __future__ import annotations

from typing import Any

import pytest

from komek.accounts.authority import standing_of
from komek.accounts.models import Consent
from komek.exchange.exporting import FORMATS, chosen_columns
from komek.exchange.reversing import reverse_batch
from komek.extensions import Viewer
from komek.extensions.exchange import exchange
from missing_persons.models import Person, Report, ReportedName, Visibility
from tests.camps.test_camp_exchange import bring, sentences, written
from tests.conftest import Cast, actor
from tests.missing_persons.conftest import Desk, Tell

KEY = "missing_persons.report"
LIST = (
    "kind,names,sex,age,last seen date,last seen,phone,may be published\n"
    "missing,Aman Ataýew; Аман Атаев,m,40,2026-03-01 10:00,Köne bazar,+99361000000,yes\n"
    "found,Jeren,f,6,2026-03-02 11:00,School,,yes\n"
    "missing,,m,30,2026-03-01 10:00,,,\n"
    "missing,Batyr,m,200,2026-03-01 10:00,,,\n"
)


@pytest.mark.parametrize("name", ["csv", "xlsx"])
def test_what_is_exported_comes_back_unchanged(desk: Desk, cast: Cast, tell: Tell, name: str) -> None:
    tell("Aman Ataýew", "Аман; Атаев".replace(";", ","), age_from=35, age_to=45, hair="=1+1", languages=["tk", "ru"],
         description="tall\nthin", last_seen_text="Bazar, «köne»")  # fmt: skip
    tell(kind="unidentified_living", clothing="red scarf")
    resource: Any = exchange.get(KEY)
    records = resource.export_queryset(Viewer(user=cast.aina, operation=cast.operation)).order_by("pk")
    content = b"".join(FORMATS[name][2](resource, chosen_columns(resource), records, is_exercise=False))
    batch = bring(cast, KEY, content, name=f"x.{FORMATS[name][0]}")
    assert set(batch.counts) == {"unchanged"}, (sentences(batch), list(batch.rows.values_list("changes", flat=True)))


def test_a_list_goes_in_once_bad_rows_are_told_and_the_file_is_taken_back(desk: Desk, cast: Cast) -> None:
    batch = bring(cast, KEY, LIST)
    assert "Write the person's name" in sentences(batch) and "Nobody is that old" in sentences(batch)
    written(cast, batch)
    assert list(ReportedName.objects.order_by("pk").values_list("as_written", flat=True)) == [
        "Aman Ataýew", "Аман Атаев", "Jeren",
    ]  # fmt: skip
    assert sorted(Person.objects.values_list("display_name", "visibility")) == [
        ("Aman Ataýew", Visibility.PUBLIC), ("Jeren", Visibility.HIDDEN),
    ]  # fmt: skip
    agreed = Consent.objects.filter(about_type__model="report", ended_at=None)
    yes = set(Report.objects.filter(consents_to_publish=True).values_list("pk", flat=True))
    assert set(agreed.values_list("about_id", flat=True)) == yes and len(yes) == 2, "a table's yes counts as any other"
    again = bring(cast, KEY, LIST)
    assert again.counts.get("unchanged") == 2 and not again.counts.get("create"), sentences(again)
    code = Report.objects.order_by("pk")[0].code
    changed = f"code,kind,names,hair,may be published\n{code},missing,Aman A. Ataýew,grey,no\n"
    written(cast, bring(cast, KEY, changed))
    assert Person.objects.get(code=code).display_name == "Aman A. Ataýew"
    assert agreed.count() == 1
    reverse_batch(by=actor(cast.aina), standing=standing_of(cast.aina, cast.operation), batch=batch)
    assert list(Person.objects.values_list("display_name", flat=True)) == ["Aman A. Ataýew"], "changed since: it stays"
