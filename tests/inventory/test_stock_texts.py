"""Stock by text: read, counted, received, issued only with the number that the keeper's own phone got, taken back."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from inventory.models import Balance, Movement
from inventory.sms_commands import Stock, StockCommand
from komek.records.codes import make_code
from tests.inventory.conftest import Stores, batch, stocked
from tests.messaging.conftest import STRANGER, bound, said

W, C = make_code("W", 21), make_code("C", 114)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{W} rice =40", Stock(W, "rice", "=", "40")),
        (f"{W} rice 40 kg", Stock(W, "rice", "=", "40", "kg")),
        (f"{W.lower()} plastic sheeting +2o rolls B77 E0627",
         Stock(W, "plastic sheeting", "+", "20", "rolls", "77", date(2027, 6, 30))),
        (f"{W} rice - 5 kg {C}", Stock(W, "rice", "-", "5", "kg", to=C)),
        (f"{W} +20 kg rice", Stock(W, "rice", "+", "20", "kg")),
        (f"{W} =7 blankets", Stock(W, "blankets", "=", "7")),
        (f"{W[0]} {W[1:]} рис =2,5 т", Stock(W, "рис", "=", "2,5", "т")),
    ],
)  # fmt: skip
def test_stock_is_read_as_people_write_it(text: str, expected: Stock) -> None:
    assert StockCommand().parse(text) == expected


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Which warehouse"), ("rice 40", "Which warehouse"), (f"{W} rice", "How much"), (f"{W} =40", "Of what"),
        (f"{W} rice +5 E1327", "month and year"), (f"{W[:-1]}{(int(W[-1]) + 1) % 10} rice 4", "wrong letter or digit"),
        (f"{W} rice 40 kg beans", "Of what"),
    ],
)  # fmt: skip
def test_what_is_not_stock_is_refused_in_words(text: str, sentence: str) -> None:
    with pytest.raises(ValueError) as refusal:
        StockCommand().parse(text)
    assert sentence in str(refusal.value)


def lies(stores: Stores) -> Decimal:
    return sum((row.quantity for row in Balance.objects.filter(warehouse=stores.warehouse)), Decimal(0))


def test_a_keeper_receives_counts_and_issues_by_text(stores: Stores, db: Any) -> None:
    bound(stores.kerim)
    code = stores.warehouse.code
    received = said(f"STK {code} rice +50 kg B77 E0630")
    movement = Movement.objects.get()
    assert received.startswith(f"{movement.code}: 50 kg Rice received at {code}.")
    assert Balance.objects.get().batch.number == "77"
    assert "as in the books" in said(f"STK {code} rice =50")
    assert "before 50 kg" in said(f"stk {code} FOOD-RICE =48 kg")
    assert lies(stores) == 48
    asked = said(f"STK {code} rice -8 kg")
    assert "Issue 8 kg Rice" in asked and lies(stores) == 48
    assert "not the number we sent" in said("1"), "a number that can be guessed gives nothing out"
    number = said(f"STK {code} rice -8 kg").split("? ")[1].split()[0]
    assert "8 kg Rice issued" in said(number)
    assert lies(stores) == 40
    assert "is taken back by" in said("UNDO") and lies(stores) == 48
    assert "48 kg are booked" in said(f"STK {code} rice =3")
    assert lies(stores) == 48


def test_unclear_and_forbidden_stock_is_answered_in_words(stores: Stores, db: Any) -> None:
    bound(stores.kerim)
    code = stores.warehouse.code
    assert "Nothing in the catalogue" in said(f"STK {code} unobtainium =4")
    assert "is booked at" in said(f"STK {code} rice =4")
    stocked(stores, batch(stores, number="1"), 10)
    stocked(stores, batch(stores, number="2", days=60), 10)
    assert "2 places or batches" in said(f"STK {code} rice =19")
    assert "before 10 kg" in said(f"STK {code} rice =9 B2")
    assert "another organisation" in said(f"STK {stores.other.code} rice +5")
    assert "send JOIN" in said(f"STK {code} rice +5", sender=STRANGER)
    assert lies(stores) == 19
