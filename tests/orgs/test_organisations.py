"""Registering and changing organisations: the rules behind every door."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from komek.accounts.authority import NotAllowed
from komek.records.actor import Channel
from komek.records.models import Approval
from orgs.logos import MOST_PIXELS, set_logo
from orgs.models import Contact, ContactVisibility, NameKind, Organisation, Verification
from orgs.organisations import (
    LooksRegistered,
    NewName,
    approve_organisation,
    change_organisation,
    confirm_entry,
    refuse_organisation,
    register_organisation,
    set_contacts,
    set_names,
    verify_organisation,
)
from orgs.refusals import Refused
from tests.conftest import Cast, actor


def register(cast: Cast, user: Any, name: str = "Umyt Foundation", **fields: Any) -> Organisation:
    return register_organisation(by=actor(user), operation=cast.operation, name=name, **fields)


def test_a_coordinators_organisation_is_approved_at_once_and_anybody_elses_waits(cast: Cast) -> None:
    assert register(cast, cast.aina).approval == Approval.APPROVED
    waiting = register(cast, cast.oraz, "Mehr")
    assert waiting.approval == Approval.PENDING
    approve_organisation(by=actor(cast.aina), operation=cast.operation, organisation=waiting)
    waiting.refresh_from_db()
    assert waiting.approval == Approval.APPROVED
    assert waiting.approved_by == cast.aina


def test_nobody_approves_what_they_proposed_without_coordinating(cast: Cast) -> None:
    mine = register(cast, cast.murad)
    with pytest.raises(NotAllowed):
        approve_organisation(by=actor(cast.murad), operation=cast.operation, organisation=mine)


def test_an_account_that_waits_for_approval_registers_nothing(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        register(cast, cast.pending)


def test_whoever_proposed_it_corrects_it_until_it_is_decided(cast: Cast) -> None:
    mine = register(cast, cast.oraz)
    change_organisation(by=actor(cast.oraz), operation=cast.operation, organisation=mine, about="Corrected")
    approve_organisation(by=actor(cast.aina), operation=cast.operation, organisation=mine)
    with pytest.raises(NotAllowed):
        change_organisation(by=actor(cast.oraz), operation=cast.operation, organisation=mine, about="Again")


def test_refusing_needs_a_reason(cast: Cast) -> None:
    mine = register(cast, cast.oraz)
    with pytest.raises(Refused, match="Say why"):
        refuse_organisation(by=actor(cast.aina), operation=cast.operation, organisation=mine, reason=" ")
    refuse_organisation(by=actor(cast.aina), operation=cast.operation, organisation=mine, reason="Not known to anybody")
    assert mine.approval == Approval.REFUSED
    assert mine.approval_note == "Not known to anybody"


def test_a_likely_duplicate_is_asked_about_before_it_is_created(cast: Cast) -> None:
    first = register(cast, cast.aina, "Umyt Foundation")
    with pytest.raises(LooksRegistered) as asked:
        register(cast, cast.murad, "Фонд «Умыт»")
    assert [found.organisation for found in asked.value.similar] == [first]
    assert asked.value.similar[0].reasons == ["names alike 100%"]
    assert first.code in str(asked.value)
    second = register(cast, cast.murad, "Фонд «Умыт»", is_new=True)
    assert second.pk != first.pk


def test_the_question_does_not_tell_what_one_may_not_see(cast: Cast) -> None:
    register(cast, cast.oraz, "Secret Circle")  # waits for approval
    assert register(cast, cast.lale, "Secret Circle").pk


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": "  "}, "name"),
        ({"name": "…"}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"acronym": "A" * 21}, "acronym"),
        ({"country": "TKM"}, "country"),
        ({"country": "1?"}, "country"),
        ({"website": "javascript:alert(1)"}, "website"),
        ({"website": "ftp://files.example.org"}, "website"),
        ({"website": "example"}, "website"),
        ({"is_donor": False, "is_implementing": False}, "is_implementing"),
        ({"external_ids": {"reliefweb": 5}}, "external_ids"),
        ({"external_ids": ["x"]}, "external_ids"),
        ({"names": [NewName("!!!")]}, "names"),
        ({"names": [NewName("Good", kind="nonsense")]}, "names"),
        ({"contacts": [{"person": "Nobody"}]}, "contacts"),
        ({"contacts": [{"email": "not an address"}]}, "contacts"),
        ({"contacts": [{"email": "a@example.org", "visibility": "martians"}]}, "contacts"),
    ],
)
def test_a_broken_rule_is_a_sentence_at_its_field_and_nothing_is_written(
    cast: Cast, fields: dict[str, Any], field: str
) -> None:
    before = Organisation.objects.count()
    with pytest.raises(Refused) as refused:
        register(cast, cast.aina, **{"name": "Umyt", **fields})
    assert field in refused.value.message_dict
    assert Organisation.objects.count() == before


def test_an_organisation_is_never_a_branch_of_its_own_branches(cast: Cast) -> None:
    by = actor(cast.aina)
    branch = register(cast, cast.aina, "West branch", parent=cast.relief)
    twig = register(cast, cast.aina, "Far-off office", parent=branch)
    for parent in (cast.relief, branch, twig):
        with pytest.raises(Refused, match="branch of itself"):
            change_organisation(by=by, operation=cast.operation, organisation=cast.relief, parent=parent)
        cast.relief.refresh_from_db()


def test_only_coordinators_say_who_coordinates_the_operation(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        register(cast, cast.murad, coordinates_operation=True)
    with pytest.raises(NotAllowed):
        change_organisation(
            by=actor(cast.murad), operation=cast.operation, organisation=cast.relief, coordinates_operation=True
        )


def test_people_of_another_organisation_change_nothing(cast: Cast) -> None:
    what = {"by": actor(cast.lale), "operation": cast.operation, "organisation": cast.relief}
    for act in (
        lambda: change_organisation(**what, about="x"),
        lambda: set_names(**what, names=[]),
        lambda: set_contacts(**what, contacts=[]),
        lambda: confirm_entry(**what),
        lambda: verify_organisation(**what),
        lambda: approve_organisation(**what),
        lambda: set_logo(**what, picture=None),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_an_exercise_keeps_its_own_organisations(cast: Cast, exercise_operation: Any, administrator: Any) -> None:
    drill = register_organisation(by=actor(administrator), operation=exercise_operation, name="Invented Aid")
    real = register_organisation(by=actor(administrator), operation=cast.operation, name="Real Aid")
    assert drill.operation == exercise_operation
    assert real.operation is None
    with pytest.raises(NotAllowed):
        change_organisation(by=actor(administrator), operation=exercise_operation, organisation=real, about="x")


def test_names_are_replaced_and_search_finds_them(cast: Cast) -> None:
    organisation = register(
        cast, cast.aina, names=[NewName("Umyt gaznasy", "tk"), NewName("UF", kind=NameKind.ACRONYM)]
    )
    kept = organisation.other_names.get(name="UF").pk
    set_names(
        by=actor(cast.aina), operation=cast.operation, organisation=organisation,
        names=[NewName("UF", kind=NameKind.ACRONYM), NewName("Ягты", "ru")],
    )  # fmt: skip
    organisation.refresh_from_db()
    assert set(organisation.other_names.values_list("name", flat=True)) == {"UF", "Ягты"}
    assert organisation.other_names.get(name="UF").pk == kept
    assert "gaznasi" not in organisation.search_key
    assert "iagti" in organisation.search_key


def test_every_change_is_in_history_with_its_actor_and_channel(cast: Cast) -> None:
    organisation = register_organisation(
        by=actor(cast.aina, Channel.IMPORT).because("first list"), operation=cast.operation, name="Umyt"
    )
    change_organisation(
        by=actor(cast.aina, Channel.API), operation=cast.operation, organisation=organisation, about="x"
    )
    events = list(organisation.events.order_by("pgh_id"))
    assert events[0].pgh_context["channel"] == "import"
    assert events[0].pgh_context["reason"] == "first list"
    assert events[-1].pgh_context == {"channel": "api", "user": cast.aina.pk}
    assert events[-1].about == "x"


def test_contacts_one_may_not_see_survive_when_the_others_are_replaced(cast: Cast) -> None:
    """A coordinator of the operation does not see what an organisation keeps for itself, so cannot take it away."""
    own = Contact.objects.create(
        organisation=cast.relief, person="Night guard", note="ring twice", visibility=ContactVisibility.ORGANISATION
    )
    seen = Contact.objects.create(organisation=cast.relief, person="Desk", email="desk@example.org")
    set_contacts(
        by=actor(cast.aina), operation=cast.operation, organisation=cast.relief,
        contacts=[{"person": "New desk", "email": "new@example.org"}, {"pk": own.pk, "person": "Stolen", "note": "x"}],
    )  # fmt: skip
    own.refresh_from_db()
    assert own.person == "Night guard"
    assert not Contact.objects.filter(pk=seen.pk).exists()


def test_verifying_and_confirming_are_written_down(cast: Cast) -> None:
    what = {"operation": cast.operation, "organisation": cast.relief}
    verify_organisation(by=actor(cast.aina), **what)
    before = cast.relief.confirmed_at
    confirm_entry(by=actor(cast.murad), **what)
    cast.relief.refresh_from_db()
    assert cast.relief.verification == Verification.VERIFIED
    assert cast.relief.confirmed_at > before
    with pytest.raises(NotAllowed):
        verify_organisation(by=actor(cast.murad), **what)
    with pytest.raises(Refused, match="Choose one"):
        verify_organisation(by=actor(cast.aina), **what, verification="very")


def picture(kind: str = "PNG", size: tuple[int, int] = (900, 300)) -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", size, "red").save(out, kind)
    return SimpleUploadedFile(f"logo.{kind.lower()}", out.getvalue())


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_a_logo_is_re_encoded_and_made_small(cast: Cast, settings: Any, tmp_path: Any, kind: str) -> None:
    settings.MEDIA_ROOT = tmp_path
    set_logo(by=actor(cast.murad), operation=cast.operation, organisation=cast.relief, picture=picture(kind))
    cast.relief.refresh_from_db()
    with Image.open(cast.relief.logo.path) as kept:
        assert kept.format == "PNG"
        assert kept.size == (512, 171)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"<svg onload='alert(1)'/>", "not a picture"),
        (b"\x89PNG\r\n\x1a\n" + b"0" * 50, "not a picture"),
        (b"x" * (5 * 2**20 + 1), "larger than 5 MB"),
    ],
)
def test_what_is_no_logo_is_refused_with_a_sentence(cast: Cast, content: bytes, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        set_logo(
            by=actor(cast.murad), operation=cast.operation, organisation=cast.relief,
            picture=SimpleUploadedFile("logo.png", content),
        )  # fmt: skip


def test_a_picture_that_would_fill_the_memory_is_refused_unread(cast: Cast) -> None:
    """A few kilobytes that claim to be 144 million pixels."""
    out = io.BytesIO()
    Image.new("1", (12_000, 12_000)).save(out, "PNG")
    assert len(out.getvalue()) < 100_000
    assert MOST_PIXELS < 12_000 * 12_000
    with pytest.raises(Refused, match="pixels"):
        set_logo(
            by=actor(cast.murad), operation=cast.operation, organisation=cast.relief,
            picture=SimpleUploadedFile("bomb.png", out.getvalue()),
        )  # fmt: skip
