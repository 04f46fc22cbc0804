"""Tallies of an organisation's sites and activities are kept by the database, whichever way rows come and go."""

from __future__ import annotations

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from komek.operations.models import Operation
from komek.places.models import Area
from orgs.models import Activity, Organisation, OrganisationTally, Sector, Site
from tests.conftest import Cast


def tallies(organisation: Organisation) -> dict[int | None, tuple[int, int]]:
    rows = OrganisationTally.objects.filter(organisation=organisation)
    return {row.operation_id: (row.sites, row.activities) for row in rows}


def test_a_tally_follows_inserts_moves_and_deletes_in_bulk_and_by_sql(cast: Cast, areas: dict[str, Area]) -> None:
    here, sector = cast.operation, Sector.objects.create(key="wells", name="Wells")
    other = Operation.objects.create(slug="other", name="Other", started_at=here.started_at)
    Site.objects.bulk_create(
        Site(code=f"C900{n}", name="S", organisation=cast.relief, operation=here if n else None) for n in range(3)
    )
    Activity.objects.bulk_create(
        Activity(
            code=f"A900{n}", title="A", organisation=cast.relief, operation=here, sector=sector, area=areas["XX11"]
        )
        for n in range(4)
    )
    assert tallies(cast.relief) == {here.pk: (2, 4), None: (1, 0)}
    Activity.objects.filter(code="A9000").update(organisation=cast.ministry)
    Activity.objects.filter(code="A9001").update(operation=other)
    Activity.objects.filter(code="A9002").update(title="B")
    Site.objects.create(name="Nobody's", operation=here)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM orgs_activity WHERE code = 'A9003'")
    Site.objects.filter(operation=None).delete()
    assert tallies(cast.relief) == {here.pk: (2, 1), other.pk: (0, 1), None: (0, 0)}
    assert tallies(cast.ministry)[here.pk] == (0, 1)


def test_the_list_orders_by_tallies_without_counting_rows(cast: Cast, client: Client, areas: dict[str, Area]) -> None:
    sector = Sector.objects.create(key="wells", name="Wells")
    Activity.objects.create(
        title="A", organisation=cast.relief, operation=cast.operation, sector=sector, area=areas["XX11"]
    )
    Site.objects.create(name="S", organisation=cast.relief, operation=None)
    client.force_login(cast.aina, backend="django.contrib.auth.backends.ModelBackend")
    with CaptureQueriesContext(connection) as queries:
        answer = client.get("/organisations/?sort=-activities&column=code&column=activities&column=sites")
    assert not [query for query in queries if "orgs_activity" in query["sql"] or "orgs_site" in query["sql"]]
    rows = [(row.code, row.activity_count, row.site_count) for row in answer.context["page"]]
    assert rows[0] == (cast.relief.code, 1, 1)
    assert {row[1:] for row in rows[1:]} == {(0, 0)}


def test_filters_of_activities_and_sites_leave_the_order_to_an_index(cast: Cast, client: Client) -> None:
    Sector.objects.get_or_create(key="wash", defaults={"name": "Water"})
    client.force_login(cast.aina, backend="django.contrib.auth.backends.ModelBackend")
    for path in ("/activities/", "/api/v1/activities/"):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"{path}?sector=wash&status=ongoing&affected_group=all").status_code == 200
        asked = [query["sql"] for query in queries if 'FROM "orgs_activity"' in query["sql"]]
        assert asked
        assert not [sql for sql in asked if "DISTINCT" in sql or '"orgs_sector"."key" IN' in sql]
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'orgs_activity_newest_sector'")
        assert "(operation_id, sector_id, starts_on DESC NULLS LAST, id DESC)" in cursor.fetchone()[0]
