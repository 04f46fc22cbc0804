"""Requests and their lines as a table: out, in again unchanged, changed, new, and refused row by row."""

from __future__ import annotations

from decimal import Decimal

import pytest

from aid_requests.lines import LineDraft
from aid_requests.models import AidRequest, RequestLine
from komek.accounts.authority import standing_of
from komek.exchange import importing
from komek.exchange.exporting import FORMATS
from komek.exchange.models import ImportBatch
from komek.exchange.reversing import reverse_batch
from tests.aid_requests.conftest import Ask, Asking
from tests.conftest import actor
from tests.exchange.test_importing import bring, exported, faults

pytestmark = pytest.mark.django_db
KEY = "requests.requestline"


def written(asking: Asking, batch: ImportBatch) -> dict[str, int]:
    importing.apply(batch)
    batch.refresh_from_db()
    return batch.counts


@pytest.mark.parametrize("kind", ["csv", "xlsx", "hxl"])
def test_an_export_comes_back_unchanged(kind: str, asking: Asking, ask: Ask) -> None:
    ask(purpose="cold; and wet")
    ask(site=None, landmark="Bridge", location=asking.camp.location, quantity=70, confirmed=True)
    ask(lines=[LineDraft(Decimal(2), skill="midwife", kind="people", priority="life"),
               LineDraft(Decimal(30), description="=warm felt; rugs", unit="pieces", people=60)])  # fmt: skip
    content = exported(asking.cast, KEY, kind)  # type: ignore[arg-type]
    batch = bring(asking.cast, KEY, content, name=f"t.{FORMATS[kind][0]}")
    assert not faults(batch) and batch.counts == {"unchanged": 4}


def test_rows_of_one_reference_are_one_request_sent_again_they_change_nothing_and_are_taken_back(
    asking: Asking,
) -> None:
    table = (
        "reference,site,item,quantity,unit,priority\n"
        f"A1,{asking.camp.code},{asking.blanket.code},200,,high\nA1,{asking.camp.code},warm felt rugs,30,pieces,\n"
    )
    batch = bring(asking.cast, KEY, table)
    assert not faults(batch) and written(asking, batch) == {"create": 2}
    request = AidRequest.objects.get()
    assert [str(line) for line in request.lines.all()] == [str(asking.blanket), "warm felt rugs"]
    assert request.state == "submitted" and request.priority == "high"
    assert bring(asking.cast, KEY, table).counts == {"unchanged": 2}
    more = bring(asking.cast, KEY, table.replace(",200,", ",250,") + f"A1,{asking.camp.code},tea,5,,\n")
    assert written(asking, more) == {"update": 1, "unchanged": 1, "create": 1}
    assert [line.quantity for line in RequestLine.objects.order_by("order")] == [250, 30, 5]
    result = reverse_batch(by=actor(asking.aina), batch=more, standing=standing_of(asking.aina, asking.operation))
    assert result.removed == 1 and RequestLine.objects.count() == 2


def test_bad_rows_say_what_is_wrong_and_nothing_of_them_is_written(asking: Asking) -> None:
    table = (
        "code,site,landmark,item,quantity,unit\n"
        f",,,{asking.blanket.code},10,\n,,Bridge,{asking.blanket.code},0,\n,,Bridge,{asking.blanket.code},5,litres\n"
        f"R9999999,,Bridge,{asking.blanket.code},5,\n,,Bridge,{asking.blanket.code},2.5,\n"
    )
    batch = bring(asking.cast, KEY, table)
    assert len({number for number, _column, _sentence in faults(batch)}) == 5
    assert not AidRequest.objects.exists()
    other = bring(asking.cast, KEY, f"landmark,item,quantity\nBridge,{asking.blanket.code},10\n", by=asking.cast.oraz)
    assert "may not" in faults(other)[0][2]
