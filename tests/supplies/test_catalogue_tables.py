"""The catalogue as tables: an export comes back unchanged, an edited one changes what was edited, under the pages' rules."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from komek.accounts.authority import standing_of
from komek.accounts.models import User
from komek.exchange import importing
from komek.exchange.cells import exact_number
from komek.exchange.exporting import FORMATS, chosen_columns
from komek.exchange.models import ImportBatch
from komek.exchange.reversing import reverse_batch
from komek.exchange.supply_tables import parse_words, words_text
from komek.extensions import Viewer
from komek.extensions.exchange import exchange
from komek.records.actor import Channel
from komek.supplies.catalogue import matching_items
from komek.supplies.models import CatalogueVersion, Item, KitContent, Need, Pack
from komek.supplies.reference_data import Catalogue
from tests.conftest import Cast, actor

KEYS = ["supplies.item", "supplies.pack", "supplies.kitcontent", "supplies.need"]


@pytest.fixture
def world(cast: Cast) -> Cast:
    Catalogue().load(lambda line: None)
    return cast


def bring(world: Cast, key: str, content: bytes | str, *, by: User | None = None, name: str = "t.csv") -> ImportBatch:
    """Receive and check a file."""
    resource: Any = exchange.get(key)
    data = content.encode() if isinstance(content, str) else content
    batch = importing.receive(
        by=actor(by or world.aina, Channel.IMPORT),
        operation=world.operation,
        resource=resource,
        content=data,
        name=name,
    )
    mapping = {int(place): ours for place, ours in batch.mapping.items()}
    importing.match_columns(batch, mapping, create_missing=False)
    importing.check(batch)
    return batch


def faults(batch: ImportBatch) -> list[tuple[int, str, str]]:
    return [(row.number, fault["column"], fault["sentence"]) for row in batch.rows.all() for fault in row.faults]


def exported(world: Cast, key: str, form: str) -> bytes:
    resource: Any = exchange.get(key)
    records = resource.export_queryset(Viewer(user=world.oraz, operation=world.operation)).order_by("pk")
    return b"".join(FORMATS[form][2](resource, chosen_columns(resource), records, is_exercise=False))


def version() -> int:
    return CatalogueVersion.objects.count()


@pytest.mark.parametrize("form", list(FORMATS))
@pytest.mark.parametrize("key", KEYS)
def test_the_whole_catalogue_comes_back_unchanged(world: Cast, key: str, form: str) -> None:
    odd = Item.objects.get(code="HOU-BLK")
    odd.names = {"tk": "=ýorgan", "uz-cyrl": "Адёл", "en": "-Blanket"}
    odd.aliases = {"ru": ["плед, тёплый", "одеяло: шерсть"], "en": ["{cover}"]}
    odd.external_codes = {"ifrc": "HSHE|BLAN", "who": "0012"}
    odd.coldest_c, odd.weight_kg, odd.description = Decimal("-20.5"), Decimal("1.250000"), 'Two\nlines, "quoted"; +1'
    odd.is_active, odd.replaced_by = False, Item.objects.get(code="FOD-RICE")
    odd.save()
    Pack.objects.create(item=odd, name="@bale of 0.5", quantity=Decimal("0.500000"), gtin="4006381333931")
    Need.objects.create(
        item=odd,
        quantity=Decimal("1000"),
        whom="household",
        how_often="month",
        source="-x",
        valid_from=date(2026, 1, 2),
    )
    batch = bring(world, key, exported(world, key, form), name=f"x.{FORMATS[form][0]}")
    assert set(batch.counts) == {"unchanged"}, (faults(batch), list(batch.rows.values_list("changes", flat=True)))
    before = version()
    importing.apply(batch)
    assert version() == before


def test_an_edited_export_changes_what_was_edited_and_raises_the_version_once(world: Cast) -> None:
    text = exported(world, "supplies.item", "csv").decode()
    assert "Blanket" in text
    edited = text.replace("Blanket", "Warm blanket").replace("HOU-BLK", "hou-blk")
    batch = bring(world, "supplies.item", edited)
    assert batch.counts["update"] >= 1
    assert "create" not in batch.counts
    before = version()
    importing.apply(batch)
    assert version() == before + 1
    item = Item.objects.get(code="HOU-BLK")
    assert item.name == "Warm blanket"
    assert item in matching_items("warm blanket", Item.objects.all())
    event = item.events.order_by("-pgh_id").first()  # type: ignore[attr-defined]
    assert (event.pgh_context["channel"], event.pgh_context["batch"]) == ("import", str(batch.pk))


def test_new_items_packs_contents_and_needs_go_in_with_units_converted(world: Cast) -> None:
    items = "code,name,Name (Russian),category,counted in,weight of one unit (kg)\nX-1,Bulgur,Булгур,food,kg,\n"
    items += 'X-2,Food box,,Food,kit,"12,5"\n'
    importing.apply(bring(world, "supplies.item", items))
    bulgur = Item.objects.get(code="X-1")
    assert (bulgur.names, bulgur.unit.symbol) == ({"ru": "Булгур"}, "kg")
    assert bulgur in matching_items("булгур", Item.objects.all())
    assert Item.objects.get(code="X-2").weight_kg == Decimal("12.5")
    importing.apply(bring(world, "supplies.pack", "item,pack,quantity,unit\nбулгур,bag,500,g\n"))
    assert Pack.objects.get(name="bag").quantity == Decimal("0.5")
    importing.apply(bring(world, "supplies.kitcontent", "kit,item,quantity,unit\nx-2,X-1,1500,g\nX-2,fod-rice,5,\n"))
    assert dict(KitContent.objects.filter(kit__code="X-2").values_list("item__code", "quantity")) == {
        "X-1": Decimal("1.5"), "FOD-RICE": Decimal(5)
    }  # fmt: skip
    needs = "item,quantity,unit,how often,source,valid from\nX-1,60,g,a day,WFP,2026-05-01\n"
    importing.apply(bring(world, "supplies.need", needs))
    need = Need.objects.get(item=bulgur)
    assert (need.quantity, need.how_often, need.whom) == (Decimal("0.06"), "day", "person")
    again = bring(world, "supplies.need", needs.replace("60", "70"))
    assert again.counts == {"update": 1}


@pytest.mark.parametrize(
    ("key", "text", "column", "words"),
    [
        ("supplies.item", "code,name,category,unit\nX,x,nope,pc\n", "category", "not known"),
        ("supplies.item", "code,name,category,unit\nX,,food,pc\n", "name", "must be filled in"),
        ("supplies.item", "code,name,category,unit\nFOD-RICE,Rice,food,g\n", "unit", "base unit cannot change"),
        (
            "supplies.item",
            "code,name,category,unit,keep above °C,keep below °C\nX,x,food,pc,8,2\n",
            "warmest_c",
            "swapped",
        ),
        (
            "supplies.item",
            "code,name,category,unit,keep above °C\nX,x,food,pc,2.55\n",
            "coldest_c",
            "more than 1 digit",
        ),
        ("supplies.item", "code,name,category,unit,other names\nX,x,food,pc,suw\n", "aliases", "write it like"),
        ("supplies.item", "code,name,category,unit,other names\nX,x,food,pc,xx: suw\n", "aliases", "languages here"),
        ("supplies.item", "code,name,category,unit,other names\nX,x,food,pc,{1}\n", "aliases", "JSON"),
        ("supplies.item", "code,name,category,unit\nX,x,food,pc\nx,Another,food,pc\n", "", "Row 2 is about the same"),
        ("supplies.pack", "item,pack,quantity\nFOD-RICE,bag,0\n", "quantity", "more than nothing"),
        ("supplies.pack", "item,pack,quantity,unit\nFOD-RICE,bag,5,l\n", "unit", "l cannot be counted in kg"),
        (
            "supplies.pack",
            "item,pack,quantity,barcode number (GTIN)\nFOD-RICE,bag,5,4006381333932\n",
            "gtin",
            "wrong digit",
        ),
        ("supplies.kitcontent", "kit,item,quantity\nKIT-HYG,KIT-HYG,1\n", "item", "would hold itself"),
        (
            "supplies.kitcontent",
            "kit,item,quantity\nKIT-WIN,KIT-HYG,1\nKIT-HYG,KIT-WIN,1\n",
            "item",
            "would hold itself",
        ),
        ("supplies.kitcontent", "kit,item,quantity\nKIT-HYG,FOD-RICE,1e9\n", "quantity", "not a number"),
        ("supplies.kitcontent", "kit,item,quantity\nKIT-HYG,FOD-RICE,1000000000000\n", "quantity", "too large"),
        ("supplies.need", "item,quantity,source,valid from\nFOD-RICE,1,WFP,31.02.2026\n", "valid_from", "no such day"),
        (
            "supplies.need",
            "item,quantity,source,valid from,for whom\nFOD-RICE,1,WFP,2026-01-01,horse\n",
            "whom",
            "not one of",
        ),
    ],
)
def test_what_breaks_a_rule_is_said_by_row_and_column(
    world: Cast, key: str, text: str, column: str, words: str
) -> None:
    (fault,) = faults(bring(world, key, text))
    assert fault[1] == column
    assert words in fault[2]


def test_a_circle_of_kits_over_several_chunks_is_refused_and_never_written(
    world: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "CHUNK", 1)
    text = "kit,item,quantity\nKIT-WIN,KIT-HYG,1\nFOD-RICE,KIT-WIN,1\nKIT-HYG,FOD-RICE,1\n"
    batch = bring(world, "supplies.kitcontent", text)
    assert batch.counts == {"create": 2, "refused": 1}
    importing.apply(batch)
    assert not KitContent.objects.filter(kit__code="KIT-HYG", item__code="FOD-RICE").exists()
    before = version()
    reverse_batch(by=actor(world.aina), batch=batch, standing=standing_of(world.aina, world.operation))
    assert version() == before + 1
    assert not KitContent.objects.filter(item__code="KIT-WIN").exists()


def test_taking_an_import_back_restores_names_in_every_language(world: Cast) -> None:
    blanket = Item.objects.get(code="HOU-BLK")
    kept = (blanket.name, dict(blanket.names), dict(blanket.aliases), blanket.search_key)
    text = "code,name,Name (English),Codes in other catalogues,category,counted in\n"
    text += f"HOU-BLK,Cover,Thick cover,ifrc: X,{blanket.category.key},{blanket.unit.symbol}\n"
    batch = bring(world, "supplies.item", text)
    importing.apply(batch)
    blanket.refresh_from_db()
    assert (blanket.names["en"], blanket.external_codes) == ("Thick cover", {"ifrc": "X"})
    result = reverse_batch(by=actor(world.aina), batch=batch, standing=standing_of(world.aina, world.operation))
    assert (result.restored, result.left) == (1, {})
    blanket.refresh_from_db()
    assert (blanket.name, blanket.names, blanket.aliases, blanket.search_key) == kept
    assert blanket.external_codes == {}


def test_an_import_taken_back_leaves_an_item_that_others_count_in_by_now(world: Cast) -> None:
    batch = bring(world, "supplies.item", "code,name,category,counted in\nX-1,Bulgur,food,kg\n")
    importing.apply(batch)
    Pack.objects.create(item=Item.objects.get(code="X-1"), name="bag", quantity=5)
    result = reverse_batch(by=actor(world.aina), batch=batch, standing=standing_of(world.aina, world.operation))
    assert "refer to it" in result.left[2]
    assert Pack.objects.filter(name="bag").exists()


@pytest.mark.parametrize("name", ["murad", "oraz"])
def test_who_may_not_change_the_catalogue_may_not_import_into_it(world: Cast, name: str, client: Client) -> None:
    text = "code,name,category,counted in\nHOU-BLK,Mine,household,pc\nX-1,Mine,food,kg\n"
    batch = bring(world, "supplies.item", text, by=getattr(world, name))
    importing.apply(batch)
    assert not Item.objects.filter(name="Mine").exists()
    client.force_login(getattr(world, name), backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/exchange/supplies.item/import/").status_code == 403
    assert b"HOU-BLK" in b"".join(client.get("/exchange/supplies.item/export/?format=hxl"))


def test_a_thousand_rows_cost_as_many_queries_as_ten(world: Cast) -> None:
    def cost(start: int, rows: int) -> int:
        lines = [f"N-{start + number},Thing {number},food,kg" for number in range(rows)]
        batch = bring(world, "supplies.item", "code,name,category,counted in\n" + "\n".join(lines))
        with CaptureQueriesContext(connection) as queries:
            importing.apply(batch)
        return len(queries)

    cost(0, 1)
    assert cost(10, 10) == cost(1000, 400)


@given(st.dictionaries(st.sampled_from(["tk", "ru", "en"]), st.lists(st.text(max_size=8), max_size=3), max_size=3))
def test_words_by_language_read_the_same_again(words: dict[str, list[str]]) -> None:
    text = words_text(words)
    kept = {key: [word for word in group if word] for key, group in words.items()}
    assert (parse_words(text) if text else {}) == {key: group for key, group in kept.items() if group}


@pytest.mark.parametrize(
    ("text", "value"), [("2,5", "2.5"), ("1 200.5", "1200.5"), ("-3", "-3"), ("+0.5", "0.5"), ("", None)]
)
def test_exact_numbers_are_read_as_people_write_them(text: str, value: str | None) -> None:
    assert exact_number(digits=6, places=1, lowest=None)(text) == (Decimal(value) if value else None)
