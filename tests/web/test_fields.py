"""Choosing one record among thousands, and saying where something is."""

from __future__ import annotations

from typing import Any

import pytest
from django import forms
from django.core.exceptions import ValidationError

from komek.extensions import Viewer
from komek.places.reference_data import store_names
from komek.web.fields import LocationField, LookupField, parse_coordinates
from orgs.models import Organisation
from orgs.naming import search_key
from tests.conftest import Cast, point
from tests.web.conftest import SignIn


class Form(forms.Form):
    who = LookupField(key="orgs.organisation", model=Organisation)
    where = LocationField(required=False)


@pytest.fixture
def known(cast: Cast) -> Cast:
    twin = Organisation.objects.create(name="Relief Fund", approval="approved", kind="national_ngo")
    for organisation in (cast.ministry, cast.relief, cast.water, twin):
        organisation.search_key = search_key([organisation.name])
        organisation.save()
    return cast


def form(known: Cast, picked: Any = "", typed: str = "", viewer: Any = None, **more: str) -> Form:
    made = Form({"who": str(picked), "who_text": typed, **more})
    field: Any = made.fields["who"]
    field.set_viewer(Viewer(user=viewer or known.aina, operation=known.operation))
    return made


def chosen(made: Form) -> Any:
    assert made.is_valid(), made.errors
    return made.cleaned_data["who"]


def test_what_was_picked_is_the_record(known: Cast) -> None:
    assert chosen(form(known, known.relief.pk, "Relief Society")) == known.relief


@pytest.mark.parametrize("typed", ["water now", "Water", "{code}"])
def test_without_scripts_what_was_typed_is_looked_up(known: Cast, typed: str) -> None:
    assert chosen(form(known, "", typed.format(code=known.water.code))) == known.water


def test_the_text_decides_when_it_was_changed_after_picking(known: Cast) -> None:
    assert chosen(form(known, known.relief.pk, "Water Now")) == known.water


def test_several_that_fit_are_named_and_none_is_guessed(known: Cast) -> None:
    made = form(known, "", "Relief")
    assert not made.is_valid()
    (sentence,) = made.errors["who"]
    assert "Relief Society" in sentence
    assert "Relief Fund" in sentence
    # Written out in full it is clear.
    assert chosen(form(known, "", "Relief Society")) == known.relief


@pytest.mark.parametrize(
    ("picked", "typed", "words"),
    [
        ("", "", "Choose one"),
        ("", "Nobody at all", "Nothing is called “Nobody at all”"),
        ("999999", "", "is gone, or you may not see it"),
        ("1; drop table", "", "Choose one"),
    ],
)
def test_what_cannot_be_chosen_is_said(known: Cast, picked: str, typed: str, words: str) -> None:
    made = form(known, picked, typed)
    assert not made.is_valid()
    assert words in made.errors["who"][0]


def test_nobody_chooses_what_they_may_not_see(known: Cast) -> None:
    hidden = Organisation.objects.create(name="Hidden", approval="pending", search_key=search_key(["Hidden"]))
    assert chosen(form(known, hidden.pk)) == hidden  # the coordinator sees what waits
    assert not form(known, hidden.pk, viewer=known.lale).is_valid()
    assert not form(known, "", "Hidden", viewer=known.lale).is_valid()


@pytest.mark.parametrize(
    ("picked", "typed", "box", "value"),
    [
        ("{relief}", "Relief Society", "Relief Society", "{relief}"),
        ("{relief}", "", "Relief Society", "{relief}"),
        ("{relief}", "Something else", "Something else", ""),
        ("", "Half a na", "Half a na", ""),
        ("999999", "Gone", "Gone", ""),
    ],
)
def test_after_a_fault_the_box_holds_what_stood_in_it(
    known: Cast, picked: str, typed: str, box: str, value: str
) -> None:
    page = str(form(known, picked.format(relief=known.relief.pk), typed)["who"])
    assert f'name="who_text" value="{box}"' in page
    assert f'name="who" value="{value.format(relief=known.relief.pk)}"' in page


def test_suggestions_are_few_and_for_those_signed_in(known: Cast, client: Any, sign_in: SignIn) -> None:
    for number in range(30):
        name = f"Relief {number}"
        Organisation.objects.create(name=name, approval="approved", search_key=search_key([name]))
    assert client.get("/lookup/orgs.organisation/", {"q": "relief"}).status_code == 403
    choices = sign_in("aina").get("/lookup/orgs.organisation/", {"q": "relief"}).json()["choices"]
    assert len(choices) == 12
    assert set(choices[0]) == {"value", "label", "detail"}
    assert sign_in("aina").get("/lookup/nothing/").status_code == 404


def test_areas_are_suggested_by_name_and_by_code(known: Cast, areas: dict[str, Any], sign_in: SignIn) -> None:
    store_names(list(areas.values()))
    for typed in ("east hil", "XX22"):
        choices = sign_in("aina").get("/lookup/places.area/", {"q": typed}).json()["choices"]
        assert choices[0]["label"] == "East Hills"
        assert "XX22" in choices[0]["detail"]


# --- Locations


@pytest.mark.parametrize(
    ("text", "lon", "lat"),
    [
        ("37.95, 58.38", 58.38, 37.95),
        ("37.95 58.38", 58.38, 37.95),
        ("37,95; 58,38", 58.38, 37.95),
        ("-37.95,-58.38", -58.38, -37.95),
        ("37.95N 58.38E", 58.38, 37.95),
        ("37.95° S, 58.38° W", -58.38, -37.95),
        ("37.95 С 58.38 В", 58.38, 37.95),
        ("37.95 Ю, 58.38 З", -58.38, -37.95),
        ("0, 0", 0, 0),
    ],
)
def test_coordinates_are_read_as_people_write_them(text: str, lon: float, lat: float) -> None:
    found = parse_coordinates(text)
    assert (found.x, found.y, found.srid) == (lon, lat, 4326)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("138.5, 38.2", "swapped"),
        ("91, 200", "not on Earth"),
        ("38.2, 190", "not on Earth"),
        ("38.2", "not a pair"),
        ("Ashgabat", "not a pair"),
        ("38.2, 58.4, 12", "not a pair"),
        ("4216545.1, 6502345.9", "not a pair"),
        ("nan, inf", "not a pair"),
    ],
)
def test_what_is_no_place_on_earth_is_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        parse_coordinates(text)


def test_a_location_left_empty_is_none_and_a_fault_keeps_the_text(known: Cast) -> None:
    made = form(known, known.relief.pk)
    assert made.is_valid()
    assert made.cleaned_data["where"] is None
    wrong = form(known, known.relief.pk, where="near the mosque")
    assert not wrong.is_valid()
    assert 'value="near the mosque"' in str(wrong["where"])


def test_a_point_is_shown_latitude_first_and_unchanged_is_not_changed() -> None:
    shown = Form(initial={"where": point(58.38, 37.95)})
    assert 'value="37.95000, 58.38000"' in str(shown["where"])
    field = shown.fields["where"]
    assert not field.has_changed(point(58.38, 37.95), "37.95000, 58.38000")
    assert field.has_changed(point(58.38, 37.95), "37.95100, 58.38000")
