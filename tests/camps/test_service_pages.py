"""Where most is missing: sites compared by one standard, on a list and a map; and where not to send more people."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from camps.assessing import worst_gaps
from camps.headcounts import report_headcount
from camps.measuring import measure
from camps.models import Camp, CampType, Standard
from camps.sites import register_camp
from orgs.models import Opening
from tests.camps.conftest import CampCast
from tests.conftest import Cast, SignIn, actor, point

Standards = dict[str, Standard]


@pytest.fixture
def compared(camps: CampCast, cast: Cast, standards: Standards) -> CampCast:
    """Stadium camp lacks half of its water, School 12 most of it; of a third site nothing is known."""
    then = timezone.now() - timedelta(hours=2)
    Camp.objects.update(opened_on=timezone.localdate() - timedelta(days=90))
    for camp, litres in ((camps.camp, 750), (camps.other, 200)):
        report_headcount(by=actor(cast.aina), operation=camp.operation, camp=camp, people=100, occurred_at=then)
        measure(
            by=actor(cast.aina), operation=camp.operation, camp=camp, standard=standards["water"], value=Decimal(litres),
            occurred_at=then,
        )  # fmt: skip
    register_camp(
        by=actor(cast.aina), operation=cast.operation, organisation=cast.relief, name="Silent valley",
        camp_type=CampType.SPONTANEOUS, location=point(58.6, 38.1), opening=Opening.OPEN,
    )  # fmt: skip
    return camps


def test_the_worst_site_comes_first_and_the_unknown_last(compared: CampCast, cast: Cast, sign_in: SignIn) -> None:
    page = sign_in(cast.oraz).get("/services/?standard=water").content.decode()
    places = [page.index(f">{name}</a>") for name in ("School 12", "Stadium camp", "Silent valley")]
    assert places == sorted(places)
    assert "1,300 l more water a day" in page
    assert "Open sites: 3. Something is missing at 2; not known at 1." in page


def test_the_map_shows_each_site_by_how_much_is_missing(compared: CampCast, cast: Cast, sign_in: SignIn) -> None:
    found = sign_in(cast.oraz).get("/services.geojson?standard=water").json()
    levels = {feature["properties"]["title"]: feature["properties"]["level"] for feature in found["features"]}
    assert levels == {"School 12": "critical", "Stadium camp": "much", "Silent valley": "unknown"}
    assert set(levels.values()) <= set(found["style"]["colours"])


def test_a_standard_nobody_knows_is_the_first_one_and_none_at_all_is_said(
    compared: CampCast, cast: Cast, sign_in: SignIn
) -> None:
    client = sign_in(cast.oraz)
    assert "1,300 l more water a day" in client.get("/services/?standard=dancing").content.decode()
    Standard.objects.update(is_active=False)
    assert "No standards yet" in client.get("/services/").content.decode()
    assert client.get("/services.geojson").json()["features"] == []


def test_the_public_and_waiting_accounts_see_none_of_it(
    compared: CampCast, cast: Cast, sign_in: SignIn, client: Any
) -> None:
    assert client.get("/services/").status_code == 302
    assert sign_in(cast.pending).get("/services/").status_code in (302, 403)


def test_what_misses_most_is_known_for_many_sites_at_once(
    compared: CampCast, django_assert_max_num_queries: Any
) -> None:
    sites = list(Camp.objects.order_by("pk"))
    with django_assert_max_num_queries(4):
        gaps = worst_gaps(sites)
    assert [gaps[site.pk] for site in sites] == pytest.approx([0.5, 1 - 2 / 15, None])


def test_people_are_sent_rather_where_services_are_better(compared: CampCast, cast: Cast, sign_in: SignIn) -> None:
    Camp.objects.filter(pk=compared.other.pk).update(capacity=1000)
    Camp.objects.filter(pk=compared.other.pk).update(location=compared.camp.location)
    page = sign_in(cast.aina).get("/camps/placement/", {"people": "50", "location": "38.2, 58.4"}).content.decode()
    assert page.index("Stadium camp") < page.index("School 12")
    assert "services far below the standard" in page
