"""What everybody sees of needs: only what was released, never who asks; and appeals with their progress."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from aid_requests.appealing import close_appeal, publish_appeal, save_appeal
from aid_requests.committing import commit
from aid_requests.models import Appeal, RequestLine
from aid_requests.refusals import Refused
from tests.aid_requests.conftest import Ask, Asking, SignIn
from tests.conftest import actor

pytestmark = pytest.mark.django_db

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
    assert aina.get("/appeals/add/").status_code == 200
    answer = aina.post("/appeals/add/", {"title": "Blankets for the winter", "text": "Please", "lines": [line.pk]})
    appeal = Appeal.objects.get()
    assert answer.status_code == 302 and public.get(appeal.get_absolute_url()).status_code == 404
    aina.post(f"/appeals/{appeal.slug}/do/", {"do": "publish"})
    commit(by=actor(asking.aina), operation=asking.operation, line=line, quantity=Decimal(40))
    page = public.get(appeal.get_absolute_url()).content.decode()
    assert "40 % has come or is promised" in page and "Secret" not in page
    assert "Blankets for the winter" in public.get("/needs/").content.decode()
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
