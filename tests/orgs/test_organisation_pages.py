"""Pages about organisations: who sees what, every filter, forms that keep what was typed, buttons that do what they say."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from PIL import Image

from komek.accounts.roles import Role
from komek.records.codes import make_code
from komek.records.models import Approval
from orgs.models import (
    Activity,
    Contact,
    ContactVisibility,
    Membership,
    NameKind,
    Organisation,
    OrganisationMerge,
    PossibleDuplicate,
    Sector,
    Site,
    Verification,
)
from orgs.naming import search_key
from tests.conftest import Cast

LIST = "/organisations/"
PEOPLE = ("aina", "murad", "lale", "oraz", "outsider")

SignIn = Callable[[str], Client]


@pytest.fixture(autouse=True)
def _with_search_keys(cast: Cast) -> None:
    """The cast is made directly, without what the registry derives."""
    for organisation in (cast.ministry, cast.relief, cast.water):
        organisation.search_key = search_key([organisation.name])
        organisation.save()


@pytest.fixture
def sign_in(cast: Cast) -> SignIn:
    """A browser in which somebody of the cast is signed in."""

    def make(name: str) -> Client:
        client = Client()
        client.force_login(getattr(cast, name), backend="django.contrib.auth.backends.ModelBackend")
        return client

    return make


def add(name: str, **fields: Any) -> Organisation:
    fields.setdefault("approval", Approval.APPROVED)
    fields.setdefault("search_key", search_key([name, fields.get("acronym", "")]))
    return Organisation.objects.create(name=name, **fields)


def names_in(client: Client, query: str = "") -> set[str]:
    """The names of the list's rows, as its export writes them."""
    response = client.get(f"{LIST}?export=csv&column=name&{query}")
    assert response.status_code == 200, response
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return {row[0] for row in list(csv.reader(io.StringIO(text)))[1:]}


def form_data(**changes: Any) -> dict[str, Any]:
    data = {
        "name": "Umyt Foundation", "acronym": "", "kind": "national_ngo", "is_implementing": "on", "country": "",
        "website": "", "about": "", "reported_by": "", "parent": "", "parent_text": "",
        "names-TOTAL_FORMS": "2", "names-INITIAL_FORMS": "0", "contacts-TOTAL_FORMS": "1",
        "contacts-INITIAL_FORMS": "0",
        "names-0-name": "Umyt gaznasy", "names-0-language": "tk", "names-0-kind": "official",
        "contacts-0-person": "Desk", "contacts-0-phone": "+99312345678", "contacts-0-visibility": "public",
    }  # fmt: skip
    return {**data, **changes}


# --- Who sees what


def test_the_list_asks_the_public_to_sign_in_and_an_unapproved_account_to_wait(cast: Cast, sign_in: SignIn) -> None:
    assert Client().get(LIST).status_code == 302
    assert sign_in("pending").get(LIST).status_code == 403
    assert Client().get(cast.relief.get_absolute_url()).status_code == 302


def test_a_waiting_organisation_is_seen_by_its_proposer_and_coordinators_only(cast: Cast, sign_in: SignIn) -> None:
    waiting = add("Waiting", approval=Approval.PENDING, entered_by=cast.oraz)
    seen = {name: sign_in(name).get(waiting.get_absolute_url()).status_code for name in PEOPLE}
    assert seen == {"aina": 200, "murad": 404, "lale": 404, "oraz": 200, "outsider": 404}
    assert "Waiting" in names_in(sign_in("aina"))
    assert "Waiting" not in names_in(sign_in("lale"))


def test_a_mistyped_code_is_a_404_with_a_sentence(cast: Cast, sign_in: SignIn) -> None:
    code = make_code("O", 4711)
    wrong = code[:-1] + str((int(code[-1]) + 1) % 10)
    response = sign_in("aina").get(f"/organisations/{wrong}/")
    assert response.status_code == 404
    assert "wrong letter or digit" in response.content.decode()


def test_a_code_typed_loosely_leads_to_the_page(cast: Cast, sign_in: SignIn) -> None:
    loose = cast.relief.code.lower().replace("o", "о")  # a Cyrillic letter
    assert sign_in("oraz").get(f"/organisations/{loose}/")["Location"] == cast.relief.get_absolute_url()


@pytest.mark.parametrize("tab", ["overview", "contacts", "members", "branches", "sites", "activities", "nonsense"])
@pytest.mark.parametrize("who", PEOPLE)
def test_every_tab_opens_for_everybody_who_works_here(cast: Cast, sign_in: SignIn, tab: str, who: str) -> None:
    response = sign_in(who).get(cast.relief.get_absolute_url(), {"tab": tab})
    assert response.status_code == 200
    page = response.content.decode()
    assert "<script>" not in page
    assert " onclick=" not in page


CONTACTS_SEEN = {
    "aina": {"public", "partners", "coordinators"},
    "murad": {"public", "partners", "coordinators", "organisation"},
    "oraz": {"public", "partners", "coordinators", "organisation"},
    "lale": {"public", "partners"},
    "outsider": {"public", "partners"},
}


@pytest.mark.parametrize("who", PEOPLE)
def test_contacts_are_shown_to_those_whom_their_visibility_names(cast: Cast, sign_in: SignIn, who: str) -> None:
    for visibility in ContactVisibility.values:
        Contact.objects.create(
            organisation=cast.relief, person=f"contact-{visibility}", note="x", visibility=visibility
        )
    page = sign_in(who).get(cast.relief.get_absolute_url(), {"tab": "contacts"}).content.decode()
    assert {v for v in ContactVisibility.values if f"contact-{v}" in page} == CONTACTS_SEEN[who]


@pytest.mark.parametrize("who", PEOPLE)
def test_the_lists_export_carries_no_contact(cast: Cast, sign_in: SignIn, who: str) -> None:
    Contact.objects.create(organisation=cast.relief, person="Secret", phone="+99312345678")
    keys = ["name", "acronym", "code", "kind", "sectors", "website", "parent", "channel"]
    response = sign_in(who).get(LIST, {"export": "csv", "column": keys})
    text = b"".join(response.streaming_content).decode()
    assert "Relief Society" in text
    assert "Secret" not in text
    assert "12345678" not in text


def test_a_coordinator_does_not_get_an_organisations_own_contacts_in_the_form(cast: Cast, sign_in: SignIn) -> None:
    Contact.objects.create(
        organisation=cast.relief, person="Night guard", note="x", visibility=ContactVisibility.ORGANISATION
    )
    address = f"{cast.relief.get_absolute_url()}change/"
    assert "Night guard" in sign_in("murad").get(address).content.decode()
    assert "Night guard" not in sign_in("aina").get(address).content.decode()


def test_a_contact_left_alone_is_not_judged_again_when_something_else_is_changed(cast: Cast, sign_in: SignIn) -> None:
    """An exercise's numbers ring nowhere and are none by the rules."""
    desk = Contact.objects.create(organisation=cast.relief, person="Desk", phone="+99300100018")
    client, address = sign_in("murad"), f"{cast.relief.get_absolute_url()}change/"
    page = client.get(address).content.decode()
    shown = page.split('name="contacts-0-phone" value="')[1].split('"')[0]
    sent = form_data(
        name="Relief Society", about="Changed",
        **{"contacts-INITIAL_FORMS": "1", "contacts-0-pk": desk.pk, "contacts-0-phone": shown, "contacts-0-note": "nights"},
    )  # fmt: skip
    assert client.post(address, sent).status_code == 302
    desk.refresh_from_db()
    assert (str(desk.phone), desk.note) == ("+99300100018", "nights")
    wrong = client.post(address, {**sent, "contacts-0-phone": "00100019"})
    assert wrong.status_code == 422
    assert "Some of the rows below" in wrong.content.decode()


# --- The list


@pytest.fixture
def varied(cast: Cast, areas: Any) -> None:
    """One organisation for each filter to find: the only one of ours it fits."""
    health = Sector.objects.create(key="health", name="Health")
    add("Kinded", kind="military")
    add("Sectored").sectors.add(health)
    add("Giver", is_donor=True, is_implementing=False)
    add("Checked", verification=Verification.VERIFIED)
    add("Pending one", approval=Approval.PENDING)
    add("Refused one", approval=Approval.REFUSED)
    add("Old", confirmed_at=timezone.now() - timedelta(days=200))
    add("Foreign", country="CH")
    add("Гызыл Ярымай", acronym="GYJ")
    add("Branch", parent=cast.water)
    add("Gone", merged_into=cast.water)
    worker, runner = add("Worker"), add("Runner")
    Activity.objects.create(title="x", organisation=worker, sector=health, area=areas["XX11"], operation=cast.operation)
    Site.objects.create(name="x", organisation=runner, area=areas["XX12"])


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("kind=military", {"Kinded"}),
        ("kind=military&kind=government", {"Kinded", "Ministry of Emergencies"}),
        ("sector=health", {"Sectored"}),
        ("role=donor", {"Giver"}),
        ("verification=verified", {"Checked"}),
        ("approval=pending", {"Pending one"}),
        ("approval=refused", {"Refused one"}),
        ("freshness=stale", {"Old"}),
        ("country=ch", {"Foreign"}),
        ("text=gyzyl+ýarymaý", {"Гызыл Ярымай"}),
        ("text=Relief+Socety", {"Relief Society"}),
        ("text=gyj", {"Гызыл Ярымай"}),
        ("area=XX1", {"Worker", "Runner"}),
        ("area=xx11", {"Worker"}),
        ("area=XX2", set()),
        ("has_sites=true", {"Runner"}),
        ("coordinates_operation=true", {"Ministry of Emergencies"}),
        ("is_merged=true", {"Gone"}),
        ("parent=nonsense", set()),
    ],
)
def test_each_filter_finds_what_it_names(varied: None, sign_in: SignIn, query: str, expected: set[str]) -> None:
    assert names_in(sign_in("aina"), query) == expected


def test_branches_are_found_by_their_parents_code(varied: None, cast: Cast, sign_in: SignIn) -> None:
    assert names_in(sign_in("aina"), f"parent={cast.water.code}") == {"Branch"}
    assert names_in(sign_in("aina"), f"text={cast.water.code}") == {"Water Now"}


def test_refused_and_merged_entries_are_left_out_unless_asked_for(varied: None, sign_in: SignIn) -> None:
    assert not {"Refused one", "Gone"} & names_in(sign_in("aina"))


def test_every_filter_has_a_test() -> None:
    from orgs.organisation_filters import OrganisationFilterSet

    marks = test_each_filter_finds_what_it_names.pytestmark  # type: ignore[attr-defined]
    tried = {part.split("=")[0] for mark in marks for query, _found in mark.args[1] for part in query.split("&")}
    assert set(OrganisationFilterSet.base_filters) <= tried


def test_the_list_shows_counts_and_marks_old_entries(varied: None, sign_in: SignIn) -> None:
    page = sign_in("aina").get(LIST, {"text": "Runner"}).content.decode()
    assert '<td data-label="Sites" class="numeric">1</td>' in page
    assert "out of date" in sign_in("aina").get(LIST, {"text": "Old"}).content.decode()


@pytest.mark.parametrize("sort", ["name", "-sites", "activities", "confirmed_at", "-parent", "nonsense"])
def test_the_list_sorts_and_costs_as_many_queries_for_many_as_for_few(cast: Cast, sign_in: SignIn, sort: str) -> None:
    client = sign_in("aina")
    client.get(LIST)
    with CaptureQueriesContext(connection) as few:
        client.get(LIST, {"sort": sort})
    sector = Sector.objects.create(key="x", name="X")
    for number in range(30):
        organisation = add(f"Group {number}", parent=cast.relief)
        organisation.sectors.add(sector)
        Site.objects.create(name="s", organisation=organisation)
    with CaptureQueriesContext(connection) as many:
        assert client.get(LIST, {"sort": sort}).status_code == 200
    assert len(many) == len(few)


@pytest.mark.parametrize("tab", ["overview", "contacts", "members", "branches", "sites", "activities"])
def test_a_page_costs_as_many_queries_for_many_rows_as_for_few(cast: Cast, sign_in: SignIn, tab: str) -> None:
    client = sign_in("aina")
    address = cast.relief.get_absolute_url()

    def fill(number: int) -> None:
        for place in range(number):
            Contact.objects.create(organisation=cast.relief, person=f"P{place}", note="x")
            Site.objects.create(name=f"S{place}", organisation=cast.relief)
            add(f"B{number} {place}", parent=cast.relief)

    fill(1)
    client.get(address, {"tab": tab})
    with CaptureQueriesContext(connection) as few:
        client.get(address, {"tab": tab})
    fill(12)
    with CaptureQueriesContext(connection) as many:
        client.get(address, {"tab": tab})
    assert len(many) == len(few)


def test_coordinators_act_on_many_rows_and_others_do_not(cast: Cast, sign_in: SignIn) -> None:
    waiting = [add(f"Waiting {number}", approval=Approval.PENDING) for number in range(3)]
    ticked = {"action": "approve", "pk": [row.pk for row in waiting[:2]]}
    assert sign_in("murad").post(LIST, ticked).status_code == 403
    response = sign_in("aina").post(LIST, ticked, follow=True)
    assert "Approved: 2." in response.content.decode()
    assert Organisation.objects.filter(name__startswith="Waiting", approval=Approval.APPROVED).count() == 2
    sign_in("aina").post(LIST, {"action": "verify", "pk": [cast.relief.pk]})
    sign_in("aina").post(LIST, {"action": "ask", "pk": [cast.relief.pk, cast.water.pk]})
    assert {message.to[0] for message in mail.outbox} == {"murad@example.org", "lale@example.org"}
    cast.relief.refresh_from_db()
    assert cast.relief.verification == Verification.VERIFIED


# --- Forms


def test_a_new_organisation_with_names_contacts_and_logo(
    cast: Cast, sign_in: SignIn, settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    out = io.BytesIO()
    Image.new("RGB", (64, 64)).save(out, "PNG")
    data = form_data(logo=SimpleUploadedFile("logo.png", out.getvalue()), is_mine="on")
    response = sign_in("outsider").post("/organisations/add/", data, follow=True)
    assert "A coordinator will look at it" in response.content.decode()
    made = Organisation.objects.get(name="Umyt Foundation")
    assert made.approval == Approval.PENDING
    assert made.other_names.get().kind == NameKind.OFFICIAL
    assert made.contacts.get().visibility == ContactVisibility.PUBLIC
    assert Membership.objects.get(organisation=made).approval == Approval.PENDING
    assert sign_in("aina").get(f"{made.get_absolute_url()}logo/")["Content-Type"] == "image/png"
    assert sign_in("lale").get(f"{made.get_absolute_url()}logo/").status_code == 404


def test_a_likely_duplicate_is_shown_with_a_link_and_typed_text_is_kept(cast: Cast, sign_in: SignIn) -> None:
    twin = add("Фонд «Умыт»")
    client = sign_in("aina")
    response = client.post("/organisations/add/", form_data(about="We bring bread"))
    page = response.content.decode()
    assert response.status_code == 422
    assert "Is it one of these?" in page
    assert twin.get_absolute_url() in page
    assert "We bring bread" in page
    assert "Umyt gaznasy" in page
    assert Organisation.objects.filter(name="Umyt Foundation").count() == 0
    assert client.post("/organisations/add/", form_data(is_new="on")).status_code == 302


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"website": "javascript:alert(1)"}, "begins with http"),
        ({"name": ""}, "required"),
        ({"is_implementing": ""}, "gives funds or goods"),
        ({"contacts-0-phone": "12", "contacts-0-person": ""}, "phone number"),
        ({"contacts-0-phone": ""}, "how to reach"),
        ({"names-0-name": "!!!"}, "at least one letter"),
        ({"parent_text": "Nowhere Land"}, "Nothing is called"),
        ({"names-TOTAL_FORMS": "nonsense"}, "ManagementForm"),
        ({"kind": "martian"}, "martian"),
    ],
)
def test_bad_input_is_a_sentence_and_never_a_broken_page(
    cast: Cast, sign_in: SignIn, changes: dict[str, str], sentence: str
) -> None:
    response = sign_in("aina").post("/organisations/add/", form_data(**changes))
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert not Organisation.objects.filter(name="Umyt Foundation").exists()


def test_a_manager_changes_their_own_organisation_and_nobody_elses(cast: Cast, sign_in: SignIn) -> None:
    address = f"{cast.relief.get_absolute_url()}change/"
    data = form_data(name="Relief Society of the West", is_confirmed="on")
    for who in ("lale", "oraz", "outsider"):
        assert sign_in(who).get(address).status_code == 403
        assert sign_in(who).post(address, data).status_code == 403
    assert sign_in("murad").post(address, data).status_code == 302
    cast.relief.refresh_from_db()
    assert cast.relief.name == "Relief Society of the West"
    event = cast.relief.events.order_by("-pgh_id").first()
    assert event.pgh_context["user"] == cast.murad.pk
    assert event.pgh_context["channel"] == "browser"


def test_a_manager_cannot_make_their_organisation_coordinate_the_operation(cast: Cast, sign_in: SignIn) -> None:
    address = f"{cast.relief.get_absolute_url()}change/"
    assert "coordinates_operation" not in sign_in("murad").get(address).content.decode()
    sign_in("murad").post(address, form_data(coordinates_operation="on"))
    cast.relief.refresh_from_db()
    assert cast.relief.coordinates_operation is False


def test_two_people_at_once_do_not_overwrite_each_other_unknowingly(cast: Cast, sign_in: SignIn) -> None:
    address = f"{cast.relief.get_absolute_url()}change/"
    response = sign_in("murad").post(address, form_data(version="2020-01-01T00:00:00+00:00"))
    assert response.status_code == 422
    assert "Somebody else changed this" in response.content.decode()


def test_a_kept_draft_brings_back_the_rows_of_names_too(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in("aina")
    client.post("/drafts/", {**form_data(), "_form_key": "/organisations/add/"})
    page = client.get("/organisations/add/?draft=restore").content.decode()
    assert "Umyt Foundation" in page
    assert "Umyt gaznasy" in page
    assert "Desk" in page


# --- Buttons


def test_buttons_of_the_page_do_what_they_say_for_those_who_may(cast: Cast, sign_in: SignIn) -> None:
    waiting = add("Waiting", approval=Approval.PENDING)
    address = f"{waiting.get_absolute_url()}decide/"
    client = sign_in("aina")
    assert "Say why" in client.post(address, {"action": "refuse"}, follow=True).content.decode()
    client.post(address, {"action": "approve"})
    client.post(address, {"action": "doubt"})
    waiting.refresh_from_db()
    assert (waiting.approval, waiting.verification) == (Approval.APPROVED, Verification.DOUBTFUL)
    client.post(address, {"action": "verify"})
    assert "does not know that button" in client.post(address, {"action": "explode"}, follow=True).content.decode()
    for action in ("approve", "refuse", "verify", "confirm", "ask"):
        assert sign_in("lale").post(address, {"action": action, "reason": "x"}).status_code == 403
    assert client.get(address).status_code == 405


def test_the_merge_wizard_from_pair_to_undo(cast: Cast, sign_in: SignIn) -> None:
    one, other = add("Umyt Foundation", acronym="UF"), add("Umyt Fund", website="https://umyt.example.org")
    PossibleDuplicate.objects.create(first=one, second=other, score=0.9, reasons=[["names", "1.00"]])
    client = sign_in("aina")
    page = client.get("/organisations/duplicates/").content.decode()
    assert "names alike 100%" in page
    address = f"{one.get_absolute_url()}merge/"
    assert address in page
    wizard = client.get(address, {"with": other.code}).content.decode()
    assert "https://umyt.example.org" in wizard
    response = client.post(
        address, {"with": other.code, "choice-name": "duplicate", "reason": "same people"}, follow=True
    )
    assert response.redirect_chain[-1][0] == one.get_absolute_url()
    one.refresh_from_db()
    assert (one.name, one.website) == ("Umyt Fund", "https://umyt.example.org")
    led = client.get(other.get_absolute_url(), follow=True)
    assert led.redirect_chain[-1][0] == one.get_absolute_url()
    assert "was merged into this entry" in led.content.decode()
    undone = client.post(f"/organisations/merges/{OrganisationMerge.objects.get().pk}/undo/", follow=True)
    assert "both entries are as they were" in undone.content.decode()
    assert client.get(other.get_absolute_url()).status_code == 200


def test_the_other_entry_is_chosen_by_typing(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in("aina")
    address = f"{cast.relief.get_absolute_url()}merge/"
    assert client.get(address).status_code == 200
    assert client.get(address, {"other": "", "other_text": "Water Now"})["Location"].endswith(cast.water.code)
    assert "Nothing is called" in client.get(address, {"other": "", "other_text": "Zzz"}).content.decode()


def test_merging_and_duplicates_are_closed_to_everybody_else(cast: Cast, sign_in: SignIn) -> None:
    for who in ("murad", "lale", "oraz", "outsider", "pending"):
        client = sign_in(who)
        assert client.get("/organisations/duplicates/").status_code == 403
        merge = f"{cast.relief.get_absolute_url()}merge/"
        assert client.post(merge, {"with": cast.water.code}).status_code in (403, 404)
        different = {"one": cast.relief.code, "other": cast.water.code}
        assert client.post("/organisations/duplicates/different/", different).status_code in (403, 404)


def test_asking_for_a_role_answering_and_giving_it_up(cast: Cast, sign_in: SignIn) -> None:
    address = cast.relief.get_absolute_url()
    sign_in("outsider").post(f"{address}join/", {"role": Role.COORDINATOR, "position": "Driver"})
    asked = Membership.objects.get(user=cast.outsider)
    assert "Outsider" in sign_in("murad").get("/organisations/requests/").content.decode()
    assert "Outsider" not in sign_in("lale").get("/organisations/requests/").content.decode()
    decide = f"/organisations/memberships/{asked.pk}/"
    assert sign_in("lale").post(decide, {"action": "approve"}).status_code == 404
    assert sign_in("outsider").post(decide, {"action": "approve"}).status_code == 403
    sign_in("murad").post(decide, {"action": "approve"})
    asked.refresh_from_db()
    assert asked.approval == Approval.APPROVED
    assert "Driver" in sign_in("murad").get(address, {"tab": "members"}).content.decode()
    assert "Driver" not in sign_in("lale").get(address, {"tab": "members"}).content.decode()
    sign_in("outsider").post(decide, {"action": "end"})
    asked.refresh_from_db()
    assert asked.ends_on is not None


def test_a_manager_gives_a_role_by_e_mail_and_an_unknown_one_is_said_to_be_unknown(cast: Cast, sign_in: SignIn) -> None:
    address = f"{cast.relief.get_absolute_url()}members/"
    client = sign_in("murad")
    client.post(address, {"person": "OUTSIDER@example.org", "role": Role.REGISTRAR})
    assert Membership.objects.get(user=cast.outsider).role == Role.REGISTRAR
    page = client.post(address, {"person": "nobody@example.org", "role": Role.VIEWER}, follow=True).content.decode()
    assert "No account has this e-mail" in page
    assert sign_in("lale").post(address, {"person": "outsider@example.org", "role": "viewer"}).status_code == 403
