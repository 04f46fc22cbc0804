"""What every plug of every socket must hold to, whichever registry brings it. New plugs are tested by being there."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import Max, Min
from django.urls import reverse
from django.utils import timezone

from komek.extensions import Viewer, all_sockets
from komek.extensions.alerts import alerts
from komek.extensions.audiences import audiences
from komek.extensions.exercise import exercise
from komek.extensions.grants import grants
from komek.extensions.intake import intake
from komek.extensions.lookups import lookups
from komek.extensions.map_layers import map_layers
from komek.extensions.navigation import navigation
from komek.extensions.reference_data import reference_data
from komek.extensions.search import search
from komek.extensions.situation import situation
from komek.extensions.sms_commands import sms_commands
from komek.extensions.texts import texts
from komek.places.models import Area
from komek.records.actor import SYSTEM
from orgs.models import Activity, Sector, Site
from tests.conftest import Cast, point

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(cast: Cast, areas: dict[str, Area]) -> Cast:
    sector = Sector.objects.create(key="tents", name="Tents")
    Site.objects.create(name="Camp", organisation=cast.relief, operation=cast.operation, location=point(58.5, 38.5))
    Activity.objects.create(
        operation=cast.operation, organisation=cast.relief, sector=sector, area=areas["XX11"], title="Tents", reached=5
    )
    return cast


def viewers(cast: Cast) -> list[Viewer]:
    people = (None, cast.aina, cast.murad, cast.oraz, cast.pending, cast.outsider)
    return [Viewer(user=person, operation=cast.operation) for person in people]


def ids(socket: Any) -> Any:
    return pytest.mark.parametrize("plug", list(socket), ids=lambda plug: plug.key)


def test_every_socket_discovers_its_plugs_and_their_keys_are_unique() -> None:
    for socket in all_sockets().values():
        keys = [plug.key for plug in socket]
        assert len(keys) == len(set(keys))


@ids(navigation)
def test_menu_entries_lead_somewhere_and_the_public_sees_none_that_needs_an_account(plug: Any, world: Cast) -> None:
    for viewer in viewers(world):
        for entry in plug.entries(viewer):
            assert reverse(entry.url_name)
    assert plug.entries(Viewer(user=None, operation=world.operation)) == ()
    assert plug.entries(Viewer(user=world.pending, operation=world.operation)) == ()


@ids(map_layers)
def test_a_layer_gives_features_only_to_whom_it_is_offered(plug: Any, world: Cast) -> None:
    assert re.fullmatch(r"[a-z_]+\.[a-z_]+", plug.key)
    for viewer in viewers(world):
        rows = list(plug.queryset(viewer))
        if not plug.may_view(viewer):
            assert rows == []
        for row in rows:
            shown = plug.popup(row)
            assert shown["title"]
            assert shown["url"].startswith("/")
            for name in plug.properties:
                found: Any = row
                for part in name.split("__"):
                    found = getattr(found, part)


@ids(search)
def test_search_never_fails_and_tells_the_public_and_waiting_accounts_nothing(plug: Any, world: Cast) -> None:
    for text in ("camp", "Relief", "O1010", "%", "'", "\\", "ж" * 300, "\u202eabc"):
        for viewer in viewers(world):
            hits = plug.find(text, viewer, 5)
            assert len(hits) <= 5
            assert all(0 <= hit.score <= 1 for hit in hits)
            if viewer.user in (None, world.pending):
                assert list(hits) == []


@ids(lookups)
def test_a_choice_offered_can_be_labelled_again_and_nonsense_is_none(plug: Any, world: Cast) -> None:
    viewer = Viewer(user=world.aina, operation=world.operation)
    for text in ("", "re", "x'y", "%"):
        for choice in plug.find(text, viewer, 4):
            assert plug.label(choice.value, viewer).label == choice.label
    assert plug.label("not a key", viewer) is None
    assert plug.label("999999999", viewer) is None


@ids(situation)
def test_figures_have_a_source_and_an_age_and_the_future_adds_nothing(plug: Any, world: Cast) -> None:
    viewer = Viewer(user=world.aina, operation=world.operation)
    today = timezone.localdate()
    figures = plug.figures(viewer, today)
    assert figures
    assert all(figure.source for figure in figures)
    past = plug.figures(viewer, today - timedelta(days=4000))
    assert all(figure.value == 0 for figure in past)
    assert plug.figures(Viewer(user=world.aina, operation=None), today) == []


@ids(alerts)
def test_alerts_are_only_for_those_who_can_act_and_within_the_limit(plug: Any, world: Cast) -> None:
    for viewer in viewers(world):
        found = plug.alerts(viewer, 3)
        assert len(found) <= 3
        assert all(0 <= alert.urgency <= 100 and alert.url.startswith("/") for alert in found)
        if viewer.user in (None, world.pending):
            assert list(found) == []


@ids(grants)
def test_grants_name_roles_that_exist(plug: Any, world: Cast) -> None:
    from komek.accounts.roles import Role

    assert all(grant.role in Role.values for grant in plug.grants(world.aina))


@ids(texts)
def test_a_text_with_the_same_key_is_taken_twice_and_bad_purposes_never(plug: Any, settings: Any) -> None:
    text = {"by": SYSTEM, "to": "+99365123456", "body": "Hello", "is_secret": False, "expires_after": None}
    for _ in range(2):
        plug.send(**text, purpose="notice", dedupe_key="hello")
    with pytest.raises(ValueError, match="gossip"):
        plug.send(**text, purpose="gossip", dedupe_key="")
    settings.TEXT_GATEWAY = ""
    assert plug.can_send() is False


@ids(audiences)
def test_groups_are_offered_to_whom_may_write_to_them_and_others_reach_nobody(plug: Any, world: Cast) -> None:
    offered = plug.groups(Viewer(user=world.aina, operation=world.operation))
    for viewer in viewers(world):
        for value in (*dict(offered), "no such group", "999999999", "all"):
            if value not in dict(plug.groups(viewer)):
                assert list(plug.people(value, viewer)) == []
        if viewer.user in (None, world.pending):
            assert list(plug.groups(viewer)) == []


@ids(intake)
def test_texts_are_turned_into_records_by_those_who_may_make_them(plug: Any, world: Cast) -> None:
    for viewer in viewers(world):
        if viewer.user in (None, world.pending):
            assert plug.may(viewer) is False
    assert all(value and label for value, label in plug.kinds())


@ids(sms_commands)
def test_a_verb_is_in_capitals_has_a_line_of_help_and_refuses_nonsense_in_words(plug: Any) -> None:
    assert plug.key.isascii() and plug.key.isupper()
    assert str(plug.help).startswith(plug.key)
    assert set(plug.aliases) <= {"en", "ru", "tk", "uz", "uz-cyrl", "az"}
    for text in ("", "?", "x" * 2000, "\u202e", "%s {0}", "999999999999999999999"):
        try:
            plug.parse(text)
        except ValueError as refusal:
            assert str(refusal)


@ids(reference_data)
def test_reference_data_loads_twice_without_a_change(plug: Any) -> None:
    plug.load(lambda line: None)
    lines: list[str] = []
    plug.load(lines.append)
    assert lines == []


def test_the_exercise_loads_whole_and_the_same_twice_but_for_its_passwords(tmp_path: Any) -> None:
    import json

    from django.db import transaction

    from camps.models import Camp, Headcount, HospitalReport, Measurement, SyndromeCount
    from inventory.models import Consignment, ConsignmentState, Entry, Warehouse
    from inventory.overview import with_stock
    from inventory.verifying import verify
    from komek.operations.exercises import exercise_exists, load_exercise
    from komek.operations.models import Operation
    from orgs.models import Organisation

    for plug in sorted(reference_data, key=lambda plug: plug.order):
        plug.load(lambda line: None)
    orders = [part.order for part in exercise]
    assert len(orders) == len(set(orders))

    def names() -> list[Any]:
        operation = load_exercise(scale=1, progress=lambda *_: None, data_dir=tmp_path)
        sites = list(Site.objects.filter(operation=operation).order_by("pk").values_list("name", "damage"))
        lines = Activity.objects.filter(operation=operation).order_by("pk")
        entries = Entry.objects.filter(movement__operation=operation).order_by("pk")
        moved = list(entries.values_list("movement__kind", "account", "item__code", "quantity", "bin__label"))
        return [sites, list(lines.values_list("title", "reached", "area__pcode")), moved]

    with transaction.atomic():
        first = names()
        operation = Operation.objects.get(is_exercise=True)
        assert exercise_exists()
        assert Organisation.objects.filter(operation=operation).count() == 60
        assert Site.objects.filter(operation=operation).count() == 150
        assert Activity.objects.filter(operation=operation).count() == 300
        stores = Warehouse.objects.filter(operation=operation)
        assert stores.count() == 12 and verify() == []
        for figure in ("expired", "expiring", "items_below", "fill"):
            assert any(getattr(store, figure) for store in with_stock(stores)), figure
        states = Consignment.objects.filter(operation=operation).values_list("state", flat=True)
        assert set(states) == set(ConsignmentState.values)
        assert Camp.objects.filter(operation=operation).count() == 40
        for model in (Headcount, Measurement, SyndromeCount, HospitalReport):
            span = model.objects.filter(operation=operation).aggregate(n=Max("occurred_at") - Min("occurred_at"))["n"]
            assert timedelta(days=15) < span < timedelta(days=23), model
        sheet = tmp_path / "exercise.json"
        assert sheet.stat().st_mode & 0o077 == 0
        passwords = [account["password"] for account in json.loads(sheet.read_text())["accounts"]]
        assert len(set(passwords)) == len(passwords)
        transaction.set_rollback(True)
    assert not exercise_exists()
    assert names() == first
