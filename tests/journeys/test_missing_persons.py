"""A registrar compares two entries, joins them by a key, and takes it back."""

from __future__ import annotations

from missing_persons.checking import NameGiven
from missing_persons.comparing import compare_waiting
from missing_persons.models import Joining, Person
from missing_persons.reporting import report_by_public
from tests.journeys.conftest import Visitor, World, expect
from tests.missing_persons.conftest import PUBLIC, QUAKE


def test_two_entries_are_compared_joined_by_a_key_and_taken_apart(coordinator: Visitor, world: World) -> None:
    for name, kind in (("Aman Ataýew", "missing"), ("Атаев Аман", "found")):
        report_by_public(
            by=PUBLIC, operation=world.cast.operation, kind=kind, names=[NameGiven(name)], sex="male", age_from=40,
            occurred_at=QUAKE,
        )  # fmt: skip
    compare_waiting()
    page = coordinator.open("/persons/pairs/")
    expect(page.get_by_text("Атаев Аман", exact=True)).to_be_visible()
    page.keyboard.press("1")
    expect(page.get_by_text("Joined:")).to_be_visible()
    assert Person.objects.filter(joined_into=None).count() == 1
    page.get_by_role("link", name="Undo").click()
    page.get_by_label("Reason").fill("his brother says no")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("It is put back.")).to_be_visible()
    assert Joining.objects.get().undone_at is not None
    assert Person.objects.filter(joined_into=None).count() == 2
