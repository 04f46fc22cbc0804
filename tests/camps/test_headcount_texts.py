"""Headcounts by text: read in any spelling, confirmed when they jump, taken back, and only by those who report there."""

from __future__ import annotations

from typing import Any

import pytest

from camps.models import Headcount, HeadcountStanding
from camps.sms_commands import Counted, HeadcountCommand
from komek.records.codes import make_code
from tests.camps.conftest import CampCast
from tests.messaging.conftest import STRANGER, bound, said

CODE = make_code("C", 114)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{CODE} 412", Counted(CODE, 412)),
        (f"c 114o {CODE and '412'}".replace("114o", CODE[1:]), Counted(CODE, 412)),
        (f"С{CODE[1:]} 412 м198 ж214 у61 е30", Counted(CODE, 412, male=198, female=214, under_five=61, elderly=30)),
        (f"{CODE} 412 M198,F214 +12 -4 h=90", Counted(CODE, 412, 198, 214, households=90, arrived=12, left=4)),
        (f"{CODE} M198 F214", Counted(CODE, 412, 198, 214)),
        (f"{CODE} 1 250", Counted(CODE, 1250)),
        (f"{CODE} 4o", Counted(CODE, 40)),
    ],
)
def test_a_headcount_is_read_as_people_write_it(text: str, expected: Counted) -> None:
    read = HeadcountCommand().parse(text)
    assert read == expected
    assert HeadcountCommand().parse(read.written()) == read


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Which site"), (CODE, "How many"), (f"{CODE} many", "many"), (f"{CODE} 5 6", "6"), (f"{CODE} M1 M2", "M2"),
        (f"{CODE[:-1]}{(int(CODE[-1]) + 1) % 10} 5", "wrong letter or digit"), ("412", "Which site"), (f"{CODE} -4", "How many"),
        (f"{CODE} 999999999", "too many"), ("stadium 5", "not a site's code"), (f"{CODE} twelve 12", "twelve"),
    ],
)  # fmt: skip
def test_what_is_not_a_headcount_is_refused_in_words(text: str, sentence: str) -> None:
    with pytest.raises(ValueError) as refusal:
        HeadcountCommand().parse(text)
    assert sentence in str(refusal.value)


def test_a_headcount_by_text_is_kept_confirmed_when_it_jumps_and_taken_back(camps: CampCast, db: Any) -> None:
    bound(camps.bahar)
    code = camps.camp.code
    assert said(f"HC {code} 400 M190 F210") == f"{code} Stadium camp: 400 people noted. Undo: UNDO {code}"
    kept = Headcount.objects.get()
    assert (kept.people, kept.female, kept.entered_by, kept.channel) == (400, 210, camps.bahar, "sms")
    assert "not 400" in said(f"HC {code} 400 M1 F2")
    asked = said(f"hc{code} 900")
    assert "far from the 400" in asked and asked.endswith("1 Yes 2 No")
    assert Headcount.objects.latest("pk").standing == HeadcountStanding.QUESTIONED
    assert "900 people noted" in said("1")
    assert Headcount.objects.filter(people=900).get().standing == HeadcountStanding.ACCEPTED
    assert "900 people taken back" in said("UNDO")
    assert Headcount.objects.filter(people=900).get().standing == HeadcountStanding.WITHDRAWN


def test_strangers_and_those_of_other_organisations_report_nothing(camps: CampCast, db: Any) -> None:
    assert "send JOIN" in said(f"HC {camps.camp.code} 400", sender=STRANGER)
    bound(camps.bahar)
    assert "another organisation" in said(f"HC {camps.other.code} 5")
    assert "No site with people" in said(f"HC {make_code('C', 99999)} 5")
    assert not Headcount.objects.exists()
