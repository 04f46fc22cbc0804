"""From what people write to base units, exactly, with a sentence for what cannot be."""

from __future__ import annotations

from decimal import Decimal

import pytest

from inventory.quantities import base_quantity, in_packs, in_words, read_quantity, read_sum
from inventory.refusals import Refused
from komek.supplies.models import Dimension, Pack, Unit
from tests.inventory.conftest import Stores


def test_packs_and_units_become_base_units_exactly(stores: Stores) -> None:
    gram = Unit.objects.create(name="gram", symbol="g", dimension=Dimension.MASS, factor=Decimal("0.001"))
    assert base_quantity(stores.rice, Decimal("2.5"), pack=stores.sack) == Decimal("62.5")
    assert base_quantity(stores.rice, Decimal("0.3"), unit=gram) == Decimal("0.0003")
    assert read_quantity(stores.rice, "1 200,5", "KG.") == Decimal("1200.5")
    assert read_quantity(stores.rice, "3", "Sack of 25 kg") == 75
    assert in_packs(Decimal(60), stores.sack) == (2, 10)
    assert in_words(stores.rice, Decimal(60), stores.sack) == "60 kg (2 × sack of 25 kg + 10 kg)"


@pytest.mark.parametrize(
    ("number", "measure", "words"),
    [
        ("12", "barrel", "“barrel” is not known. For Rice use one of: kg, sack of 25 kg"),
        ("12", "pc", "cannot be counted in kg"),
        ("a few", "", "is not a number"),
        ("1,200", "kg", "could be 1200 or 1.200"),
        ("0", "kg", "above zero"),
        ("0.0005", "g", "no exact quantity in kg"),
        ("999999999999", "sack of 25 kg", "too much to be true"),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_to_write(
    stores: Stores, number: str, measure: str, words: str
) -> None:
    Unit.objects.create(name="gram", symbol="g", dimension=Dimension.MASS, factor=Decimal("0.000001"))
    with pytest.raises(Refused, match=words):
        read_quantity(stores.rice, number, measure)


def test_a_pack_that_does_not_divide_into_whole_things_is_refused(stores: Stores) -> None:
    bale = Pack.objects.create(item=stores.blanket, name="bale of 25", quantity=Decimal(25))
    assert base_quantity(stores.blanket, Decimal("0.2"), pack=bale) == 5
    with pytest.raises(Refused, match="0.3 × bale of 25 would be 7.5 pc"):
        base_quantity(stores.blanket, Decimal("0.3"), pack=bale)
    with pytest.raises(Refused, match="whole pc"):
        base_quantity(stores.blanket, Decimal("1.5"))
    with pytest.raises(Refused, match="another item"):
        base_quantity(stores.rice, Decimal(1), pack=bale)


@pytest.mark.parametrize(
    ("text", "kilograms"),
    [("0", 0), ("137", 137), ("4 sack of 25 kg + 12", 112), ("2 sack of 25 kg", 50), ("1 200,5 kg", "1200.5")],
)
def test_a_counter_writes_packs_and_what_is_loose(stores: Stores, text: str, kilograms: int | str) -> None:
    assert read_sum(stores.rice, text) == Decimal(kilograms)


@pytest.mark.parametrize("text", ["", "many", "4 bucket", "2 +", "-3", "+"])
def test_what_is_no_count_gets_a_sentence(stores: Stores, text: str) -> None:
    with pytest.raises(Refused):
        read_sum(stores.rice, text)
