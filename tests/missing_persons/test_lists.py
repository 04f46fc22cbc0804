"""Lists of persons: each filter works, and however many rows a page has, its queries are as many."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from komek.places.models import Area
from missing_persons.models import Person
from missing_persons.publishing import publish
from tests.conftest import SignIn, actor
from tests.missing_persons.conftest import Desk, Tell

PATHS = ("/persons/", "/persons/waiting/", "/api/v1/missing-persons/", "/api/v1/missing-reports/")


def test_pages_keep_their_query_count(desk: Desk, tell: Tell, sign_in: SignIn) -> None:
    browser = sign_in(desk.nurjan)

    def queries() -> list[int]:
        found = []
        for path in PATHS:
            with CaptureQueriesContext(
                connection,
            ) as seen:
                assert browser.get(path).status_code == 200
            found.append(len(seen))
        return found

    tell("Aman Ataev")
    queries()
    few = queries()
    for name in ("Bahar", "Serdar", "Jeren", "Maral"):
        tell(name, f"{name} Orazowa")
    assert queries() == few


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("text=Атаев Аман", 1), ("text=CODE", 1), ("text=nobody at all", 0), ("status=missing", 2), ("status=alive", 0),
        ("sex=female", 1), ("home=XX11", 1), ("home=XX1", 1), ("last_seen=XX2", 0), ("kind=found", 1), ("kind=safe", 0),
        ("visibility=public", 1), ("is_child_alone=true", 1), ("since=2026-03-01T00:00:00Z", 3), ("until=2026-03-01T00:00:00Z", 0),
        ("updated_since=2999-01-01T00:00:00Z", 0),
    ],
)  # fmt: skip
def test_each_filter_works(
    desk: Desk, tell: Tell, sign_in: SignIn, areas: dict[str, Area], query: str, found: int
) -> None:
    one = tell("Aman Ataev", home_area=areas["XX11"])
    tell("Bahar Orazowa", sex="female")
    tell("Jeren", kind="found", age_from=6)
    publish(by=actor(desk.nurjan), operation=desk.operation, record=one)
    asked = query.replace("CODE", one.code)
    page = sign_in(desk.nurjan).get(f"/persons/?{asked}").content.decode()
    assert (
        sum(person.code in page.replace(asked, "").split('id="list"')[-1] for person in Person.objects.all()) == found
    )


def test_whoever_searches_by_name_sees_the_likeliest_first(desk: Desk, tell: Tell, sign_in: SignIn) -> None:
    right = tell("Aman Ataev")
    tell("Amangeldi Ataev")
    page = sign_in(desk.nurjan).get("/persons/?text=Аман Атаев").content.decode()
    codes = [person.code for person in Person.objects.all() if person.code in page]
    assert min(codes, key=page.index) == right.code
