"""What makes very many requests quick is right: figures and places kept by the database, pages read in parts, and constant queries."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from aid_requests.kept_figures import verify
from aid_requests.lines import close_line, open_line
from aid_requests.list_page import RequestList
from aid_requests.models import AidRequest, Appeal, Commitment, CommitmentState, LineFigures, RequestLine
from aid_requests.needed import open_lines, still_needed
from komek.records.copying import copy_in
from komek.web.paging import OrderedKeys, known_first, order_of
from tests.aid_requests.conftest import Ask, Asking
from tests.camps.test_health_and_hospital_races import at_once
from tests.conftest import SignIn, actor, point


def promise(line: RequestLine, quantity: int, **fields: Any) -> Commitment:
    """Not stored, and no rule asked: the database must be right whoever writes."""
    return Commitment(
        line=line, operation=line.request.operation, quantity=quantity, until=timezone.now() + timedelta(days=2), **fields
    )  # fmt: skip


def agree() -> dict[int, Decimal]:
    """That every kept figure is what follows from its line and promises; what is needed, by line."""
    assert verify() == []
    kept = dict(LineFigures.objects.values_list("line", "needed"))
    assert kept == {line.pk: still_needed(line) for line in RequestLine.objects.all()}
    return kept


@pytest.mark.django_db
def test_kept_figures_follow_copy_raw_changes_closing_and_deletion_and_the_command_finds_and_mends_what_is_not(
    asking: Asking, ask: Ask
) -> None:
    first, second = ask().lines.get(), ask(quantity=300, confirmed=True).lines.get()
    copy_in([promise(first, 30), promise(first, 50), promise(second, 1000), promise(second, 7, state="lapsed")])
    assert agree() == {first.pk: 120, second.pk: 0}
    Commitment.objects.filter(line=first).update(received=10, short=5, state=CommitmentState.ON_THE_WAY)
    Commitment.objects.filter(quantity=1000).update(line=first, quantity=20)
    assert agree() == {first.pk: 130, second.pk: 300}
    Commitment.objects.filter(quantity=20).delete()
    RequestLine.objects.filter(pk=first.pk).update(received=250)
    assert agree() == {first.pk: 0, second.pk: 300}
    close_line(by=actor(asking.bahar), operation=asking.operation, line=second)
    assert agree() == {first.pk: 0, second.pk: 0} and not open_lines().exists()
    open_line(by=actor(asking.bahar), operation=asking.operation, line=second)
    assert [line.needed for line in open_lines()] == [300]
    first.commitments.all().delete()
    first.delete()
    assert agree() == {second.pk: 300}
    LineFigures.objects.update(promised=5)
    with pytest.raises(CommandError, match="--rebuild"):
        call_command("verify_needs", stdout=StringIO())
    call_command("verify_needs", "--rebuild", stdout=StringIO())
    assert agree() == {second.pk: 300}


@pytest.mark.django_db(transaction=True)
def test_of_two_promises_written_at_once_both_count(asking: Asking, ask: Ask) -> None:
    line = ask().lines.get()
    assert at_once(*(lambda quantity=quantity: promise(line, quantity).save() for quantity in (30, 50))) == 2  # type: ignore[misc]
    assert agree() == {line.pk: 120}


@pytest.mark.django_db
def test_the_place_of_a_request_is_its_own_location_or_its_sites_also_when_that_moves(asking: Asking, ask: Ask) -> None:
    at_camp, elsewhere = ask(), ask(site=None, landmark="Bridge", location=point(61, 39))
    stale = AidRequest.objects.get(pk=at_camp.pk)
    asking.camp.location = point(59, 37)
    asking.camp.save()
    stale.save()
    places = {one.pk: (one.place.x, one.place.y) for one in AidRequest.objects.all()}
    assert places == {at_camp.pk: (59, 37), elsewhere.pk: (61, 39)}
    AidRequest.objects.filter(pk=elsewhere.pk).update(location=None, site=asking.camp)
    asking.camp.location = None
    asking.camp.save()
    assert set(AidRequest.objects.values_list("place", flat=True)) == {None}


@pytest.mark.django_db
def test_a_list_read_in_parts_is_the_list_in_its_order_from_any_row_either_way(asking: Asking, ask: Ask) -> None:
    for day in (3, None, 1, None, 2):
        request = ask(quantity=10 + (day or 0), confirmed=True)
        AidRequest.objects.filter(pk=request.pk).update(wanted_by=day and timezone.now() + timedelta(days=day))
    AidRequest.objects.filter(wanted_by=None).update(site=None)
    rows = AidRequest.objects.select_related("site")
    for paths in (("wanted_by",), ("site__name", "rank"), ("rank", "occurred_at")):
        for is_descending in (False, True):
            parts = known_first(rows, paths, is_descending=is_descending)
            whole = list(
                rows.order_by(*order_of(AidRequest, paths, is_descending=is_descending)).values_list("pk", flat=True)
            )
            keys = OrderedKeys(rows, parts)
            assert len(keys) == 5 and keys.count(4) == 4
            for first in range(6):
                for last in range(first + 1, 7):
                    assert keys[first:last] == whole[first:last]


@pytest.mark.django_db
def test_a_list_longer_than_it_is_counted_says_so_on_its_last_page(
    asking: Asking, ask: Ask, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    for quantity in (1, 2, 3):
        ask(quantity=quantity)
    aina = sign_in(asking.aina)
    assert "1–3 of 3" in aina.get("/requests/").content.decode()
    monkeypatch.setattr(RequestList, "pages_to", 2)
    page = aina.get("/requests/?page=9").content.decode()
    assert "of more than 2" in page and "The list goes on" in page and "all that match, more than 2" in page


@pytest.mark.django_db
def test_no_page_feed_list_or_plug_of_requests_costs_more_queries_for_more(
    asking: Asking, ask: Ask, sign_in: SignIn
) -> None:
    aina, line = sign_in(asking.aina), ask().lines.get()
    page = line.request.get_absolute_url()
    addresses = (
        "/requests/?sort=place", "/requests/?sort=-wanted_by&is_open=true", "/requests/piles/", "/requests/ageing/", page,
        "/requests/not-in-the-catalogue/", f"{page}lines/{line.pk}/offers/", "/requests/plan/", "/needs/", "/needs/feed.json",
        f"/requests/needs-for/?item={asking.blanket.pk}&longitude=58.4&latitude=38.2", "/needs/feed.atom",
        "/appeals/winter/", "/search/?q=blanket", "/",
    )  # fmt: skip
    appeal = Appeal.objects.create(
        slug="winter", title="Winter", operation=asking.operation, published_at=timezone.now()
    )

    def costs() -> dict[str, int]:
        appeal.lines.set(RequestLine.objects.all())
        found = {}
        for address in addresses:
            aina.get(address)
            with CaptureQueriesContext(connection) as queries:
                assert aina.get(address).status_code == 200, address
            found[address] = len(queries)
        return found

    AidRequest.objects.update(is_released=True)
    few = costs()
    for quantity in range(20, 27):
        other = ask(quantity=quantity, confirmed=True, is_released=True)
        copy_in([promise(other.lines.get(), 1, organisation=asking.cast.water)])
    assert costs() == few
