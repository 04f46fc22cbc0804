"""What everybody sees of needs: only what was released, never who asks; and appeals with their progress."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils.dateparse import parse_datetime

from aid_requests.appealing import close_appeal, publish_appeal, save_appeal
from aid_requests.committing import commit
from aid_requests.models import Appeal, RequestLine
from aid_requests.refusals import Refused
from tests.aid_requests.conftest import Ask, Asking
from tests.conftest import SignIn, actor

pytestmark = pytest.mark.django_db

ATOM = "{http://www.w3.org/2005/Atom}"
WHO = {"reporter_name": "Bahar Secret", "reporter_phone": "+99365123456", "purpose": "private words"}


def test_the_public_sees_released_needs_of_real_operations_without_who_asks(
    asking: Asking, ask: Ask, exercise_operation: Any
) -> None:
    shown = ask(quantity=120, is_released=True, confirmed=True, **WHO)
    ask(quantity=77, confirmed=True, **WHO)
    drill = ask(quantity=55, is_released=True, confirmed=True)
    type(drill).objects.filter(pk=drill.pk).update(operation=exercise_operation)
    line = shown.lines.get()
    commit(by=actor(asking.aina), operation=asking.operation, line=line, quantity=Decimal(20), title="Shop")
    public = Client()
    for address in ("/needs/", "/needs/?q=blanket", "/needs/feed.atom", "/needs/feed.json"):
        answer = public.get(address)
        body = answer.content.decode()
        assert answer.status_code == 200 and "100" in body and "Blanket" in body, address
        for secret in ("Secret", "65123456", "private words", "Stadium", "Shop"):
            assert secret not in body, (address, secret)
    assert [need["asked"] for need in public.get("/needs/feed.json").json()["needs"]] == ["120"]
    assert "No open need has these words" in public.get("/needs/?q=zzz").content.decode()
    assert "/needs/" in public.get("/").content.decode()


def test_an_appeal_is_written_published_shows_its_progress_and_is_closed(
    asking: Asking, ask: Ask, sign_in: SignIn
) -> None:
    line = ask(quantity=100, is_released=True, confirmed=True, **WHO).lines.get()
    hidden = ask(quantity=30, confirmed=True).lines.get()
    aina, public = sign_in(asking.aina), Client()
    assert "Title in Russian" in aina.get("/appeals/add/").content.decode()
    typed = {"title": "Blankets for the winter", "text": "Please", "lines": [line.pk], "title_ru": "Одеяла на зиму"}
    answer = aina.post("/appeals/add/", {**typed, "title_tk": " "})
    appeal = Appeal.objects.get()
    assert answer.status_code == 302 and public.get(appeal.get_absolute_url()).status_code == 404
    aina.post(f"/appeals/{appeal.slug}/do/", {"do": "publish"})
    commit(by=actor(asking.aina), operation=asking.operation, line=line, quantity=Decimal(40))
    page = public.get(appeal.get_absolute_url()).content.decode()
    assert "40 % has come or is promised" in page and "Secret" not in page
    assert "Blankets for the winter" in public.get("/needs/").content.decode()
    russian = {"HTTP_ACCEPT_LANGUAGE": "ru"}
    for address in ("/needs/", appeal.get_absolute_url()):
        assert "Одеяла на зиму" in public.get(address, **russian).content.decode()
    assert "Please" in public.get(appeal.get_absolute_url(), **russian).content.decode()
    change = f"/appeals/{appeal.slug}/change/"
    assert "Одеяла на зиму" in aina.get(change).content.decode()
    assert aina.post(change, {**typed, "title_ru": "", "text_ru": "Прошу"}).status_code == 302
    appeal.refresh_from_db()
    assert appeal.texts == {"ru": {"text": "Прошу"}}
    again = aina.post(change, {**typed, "title": ""})
    assert again.status_code == 422 and "Одеяла на зиму" in again.content.decode()
    here: dict[str, Any] = {"operation": asking.operation, "appeal": appeal}
    with pytest.raises(Refused, match="released"):
        save_appeal(by=actor(asking.aina), **here, title="x", lines=[hidden])
    with pytest.raises(PermissionDenied):
        publish_appeal(by=actor(asking.bahar), **here)
    close_appeal(by=actor(asking.aina), **here)
    assert public.get(appeal.get_absolute_url()).status_code == 404
    appeal.lines.set(RequestLine.objects.none())
    with pytest.raises(Refused, match="Choose its needs"):
        publish_appeal(by=actor(asking.aina), **here)


def test_in_an_exercise_the_publics_pages_are_practised_and_stay_inside_it(
    asking: Asking, ask: Ask, sign_in: SignIn, exercise_operation: Any
) -> None:
    drill = ask(quantity=55, is_released=True, confirmed=True)
    type(drill).objects.filter(pk=drill.pk).update(operation=exercise_operation)
    appeal = Appeal.objects.create(operation=exercise_operation, slug="drill", title="Drill for blankets")
    appeal.lines.set(drill.lines.all())
    by: dict[str, Any] = {"by": actor(asking.aina), "operation": exercise_operation}
    publish_appeal(**by, appeal=appeal)
    inside = sign_in(asking.cast.oraz)
    asking.cast.oraz.current_operation = exercise_operation
    asking.cast.oraz.save()
    page = inside.get("/needs/").content.decode()
    assert "Drill for blankets" in page and "55" in page and "EXERCISE" in page
    assert inside.get("/appeals/drill/").status_code == 200
    outside = Client()
    for address in ("/needs/", "/needs/feed.atom", "/needs/feed.json"):
        said = re.sub(r"\d\d:\d\d:[\d.]+", "", outside.get(address).content.decode())  # a moment may hold any digits
        assert "55" not in said
    assert inside.get("/needs/feed.json").json() == {"needs": []}
    assert outside.get("/appeals/drill/").status_code == sign_in(asking.bahar).get("/appeals/drill/").status_code == 404


def test_the_feed_is_atom_as_the_standard_wants_it_and_leads_to_each_need(asking: Asking, ask: Ask) -> None:
    for number in range(51, 103):
        ask(quantity=number, is_released=True, confirmed=True)
    feed = ElementTree.fromstring(Client().get("/needs/feed.atom").content)  # noqa: S314 - our own
    assert feed.tag == f"{ATOM}feed" and feed.findtext(f"{ATOM}author/{ATOM}name") == "Komek"
    entries = feed.findall(f"{ATOM}entry")
    for one in (feed, *entries):
        assert all(one.findtext(f"{ATOM}{name}") for name in ("id", "title", "updated"))
        assert parse_datetime(one.findtext(f"{ATOM}updated") or "").tzinfo is not None  # type: ignore[union-attr]
    links = [one.find(f"{ATOM}link").get("href") for one in entries]  # type: ignore[union-attr]
    assert len(links) == len(set(links)) == 52 and len({one.findtext(f"{ATOM}id") for one in entries}) == 52
    path, _hash, anchor = (links[-1] or "").partition("#")
    assert f'id="{anchor}"' in Client().get(path[path.index("/needs/") :]).content.decode()
