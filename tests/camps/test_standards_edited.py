"""Coordinators change the figures that sites are compared with; a change has a history and cannot be nonsense."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from camps.measuring import measure
from camps.models import Comparison, Standard
from camps.refusals import Refused
from camps.standards import add_standard, change_standard
from komek.accounts.authority import NotAllowed
from komek.records.changes import changes_of
from tests.camps.conftest import CampCast
from tests.conftest import Cast, SignIn, actor

Standards = dict[str, Standard]
PUMPS: dict[str, Any] = {
    "key": "hand_pumps", "name": "Hand pumps", "comparison": Comparison.PEOPLE_PER_UNIT, "target": Decimal(500),
    "source": "Sphere Handbook 2018, Water supply standard 2.1",
}  # fmt: skip


def change(cast: Cast, standard: Standard, user: Any = None, **fields: Any) -> Standard:
    return change_standard(by=actor(user or cast.aina), operation=cast.operation, standard=standard, **fields)


def test_a_coordinator_of_the_operation_changes_a_figure_and_history_tells_it(cast: Cast, standards: Standards) -> None:
    change(cast, standards["water"], target=Decimal(20))
    told = [(field.label, field.before, field.after) for field in changes_of(standards["water"])[0].fields]
    assert told == [("Standard", "15", "20")]


def test_nobody_else_changes_or_adds_one(cast: Cast, camps: CampCast, standards: Standards) -> None:
    for user in (cast.murad, camps.bahar, cast.oraz, cast.pending):
        with pytest.raises(NotAllowed):
            change(cast, standards["water"], user, target=Decimal(20))
        with pytest.raises(NotAllowed):
            add_standard(by=actor(user), operation=cast.operation, **PUMPS)


def test_an_installation_adds_a_figure_of_its_own(cast: Cast, standards: Standards) -> None:
    added = add_standard(by=actor(cast.aina), operation=cast.operation, **PUMPS)
    assert Standard.objects.get(key="hand_pumps") == added


@pytest.mark.parametrize(
    ("key", "fields", "fault"),
    [
        ("water", {"target": None}, "target"),
        ("water", {"target": Decimal(-1)}, "target"),
        ("water", {"first": Decimal(16)}, "first"),
        ("toilets", {"first": Decimal(10)}, "first"),
        ("water_taps", {"first_days": 30}, "first"),
        ("covered_area", {"upper_cold": Decimal(4)}, "upper_cold"),
        ("toilets_women", {"share": Decimal("1.5")}, "share"),
        ("toilets_women", {"part_of": None}, "part_of"),
        ("water", {"source": " "}, "source"),
        ("water", {"name": ""}, "name"),
        ("water", {"comparison": "guess"}, "comparison"),
        ("water", {"item_covers": Decimal(0)}, "item_covers"),
        ("water", {"target": Decimal("9999999999")}, "target"),
        ("water", {"key": "wasser"}, "key"),
    ],
)
def test_figures_that_mean_nothing_are_refused_at_their_field(
    cast: Cast, standards: Standards, key: str, fields: dict[str, Any], fault: str
) -> None:
    with pytest.raises(Refused) as refusal:
        change(cast, standards[key], **fields)
    assert list(refusal.value.message_dict) == [fault]


def test_a_standard_is_not_counted_in_itself_nor_a_key_taken_twice(cast: Cast, standards: Standards) -> None:
    with pytest.raises(Refused, match="in itself"):
        change(cast, standards["toilets"], part_of=standards["toilets"])
    with pytest.raises(Refused, match="in itself"):
        change(cast, standards["bathing"], part_of=standards["toilets_men"])
    with pytest.raises(Refused, match="Another standard has this key"):
        add_standard(by=actor(cast.aina), operation=cast.operation, **{**PUMPS, "key": "water"})


def test_what_a_figure_means_stays_once_something_was_measured(
    cast: Cast, camps: CampCast, standards: Standards
) -> None:
    change(cast, standards["water"], unit="litres")
    measure(
        by=actor(camps.dowlet), operation=cast.operation, camp=camps.camp, standard=standards["water"], value=Decimal(5),
        occurred_at=timezone.now(),
    )  # fmt: skip
    with pytest.raises(Refused) as refusal:
        change(cast, standards["water"], unit="gallons", comparison=Comparison.AT_LEAST)
    assert set(refusal.value.message_dict) == {"unit", "comparison"}


def filled(client: Any, address: str) -> dict[str, Any]:
    """The form as the page shows it, as a browser would send it back."""
    found = client.get(address).context["form"]
    values = {bound.html_name: getattr(bound.value(), "pk", bound.value()) for bound in found}
    sent = {name: "" if value is None else value for name, value in values.items()}
    return {name: value for name, value in sent.items() if value is not False}


def test_the_page_saves_what_was_changed_and_leaves_the_rest(cast: Cast, standards: Standards, sign_in: SignIn) -> None:
    client = sign_in(cast.aina)
    before = Standard.objects.filter(key="toilets").values().get()
    sent = client.post("/standards/toilets/change/", {**filled(client, "/standards/toilets/change/"), "target": "25"})
    assert (sent.status_code, sent["Location"]) == (302, "/standards/toilets/")
    after = Standard.objects.filter(key="toilets").values().get()
    assert {name for name in after if after[name] != before[name]} == {"target", "updated_at"}
    page = client.get("/standards/toilets/").content.decode()
    assert "at most 25 people for each" in page and "History of this entry" in page


def test_the_history_page_of_a_standard_opens(cast: Cast, standards: Standards, sign_in: SignIn) -> None:
    change(cast, standards["water"], target=Decimal(20))
    page = sign_in(cast.aina).get(f"/history/camps/standard/{standards['water'].pk}/")
    assert page.status_code == 200 and ">20<" in page.content.decode().replace(" ", "").replace("\n", "")


def test_a_language_that_is_emptied_stays_empty_when_data_is_loaded_again(
    cast: Cast, standards: Standards, sign_in: SignIn
) -> None:
    from camps.reference_data_standards import Standards as Plug

    client = sign_in(cast.aina)
    client.post("/standards/toilets/change/", {**filled(client, "/standards/toilets/change/"), "name_ru": ""})
    Plug().load(lambda line: None)
    assert Standard.objects.get(key="toilets").names["ru"] == ""


def test_two_people_do_not_overwrite_each_other(cast: Cast, standards: Standards, sign_in: SignIn) -> None:
    client = sign_in(cast.aina)
    mine = filled(client, "/standards/toilets/change/")
    change(cast, standards["toilets"], target=Decimal(30))
    page = client.post("/standards/toilets/change/", {**mine, "target": "25"})
    assert page.status_code == 422 and "Somebody else changed this" in page.content.decode()


def test_the_list_and_the_form_are_for_whom_they_are_meant(cast: Cast, standards: Standards, sign_in: SignIn) -> None:
    page = sign_in(cast.oraz).get("/standards/")
    assert page.status_code == 200
    assert "at least 4.5–5.5 m² per person" in page.content.decode()
    assert sign_in(cast.oraz).get("/standards/add/").status_code == 403
    assert sign_in(cast.murad).get("/standards/water/change/").status_code == 403
    assert sign_in(cast.aina).get("/standards/add/").status_code == 200
