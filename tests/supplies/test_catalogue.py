"""The catalogue: exact quantities, kits that end, words in any language, nothing used ever deleted."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from komek.accounts.authority import NotAllowed, standing_of
from komek.supplies.catalogue import add_pack, matching_items, retire_item, save_item
from komek.supplies.conversion import CannotConvert, UnitOfMeasure, to_base, valid_gtin, whole_packs
from komek.supplies.kits import set_kit_contents
from komek.supplies.models import CatalogueVersion, Category, Item, Unit
from komek.supplies.reference_data import Catalogue
from tests.conftest import Cast, actor

KG, G = UnitOfMeasure("kg", "mass", Decimal(1)), UnitOfMeasure("g", "mass", Decimal("0.001"))
LITRE = UnitOfMeasure("l", "volume", Decimal(1))
amounts = st.decimals(min_value="0.001", max_value="1000000", places=3)


@given(amounts)
def test_there_and_back_is_the_same_quantity(quantity: Decimal) -> None:
    assert to_base(to_base(quantity, KG, G), G, KG) == quantity


@given(amounts, amounts)
def test_packs_and_what_is_left_add_up(quantity: Decimal, in_one: Decimal) -> None:
    count, left = whole_packs(quantity, in_one)
    assert count * in_one + left == quantity
    assert 0 <= left < in_one


def test_kilograms_are_not_litres_and_a_sentence_says_so() -> None:
    with pytest.raises(CannotConvert, match="kg cannot be counted in l"):
        to_base(Decimal(1), KG, LITRE)


@pytest.mark.parametrize(
    ("text", "is_valid"),
    [
        ("4006381333931", True),
        ("4006381333932", False),
        ("73513537", True),
        ("", False),
        ("12a", False),
        ("123456789", False),
    ],
)
def test_a_wrong_digit_in_a_barcode_number_is_found(text: str, is_valid: bool) -> None:
    assert valid_gtin(text) == is_valid


@pytest.fixture
def shipped(db: None) -> None:
    Catalogue().load(lambda line: None)


@pytest.mark.parametrize("word", ["blanket", "ýorgan", "ko‘rpa", "кўрпа", "одеяло", "ОДЕЯЛО", "yorğan", "HOU-BLK"])
def test_an_item_is_found_by_its_name_in_any_language(shipped: None, word: str) -> None:
    assert "HOU-BLK" in matching_items(word, Item.objects.all()).values_list("code", flat=True)


def test_what_an_installation_changed_stays_when_the_catalogue_is_loaded_again(shipped: None) -> None:
    Item.objects.filter(code="HOU-BLK").update(name="Our blanket", is_active=False)
    Catalogue().load(lambda line: None)
    item = Item.objects.get(code="HOU-BLK")
    assert (item.name, item.is_active) == ("Our blanket", False)


def test_every_change_raises_the_version(shipped: None, cast: Cast) -> None:
    before = CatalogueVersion.objects.first()
    assert before
    standing = standing_of(cast.aina, cast.operation)
    add_pack(
        by=actor(cast.aina), standing=standing, item=Item.objects.get(code="HOU-BLK"), name="two", quantity=Decimal(2)
    )
    after = CatalogueVersion.objects.first()
    assert after and after.number == before.number + 1


def test_a_kit_never_holds_itself_at_any_depth(shipped: None, cast: Cast) -> None:
    standing, by = standing_of(cast.aina, cast.operation), actor(cast.aina)
    inner, outer = Item.objects.get(code="KIT-HYG"), Item.objects.get(code="KIT-WIN")
    set_kit_contents(by=by, standing=standing, kit=outer, contents={inner: Decimal(1)})
    with pytest.raises(ValidationError, match="hold itself"):
        set_kit_contents(by=by, standing=standing, kit=inner, contents={outer: Decimal(1)})
    with pytest.raises(ValidationError, match="hold itself"):
        set_kit_contents(by=by, standing=standing, kit=inner, contents={inner: Decimal(1)})
    assert inner.contents.count() == 7


def test_only_those_entitled_change_the_catalogue(shipped: None, cast: Cast) -> None:
    item = Item.objects.get(code="HOU-BLK")
    with pytest.raises(NotAllowed):
        retire_item(by=actor(cast.oraz), standing=standing_of(cast.oraz, cast.operation), item=item)
    with pytest.raises(NotAllowed):
        save_item(by=actor(cast.pending), standing=standing_of(cast.pending, cast.operation), item=item)


@pytest.mark.parametrize(
    ("quantity", "gtin", "words"), [("0", "", "more than nothing"), ("5", "4006381333932", "wrong digit")]
)
def test_an_impossible_pack_is_refused_with_a_sentence(
    shipped: None, cast: Cast, quantity: str, gtin: str, words: str
) -> None:
    with pytest.raises(ValidationError, match=words):
        add_pack(
            by=actor(cast.aina), standing=standing_of(cast.aina, cast.operation), item=Item.objects.get(code="HOU-BLK"),
            name="x", quantity=Decimal(quantity), gtin=gtin,
        )  # fmt: skip


def test_the_pages_show_add_change_and_retire(shipped: None, cast: Cast, client: Client) -> None:
    client.force_login(cast.aina, backend="django.contrib.auth.backends.ModelBackend")
    assert "Blanket" in client.get("/supplies/?text=одеяло").content.decode()
    assert "15" in client.get("/supplies/WAT-BULK/").content.decode()
    form = {
        "code": "X-1", "name": "Rope ladder", "category": Category.objects.get(key="tools").pk,
        "unit": Unit.objects.get(symbol="pc").pk,
    }  # fmt: skip
    assert client.post("/supplies/add/", form)["Location"] == "/supplies/X-1/"
    broken = client.post("/supplies/add/", form)
    assert broken.status_code == 422
    assert "Rope ladder" in broken.content.decode()
    client.post("/supplies/X-1/pack/", {"name": "bundle", "quantity": "6"})
    client.post("/supplies/X-1/retire/")
    assert "out of use" in client.get("/supplies/X-1/").content.decode()
    assert "Rope ladder" not in client.get("/supplies/?size=200").content.decode()
    made = Item.objects.get(code="X-1")
    assert client.post(f"/catalogue/items/{made.pk}/use-again/")["Location"] == "/supplies/X-1/"
    made.refresh_from_db()
    assert made.is_active
    client.post(f"/catalogue/items/{made.pk}/names/", {"names_ru": "Верёвочная лестница"})
    assert "Rope ladder" in client.get("/supplies/?text=веревочная").content.decode()
    pack = made.packs.get()
    broken = client.post(f"/catalogue/packs/{pack.pk}/", {"name": "bundle of 8", "quantity": "0"})
    assert broken.status_code == 422
    assert "bundle of 8" in broken.content.decode()
    client.post(f"/catalogue/packs/{pack.pk}/", {"name": "bundle of 8", "quantity": "8"})
    pack.refresh_from_db()
    assert (pack.name, pack.quantity) == ("bundle of 8", 8)
    client.post(f"/catalogue/packs/{pack.pk}/remove/")
    assert not made.packs.exists()
    history = client.get(f"/history/supplies/item/{made.pk}/").content.decode()
    assert "Pack: bundle" in history
    assert ".000000" not in history


def test_units_and_categories_are_kept_on_pages(shipped: None, cast: Cast, client: Client) -> None:
    client.force_login(cast.aina, backend="django.contrib.auth.backends.ModelBackend")
    unit = {"name": "crate", "symbol": "crt", "dimension": "count", "factor": "12", "names_ru": "ящик"}
    assert client.post("/catalogue/units/add/", unit)["Location"] == "/catalogue/lists/"
    assert Unit.objects.get(symbol="crt").names == {"ru": "ящик"}
    again = client.post("/catalogue/units/add/", unit)
    assert "Another unit has this symbol" in again.content.decode()
    kilogram = Unit.objects.get(symbol="kg")
    other_size = {"name": "kilogram", "symbol": "kg", "dimension": "mass", "factor": "2"}
    assert "its size cannot change" in client.post(f"/catalogue/units/{kilogram.pk}/", other_size).content.decode()
    category = Category.objects.get(key="tools")
    inside_itself = {"name": "Tools", "parent": category.pk, "order": "5"}
    assert "inside itself" in client.post(f"/catalogue/categories/{category.pk}/", inside_itself).content.decode()
    client.post(
        "/catalogue/categories/add/", {"name": "Ladders", "key": "ladders", "parent": category.pk, "order": "7"}
    )
    assert "Ladders" in client.get("/catalogue/lists/").content.decode()
    client.force_login(cast.oraz, backend="django.contrib.auth.backends.ModelBackend")
    assert client.post("/catalogue/units/add/", {**unit, "symbol": "zz"}).status_code == 403
    assert "/catalogue/units/add/" not in client.get("/catalogue/lists/").content.decode()


def test_the_catalogue_is_a_table_that_sorts_filters_and_exports(shipped: None, cast: Cast, client: Client) -> None:
    client.force_login(cast.aina, backend="django.contrib.auth.backends.ModelBackend")
    item = Item.objects.get(code="HOU-BLK")
    retire_item(by=actor(cast.aina), standing=standing_of(cast.aina, cast.operation), item=item)
    assert [row.code for row in client.get("/supplies/?use=ended").context["page"]] == ["HOU-BLK"]
    codes = [row.code for row in client.get("/supplies/?sort=-code&size=200").context["page"]]
    assert codes == sorted(codes, reverse=True)
    assert "HOU-BLK" not in codes
    kept = client.get("/supplies/?category=household&use=all&export=csv").getvalue().decode()
    assert "HOU-BLK" in kept
    assert "out of use" in kept
    assert kept.count("\r\n") - 1 == Item.objects.filter(category__key="household").count()
    page = client.get("/supplies/?category=household").content.decode()
    assert "Counted in" in page
    assert page.count(">In use<") + page.count(">In use ") == 1, "one question, asked once"
    assert "Counted in" in client.get("/supplies/add/").content.decode(), "one word for one thing"
    whole = client.get("/exchange/supplies.item/export/?category=household&format=hxl")
    assert whole.getvalue().decode().count("household") == Item.objects.filter(category__key="household").count()
