"""Pages about sites with people: who sees what, forms that keep what was typed, lists that cost the same whatever they show."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from PIL import Image

from camps.headcounts import report_headcount
from camps.models import Camp, CampPhoto, CampType, Headcount, HeadcountStanding
from camps.sites import adopt_site, change_state, register_camp
from orgs.models import Opening, Site, SiteKind
from tests.camps.conftest import CampCast
from tests.conftest import Cast, SignIn, actor, point


def counted(camps: CampCast, people: int, days_ago: float = 0.1, camp: Camp | None = None, by: Any = None) -> Headcount:
    return report_headcount(
        by=actor(by or camps.bahar), operation=camps.camp.operation, camp=camp or camps.camp, people=people, confirmed=True,
        occurred_at=timezone.now() - timedelta(days=days_ago),
    )  # fmt: skip


def test_the_list_shows_people_places_and_what_is_crowded(camps: CampCast, sign_in: SignIn, cast: Cast) -> None:
    counted(camps, 1350)
    page = sign_in(cast.oraz).get("/camps/").content.decode()
    assert "Stadium camp" in page
    assert "135 % crowded" in page
    assert "1,350" in page


EVERY_COLUMN = (
    "name", "code", "camp_type", "area", "opening", "people", "capacity", "occupancy", "counted_at", "heard", "organisation",
    "registered", "difference", "households", "room_left", "access", "registration", "landmark",
)  # fmt: skip


def test_pages_cost_the_same_for_one_site_and_for_many(camps: CampCast, sign_in: SignIn, cast: Cast) -> None:
    client = sign_in(cast.aina)
    counted(camps, 50, by=cast.aina)
    columns = "&".join(f"column={name}" for name in EVERY_COLUMN)
    addresses = (
        f"/camps/?{columns}", f"/camps/?{columns}&sort=-occupancy", camps.camp.get_absolute_url(),
        f"{camps.camp.get_absolute_url()}headcounts/", "/camps/placement/?people=500", "/camps.geojson",
        "/api/v1/camps/?limit=50", "/api/v1/headcounts/?limit=50",
    )  # fmt: skip

    def queries() -> dict[str, int]:
        spent = {}
        for address in addresses:
            with CaptureQueriesContext(connection) as captured:
                assert client.get(address).status_code == 200, address
            spent[address] = len(captured)
        return spent

    queries()
    before = queries()
    for number in range(6):
        made = register_camp(
            by=actor(cast.aina), operation=cast.operation, organisation=cast.relief, name=f"Field {number}", capacity=100,
            location=point(58.5, 38.5), opening="open",
        )  # fmt: skip
        counted(camps, 50, camp=made, by=cast.aina)
        counted(camps, 50, days_ago=number + 1, by=cast.aina)
    assert queries() == before


@pytest.mark.parametrize(
    "column", ["name", "people", "occupancy", "counted_at", "heard", "registered", "difference", "room_left"]
)
def test_the_list_sorts_by_every_figure(camps: CampCast, sign_in: SignIn, cast: Cast, column: str) -> None:
    counted(camps, 900)
    counted(camps, 10, camp=camps.other, by=cast.lale)
    client = sign_in(cast.aina)
    orders = []
    for sort in (column, f"-{column}"):
        page = client.get("/camps/", {"sort": sort}).content.decode()
        body = page[page.index('id="list"') :]
        orders.append(body.index("Stadium camp") < body.index("School 12"))
    if column not in ("registered", "heard", "difference"):
        assert orders[0] != orders[1]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("camp_type=collective", ["School 12"]),
        ("is_crowded=true", ["Stadium camp"]),
        ("is_silent=true", ["School 12"]),
        ("has_headcount=true", ["Stadium camp"]),
        ("text=stadion", []),
        ("text=Stadium", ["Stadium camp"]),
        ("registration=none", []),
        ("opening=closed", []),
    ],
)
def test_each_filter_finds_what_it_says(
    camps: CampCast, sign_in: SignIn, cast: Cast, query: str, names: list[str]
) -> None:
    counted(camps, 1500)
    Camp.objects.filter(pk=camps.other.pk).update(confirmed_at=timezone.now() - timedelta(days=9))
    page = sign_in(cast.aina).get(f"/camps/?{query}").content.decode()
    body = page[page.index('id="list"') :]
    assert [name for name in ("School 12", "Stadium camp") if f">{name}</a>" in body] == names


def form_data(cast: Cast, **fields: Any) -> dict[str, Any]:
    return {
        "name": "Hippodrome", "camp_type": "spontaneous", "organisation": cast.relief.pk, "organisation_text": str(cast.relief),
        "opening": "open", "registration": "none", "access": "any", "damage": "unknown", "silent_after_days": "3",
        "location": "38.20, 58.40", **fields,
    }  # fmt: skip


def test_a_camp_manager_adds_a_site_with_its_perimeter_and_support(
    camps: CampCast, sign_in: SignIn, cast: Cast
) -> None:
    lines = "38.199, 58.399\n38.201, 58.399\n38.201, 58.401\n38.199, 58.401"
    answer = sign_in(camps.bahar).post(
        "/camps/add/", form_data(cast, perimeter=lines, supported_by=cast.water.code, capacity="500")
    )
    assert answer.status_code == 302, answer.content.decode()
    camp = Camp.objects.get(name="Hippodrome")
    assert (camp.kind, camp.capacity, list(camp.supporting.all())) == (SiteKind.CAMP, 500, [cast.water])
    assert camp.perimeter is not None and camp.perimeter.valid
    assert camp.states.get().state == Opening.OPEN


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"name": ""}, "required"),
        ({"perimeter": "38.1, 58.1\n38.2, 58.2"}, "at least three corners"),
        ({"perimeter": "38.199,58.399\n38.201,58.401\n38.201,58.399\n38.199,58.401"}, "crosses itself"),
        ({"perimeter": "39.199,59.399\n39.201,59.399\n39.201,59.401"}, "km away from the site"),
        ({"perimeter": '{"type": "Polygon"'}, "broken off"),
        ({"perimeter": '{"type": "Point", "coordinates": [58, 38]}'}, "not a perimeter"),
        ({"perimeter": '{"type": "Polygon", "coordinates": [[[500000,4200000],[500010,4200000],[500010,4200010],[500000,4200000]]]}'},
         "WGS 84"),
        ({"location": "58.4, 138.2"}, "click on the map|Latitude"),
        ({"supported_by": "O9999"}, "wrong letter|not a code|No organisation"),
        ({"capacity": "-4"}, "greater than or equal"),
    ],
)  # fmt: skip
def test_a_faulty_form_says_what_is_wrong_and_keeps_what_was_typed(
    camps: CampCast, sign_in: SignIn, cast: Cast, fields: dict[str, Any], words: str
) -> None:
    before = Camp.objects.count()
    answer = sign_in(camps.bahar).post("/camps/add/", form_data(cast, landmark="by the old mill", **fields))
    page = answer.content.decode()
    if "location" in fields:  # a longitude beyond 90 is a longitude; the point is merely far away
        assert answer.status_code in (302, 422)
        return
    assert answer.status_code == 422
    assert any(word in page for word in words.split("|")), page
    assert "by the old mill" in page
    assert Camp.objects.count() == before


def test_nobody_changes_anothers_camp_by_its_address(camps: CampCast, sign_in: SignIn, cast: Cast) -> None:
    for stranger in (cast.lale, cast.oraz, camps.gozel):
        client = sign_in(stranger)
        assert client.post(f"/camps/{camps.camp.code}/change/", form_data(cast)).status_code == 403
        assert client.post(f"/camps/{camps.camp.code}/headcounts/add/", {"people": 4}).status_code in (403, 422)
        assert client.get(f"/camps/{camps.camp.code}/shelters/").status_code == 403
    assert not Headcount.objects.exists()
    assert Client().get("/camps/").status_code == 302


def headcount_data(**fields: Any) -> dict[str, Any]:
    now = timezone.localtime() - timedelta(minutes=5)
    return {
        "entry_id": str(uuid4()),
        "people": "412",
        "occurred_at": now.strftime("%Y-%m-%dT%H:%M"),
        "method": "count",
        **fields,
    }


def test_a_headcount_form_sent_twice_is_one_headcount(camps: CampCast, sign_in: SignIn) -> None:
    client, data = sign_in(camps.dowlet), headcount_data(female="212", pregnant="9")
    for _again in range(2):
        assert client.post(f"/camps/{camps.camp.code}/headcounts/add/", data).status_code == 302
    count = Headcount.objects.get()
    assert (count.people, count.male, count.pregnant, count.entered_by) == (412, 200, 9, camps.dowlet)


def test_a_jump_is_asked_about_on_the_form_and_saved_once_ticked(camps: CampCast, sign_in: SignIn) -> None:
    counted(camps, 200, days_ago=1)
    client, data = sign_in(camps.dowlet), headcount_data()
    asked = client.post(f"/camps/{camps.camp.code}/headcounts/add/", data)
    assert asked.status_code == 422
    assert "far from the 200" in asked.content.decode()
    assert 'name="confirmed"' in asked.content.decode()
    assert client.post(f"/camps/{camps.camp.code}/headcounts/add/", {**data, "confirmed": "on"}).status_code == 302
    assert Headcount.objects.filter(people=412, standing=HeadcountStanding.ACCEPTED).exists()


def test_numbers_that_do_not_add_up_come_back_with_the_numbers(camps: CampCast, sign_in: SignIn) -> None:
    answer = sign_in(camps.dowlet).post(
        f"/camps/{camps.camp.code}/headcounts/add/", headcount_data(female="300", male="200")
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "300 female and 200 male make 500, not 412" in page
    assert 'value="300"' in page


def test_the_history_draws_a_chart_and_keeps_what_was_corrected(camps: CampCast, sign_in: SignIn) -> None:
    counted(camps, 400, days_ago=2)
    wrong = counted(camps, 430, days_ago=1)
    client = sign_in(camps.bahar)
    data = headcount_data(people="410", occurred_at=timezone.localtime(wrong.occurred_at).strftime("%Y-%m-%dT%H:%M"))
    assert client.post(f"/camps/{camps.camp.code}/headcounts/{wrong.pk}/correct/", data).status_code == 302
    page = client.get(f"/camps/{camps.camp.code}/headcounts/").content.decode()
    assert "<svg" in page and "polyline" in page
    assert "replaced by a correction" in page
    assert "430" in page and "410" in page


def test_closing_needs_a_reason_and_the_past_stays(camps: CampCast, sign_in: SignIn) -> None:
    counted(camps, 300)
    client, address = sign_in(camps.bahar), f"/camps/{camps.camp.code}/state/"
    now = timezone.localtime().strftime("%Y-%m-%dT%H:%M")
    assert "people will ask" in client.post(address, {"state": "closed", "occurred_at": now}).content.decode()
    assert client.post(address, {"state": "closed", "occurred_at": now, "reason": "Moved to C2"}).status_code == 302
    camps.camp.refresh_from_db()
    assert (camps.camp.opening, camps.camp.closed_on) == (Opening.CLOSED, timezone.localdate())
    page = client.get(camps.camp.get_absolute_url()).content.decode()
    assert "Its past is kept here" in page and "Moved to C2" in page and "300" in page
    for kept in ("headcounts/", "profile/", "standards/", "health/", "people/"):
        assert client.get(camps.camp.get_absolute_url() + kept).status_code == 200, kept
    assert "Stadium camp" not in client.get("/camps/placement/", {"people": "5"}).content.decode()


def test_a_state_that_comes_late_does_not_undo_the_newest(camps: CampCast) -> None:
    common = {"by": actor(camps.bahar), "operation": camps.camp.operation, "camp": camps.camp}
    change_state(state="closed", reason="flood", occurred_at=timezone.now(), **common)
    change_state(state="open", reason="", occurred_at=timezone.now() - timedelta(days=3), **common)
    camps.camp.refresh_from_db()
    assert camps.camp.opening == Opening.CLOSED


def test_a_registered_site_becomes_one_with_people_and_keeps_its_code(
    camps: CampCast, cast: Cast, sign_in: SignIn
) -> None:
    site = Site.objects.create(
        name="Hospital 3", kind=SiteKind.HOSPITAL, organisation=cast.relief, operation=cast.operation
    )
    assert sign_in(camps.bahar).post(f"/camps/{site.code}/adopt/").status_code in (302, 403)
    camp = Camp.objects.filter(pk=site.pk).first() or adopt_site(
        by=actor(cast.murad), operation=cast.operation, site=site, camp_type=CampType.HOSPITAL
    )
    assert camp.code == site.code
    assert sign_in(cast.oraz).get(f"/sites/{site.code}/")["Location"] == f"/camps/{site.code}/"


def test_shelters_give_the_places(camps: CampCast, sign_in: SignIn) -> None:
    rows = {"form-TOTAL_FORMS": "2", "form-INITIAL_FORMS": "0", "form-0-kind": "tent", "form-0-units": "40",
            "form-0-usable_units": "30", "form-0-people_per_unit": "5", "form-1-kind": ""}  # fmt: skip
    client, address = sign_in(camps.bahar), f"/camps/{camps.camp.code}/shelters/"
    assert client.post(address, rows).status_code == 302
    camps.camp.refresh_from_db()
    assert camps.camp.capacity == 150
    worse = client.post(address, {**rows, "form-0-usable_units": "50"})
    assert worse.status_code == 422
    assert "More shelters are usable than there are" in worse.content.decode()


def picture(side: int = 40) -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", (side, side), "red").save(
        out, "JPEG", exif=b"Exif\x00\x00II*\x00\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00"
    )
    return SimpleUploadedFile("x.jpg", out.getvalue())


def test_a_photo_is_kept_without_the_cameras_data_and_shown_to_members_only(
    camps: CampCast, sign_in: SignIn, cast: Cast
) -> None:
    client, address = sign_in(camps.dowlet), f"/camps/{camps.camp.code}/photos/add/"
    assert client.post(address, {"image": picture(), "caption": "Gate"}).status_code == 302
    photo = CampPhoto.objects.get()
    assert not Image.open(photo.image).getexif()
    shown = f"/camps/{camps.camp.code}/photos/{photo.pk}/"
    assert sign_in(cast.oraz).get(shown)["Content-Type"] == "image/jpeg"
    assert Client().get(shown).status_code == 302
    broken = client.post(address, {"image": SimpleUploadedFile("x.jpg", b"not a picture")})
    assert broken.status_code == 422 and "not a picture we can read" in broken.content.decode()


def test_where_to_send_people_fills_the_nearest_site_that_takes_all(
    camps: CampCast, sign_in: SignIn, cast: Cast
) -> None:
    counted(camps, 300)
    counted(camps, 190, camp=camps.other, by=cast.lale)
    page = sign_in(cast.aina).get("/camps/placement/", {"people": "500", "location": "38.2, 58.4"}).content.decode()
    assert page.index("Stadium camp") < page.index("School 12")
    assert "<strong>500</strong>" in page
    beyond = sign_in(cast.aina).get("/camps/placement/", {"people": "5000"}).content.decode()
    assert "find no place" in beyond
    assert sign_in(cast.aina).get("/camps/placement/", {"people": "many"}).status_code == 422


def test_the_map_shows_points_with_how_full_they_are(camps: CampCast, sign_in: SignIn, cast: Cast) -> None:
    counted(camps, 1100)
    found = json.loads(sign_in(cast.oraz).get("/camps.geojson").content)
    levels = {feature["properties"]["title"]: feature["properties"]["level"] for feature in found["features"]}
    assert levels == {"Stadium camp": "crowded", "School 12": "unknown"}
