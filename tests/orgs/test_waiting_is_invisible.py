"""An organisation that waits for approval is known at no door to anybody but who entered it and who approves it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from komek.accounts.models import User
from komek.records.models import Approval
from orgs.models import Activity, Organisation, Sector, Site
from tests.conftest import Cast, point

NAME = "Zebrafund"


@pytest.fixture
def waiting(cast: Cast) -> Organisation:
    """With a site and an activity that its people entered meanwhile."""
    made = Organisation.objects.create(name=NAME, entered_by=cast.outsider, approval=Approval.PENDING)
    site = Site.objects.create(
        operation=cast.operation, name=f"{NAME} office", organisation=made, location=point(58.4, 38.4),
        entered_by=cast.outsider,
    )  # fmt: skip
    sector = Sector.objects.create(key="zz-water", name="Water")
    Activity.objects.create(
        operation=cast.operation,
        title=f"{NAME} water",
        area_as_given="Baharly",
        organisation=made,
        site=site,
        sector=sector,
        entered_by=cast.outsider,
    )
    return made


def doors(organisation: Organisation) -> dict[str, str]:
    exports = {
        f"export of {key}": f"/exchange/{key}/export/?format=csv"
        for key in ("orgs.organisation", "orgs.site", "orgs.activity")
    }
    return {
        "search": f"/search/?q={NAME[:6]}",
        "search by code": f"/search/?q={organisation.code}",
        "list": f"/organisations/?q={NAME}",
        "sites": "/sites/",
        "activities": "/activities/",
        "lookup": f"/lookup/orgs.organisation/?q={NAME[:6]}",
        "map": "/sites.geojson",
        "page": f"/organisations/{organisation.code}/",
        "history": f"/history/orgs/organisation/{organisation.pk}/",
        "API list": "/api/v1/organisations/",
        "API record": f"/api/v1/organisations/{organisation.code}/",
        "API sites": "/api/v1/sites/",
        "API activities": "/api/v1/activities/",
        "coverage": "/coverage/",
        "duplicates": "/organisations/duplicates/",
        **exports,
    }


def told(user: User, organisation: Organisation) -> set[str]:
    """The doors at which this person reads the name."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    found = set()
    for door, path in doors(organisation).items():
        answer: Any = client.get(path, follow=True)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        asked = f'value="{NAME[:6]}'.encode()
        if NAME.encode() in body.replace(asked, b"").replace(f"q={NAME}".encode(), b"").replace(
            f'value="{NAME}"'.encode(), b""
        ):
            found.add(door)
    return found


def test_others_find_it_at_no_door(cast: Cast, waiting: Organisation) -> None:
    assert told(cast.oraz, waiting) == set()
    assert told(cast.lale, waiting) == set()


def test_who_approves_finds_it(cast: Cast, waiting: Organisation) -> None:
    assert {"page", "list", "API record"} <= told(cast.aina, waiting)
