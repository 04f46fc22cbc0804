"""Forms over records: two people at once, the same form twice, drafts taken up again, and nothing typed is lost."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from komek.web import records
from komek.web.models import Draft, SentForm
from komek.web.records import forget_sent_forms
from orgs.models import Site
from orgs.sites import change_site, register_site
from tests.conftest import Cast, actor
from tests.web.conftest import SignIn

ADD = "/sites/add/"


def typed(cast: Cast, **changes: Any) -> dict[str, Any]:
    return {
        "name": "Old Store", "kind": "warehouse", "organisation": str(cast.relief.pk), "organisation_text": "",
        "opening": "open", "damage": "unknown", "_once": "a", **changes,
    }  # fmt: skip


def hidden(client: Client, path: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', client.get(path).content.decode())
    assert found
    return found.group(1)


@pytest.fixture
def site(cast: Cast) -> Site:
    return register_site(
        by=actor(cast.murad), operation=cast.operation, organisation=cast.relief, name="Old Store", kind="warehouse"
    )


# --- Two people at once


def test_the_second_of_two_people_is_told_what_the_first_changed_and_decides(
    cast: Cast, site: Site, sign_in: SignIn
) -> None:
    murad, address = sign_in("murad"), f"/sites/{site.code}/change/"
    version = hidden(murad, address, "version")
    change_site(by=actor(cast.aina), operation=cast.operation, site=site, kind="camp", about="Full of water")
    mine = typed(cast, version=version, capacity="90")

    refused = murad.post(address, mine)
    page = refused.content.decode()
    assert refused.status_code == 422
    assert "Somebody else changed this while you were typing" in page
    assert "Kind: camp" in page  # in words
    assert "Notes: Full of water" in page
    assert 'value="90"' in page
    site.refresh_from_db()
    assert (site.kind, site.capacity) == ("camp", None)

    # Saved again, knowingly, mine stands.
    fresh = re.search(r'name="version" value="([^"]*)"', page)
    assert fresh
    assert murad.post(address, {**mine, "version": fresh.group(1)}).status_code == 302
    site.refresh_from_db()
    assert (site.kind, site.capacity) == ("warehouse", 90)


def test_a_change_that_comes_between_checking_and_saving_is_noticed(
    cast: Cast, site: Site, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    murad, address = sign_in("murad"), f"/sites/{site.code}/change/"
    version = hidden(murad, address, "version")
    key_of = records.sent_key

    def slip_in(request: Any) -> str:
        if Site.objects.get().kind != "camp":
            change_site(by=actor(cast.aina), operation=cast.operation, site=Site.objects.get(), kind="camp")
        return key_of(request)

    monkeypatch.setattr(records, "sent_key", slip_in)
    refused = murad.post(address, typed(cast, version=version, capacity="90"))
    assert refused.status_code == 422
    assert "Somebody else changed this" in refused.content.decode()
    assert Site.objects.get().capacity is None


def test_saving_what_nobody_else_changed_goes_through(cast: Cast, site: Site, sign_in: SignIn) -> None:
    murad, address = sign_in("murad"), f"/sites/{site.code}/change/"
    sent = typed(cast, version=hidden(murad, address, "version"), capacity="90")
    assert murad.post(address, sent).status_code == 302
    assert Site.objects.get().capacity == 90


# --- The same form twice


def test_a_form_sent_twice_is_saved_once_and_leads_to_the_same_record(cast: Cast, sign_in: SignIn) -> None:
    murad = sign_in("murad")
    first, second = (murad.post(ADD, typed(cast)) for _ in range(2))
    assert first["Location"] == second["Location"] == Site.objects.get().get_absolute_url()


def test_another_entry_typed_on_the_same_page_is_a_new_one(cast: Cast, sign_in: SignIn) -> None:
    """Whoever goes back in the browser and types another name has not sent the same form again."""
    murad = sign_in("murad")
    murad.post(ADD, typed(cast))
    murad.post(ADD, typed(cast, name="New Store"))
    assert set(Site.objects.values_list("name", flat=True)) == {"Old Store", "New Store"}


def test_the_same_words_on_a_new_page_are_a_new_entry(cast: Cast, sign_in: SignIn) -> None:
    murad = sign_in("murad")
    numbers = {hidden(murad, ADD, "_once") for _ in range(2)}
    assert len(numbers) == 2
    for number in numbers:
        murad.post(ADD, typed(cast, _once=number))
    assert Site.objects.count() == 2


def test_one_persons_form_is_never_taken_for_anothers(cast: Cast, sign_in: SignIn) -> None:
    sign_in("murad").post(ADD, typed(cast))
    sign_in("aina").post(ADD, typed(cast))
    assert Site.objects.count() == 2


def test_a_refused_form_may_be_sent_again(cast: Cast, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    murad = sign_in("murad")
    sent = typed(cast, opened_on="2026-05-02", closed_on="2026-05-01")
    assert murad.post(ADD, sent).status_code == 422
    assert murad.post(ADD, sent).status_code == 422
    assert not SentForm.objects.exists()
    assert not Site.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_presses_that_arrive_together_make_one_record(cast: Cast, sign_in: SignIn) -> None:
    both = Barrier(2)

    def press(client: Client) -> str:
        both.wait(10)
        try:
            return str(client.post(ADD, typed(cast))["Location"])
        finally:
            connection.close()

    clients = [sign_in("murad"), sign_in("murad")]
    with ThreadPoolExecutor(2) as pool:
        places = set(pool.map(press, clients))
    assert places == {Site.objects.get().get_absolute_url()}


def test_traces_of_forms_are_forgotten(cast: Cast, sign_in: SignIn) -> None:
    sign_in("murad").post(ADD, typed(cast))
    assert forget_sent_forms() == 0
    SentForm.objects.update(sent_at=timezone.now() - timedelta(days=3))
    assert forget_sent_forms() == 1


# --- Drafts


def test_a_draft_brings_back_what_was_typed_field_by_field(cast: Cast, sign_in: SignIn) -> None:
    murad = sign_in("murad")
    murad.post("/drafts/", typed(cast, _form_key=ADD, organisation="", organisation_text="relie", about="Wet <floor>"))
    assert "did not save" in murad.get(ADD).content.decode()
    page = murad.get(ADD, {"draft": "restore"}).content.decode()
    assert 'value="Old Store"' in page
    assert 'value="relie"' in page
    assert "Wet &lt;floor&gt;" in page
    assert '<option value="warehouse" selected>' in page


def test_a_draft_is_nobody_elses(cast: Cast, sign_in: SignIn) -> None:
    sign_in("murad").post("/drafts/", typed(cast, _form_key=ADD))
    assert "did not save" not in sign_in("aina").get(ADD).content.decode()


def test_saving_ends_the_draft(cast: Cast, sign_in: SignIn) -> None:
    murad = sign_in("murad")
    murad.post("/drafts/", typed(cast, _form_key=ADD))
    murad.post(ADD, typed(cast))
    assert not Draft.objects.exists()


def test_going_on_with_an_old_draft_does_not_overwrite_what_others_changed_since(
    cast: Cast, site: Site, sign_in: SignIn
) -> None:
    murad, address = sign_in("murad"), f"/sites/{site.code}/change/"
    version = hidden(murad, address, "version")
    murad.post("/drafts/", typed(cast, _form_key=address, version=version, capacity="90"))
    change_site(by=actor(cast.aina), operation=cast.operation, site=site, kind="camp")
    assert hidden(murad, f"{address}?draft=restore", "version") == version
    assert murad.post(address, typed(cast, version=version, capacity="90")).status_code == 422


def test_a_draft_too_large_to_keep_is_refused_and_nothing_breaks(cast: Cast, sign_in: SignIn) -> None:
    murad = sign_in("murad")
    assert murad.post("/drafts/", typed(cast, _form_key=ADD, about="x" * 300_000)).status_code == 413
    assert murad.post("/drafts/", typed(cast)).status_code == 400


# --- Faults


def test_every_fault_is_named_at_its_field_and_everything_typed_stands(cast: Cast, sign_in: SignIn) -> None:
    sent = typed(
        cast, name="", capacity="many", location="far away", opened_on="31.02.2026", about="Kept",
        organisation=str(cast.water.pk), organisation_text="Water Now",
    )  # fmt: skip
    response = sign_in("aina").post(ADD, sent)
    page = response.content.decode()
    assert response.status_code == 422
    assert "4 things need your attention. Nothing you typed is lost." in page
    for kept in ('value="many"', 'value="far away"', 'value="31.02.2026"', ">\nKept<", 'value="Water Now"'):
        assert kept in page
    assert f'name="organisation" value="{cast.water.pk}"' in page
    assert 'aria-invalid="true"' in page


def test_a_form_is_for_those_who_may_fill_it_in(cast: Cast, site: Site, sign_in: SignIn) -> None:
    address = f"/sites/{site.code}/change/"
    assert Client().get(ADD)["Location"].startswith("/account/login/")
    assert [sign_in(name).get(address).status_code for name in ("aina", "murad", "lale", "oraz")] == [
        200,
        200,
        403,
        403,
    ]
    assert sign_in("lale").post(address, typed(cast)).status_code == 403
