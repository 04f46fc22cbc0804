"""The catalogue as tables: items, packs, contents of kits, needs. The room itself is a floor below and cannot import this one.

``#item`` and its attributes follow the HXL core schemas 1.1 (https://hxlstandard.org) as far as they go.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from komek.exchange import cells
from komek.exchange.columns import Column
from komek.exchange.keyed import KeyedTable, assemble_names, empty_name, name_columns
from komek.exchange.planning import Context, Outcome, Row
from komek.supplies.catalogue import (
    folded,
    item_faults,
    lock_catalogue,
    pack_faults,
    raise_version,
    search_key,
    units_counted_in,
)
from komek.supplies.conversion import CannotConvert, to_base
from komek.supplies.filters import ItemFilter
from komek.supplies.kits import holds
from komek.supplies.models import Category, HowOften, Item, KitContent, Need, Pack, Unit, Whom, plain
from komek.supplies.needs import need_faults

# -- what cells name


def items_called(texts: Sequence[str], context: Any) -> dict[str, list[Item]]:
    """Items by code in any case, else by a whole name in any language. Two queries at most."""
    wanted = {text.upper(): text for text in texts}
    every = Item.objects.select_related("unit")
    by_code: dict[str, list[Item]] = {}
    for item in every.filter(code__in={*texts, *wanted, *(text.lower() for text in texts)}):
        by_code.setdefault(item.code.upper(), []).append(item)
    if all(text in by_code for text in wanted):
        return {text: _exact(by_code[text.upper()], text) for text in texts}
    by_name: dict[str, list[Item]] = {}
    for item in every:
        by_code.setdefault(item.code.upper(), [item])
        for name in {folded(name) for name in (item.name, *item.names.values())}:
            by_name.setdefault(name, []).append(item)
    return {text: _exact(by_code.get(text.upper(), []), text) or by_name.get(folded(text), []) for text in texts}


def _exact(items: list[Item], text: str) -> list[Item]:
    return [item for item in items if item.code == text] or items


def categories_called(texts: Sequence[str], context: Any) -> dict[str, list[Category]]:
    """Categories by key or by name in any language."""
    return _called(texts, list(Category.objects.all()), lambda category: category.key)


def units_called(texts: Sequence[str], context: Any) -> dict[str, list[Unit]]:
    """Units by symbol or by name in any language."""
    return _called(texts, list(Unit.objects.all()), lambda unit: unit.symbol)


def _called(texts: Sequence[str], records: Sequence[Any], key: Callable[[Any], str]) -> dict[str, list[Any]]:
    exact = {key(record): record for record in records}
    words: dict[str, dict[int, Any]] = {}
    for record in records:
        for word in (key(record), record.name, *record.names.values()):
            words.setdefault(word.casefold(), {})[record.pk] = record
    return {text: [exact[text]] if text in exact else list(words.get(text.casefold(), {}).values()) for text in texts}


# -- cells that hold a small table themselves


def words_text(words: Mapping[str, Any]) -> str:
    """``{"tk": ["suw"], "ru": ["вода", "питьё"]}`` → ``tk: suw | ru: вода, питьё``; as JSON when a word holds a separator."""
    lists = {key: value if isinstance(value, list) else [value] for key, value in words.items()}
    groups = {key: kept for key, group in lists.items() if (kept := [word for word in group if word])}
    flat = [*groups, *(word for group in groups.values() for word in group)]
    if any(set(str(word)) & set(":|,{") or str(word) != str(word).strip() for word in flat):
        return json.dumps(groups, ensure_ascii=False, sort_keys=True)
    return " | ".join(f"{key}: {', '.join(map(str, groups[key]))}" for key in sorted(groups))


def parse_words(text: str) -> dict[str, list[str]]:
    """The reverse of ``words_text``. Raises ValueError with a sentence."""
    if text.startswith("{"):
        return _parse_json(text)
    found: dict[str, list[str]] = {}
    for group in text.split("|"):
        key, colon, words = group.partition(":")
        if not colon or not key.strip():
            raise ValueError(_("“%(text)s”: write it like tk: suw | ru: вода, питьё.") % {"text": group.strip()[:40]})
        found[key.strip()] = [word.strip() for word in words.split(",") if word.strip()]
    return {key: words for key, words in found.items() if words}


def _parse_json(text: str) -> dict[str, list[str]]:
    sentence = _("The cell begins like JSON but is none, or not words by key.")
    try:
        found = json.loads(text)
    except ValueError as fault:
        raise ValueError(sentence) from fault
    groups = {key: group if isinstance(group, list) else [group] for key, group in found.items()}
    if not all(isinstance(word, str) for group in groups.values() for word in group):
        raise ValueError(sentence)
    return groups


def parse_aliases(text: str) -> dict[str, list[str]]:
    """Words by language. Raises ValueError for a language that is not used here."""
    found = parse_words(text)
    known = dict(settings.LANGUAGES)
    if unknown := sorted(set(found) - set(known)):
        raise ValueError(
            _("“%(code)s” is not one of the languages here: %(known)s.")
            % {"code": unknown[0][:20], "known": ", ".join(known)}
        )
    return found


def parse_codes(text: str) -> dict[str, str]:
    """Catalogue → the item's code there."""
    return {key: words[0] for key, words in parse_words(text).items() if words}


def _plain(name: str) -> Callable[[Any], str]:
    def text(record: Any) -> str:
        value = getattr(record, name)
        return plain(value) if value is not None else ""

    return text


QUANTITY = cells.exact_number(digits=12, places=6)


def _quantity_columns(help_text: Any) -> tuple[Column, Column]:
    return (
        Column("quantity", gettext_lazy("Quantity"), "#item+quantity", QUANTITY, value=_plain("quantity"), required=True,
               help=help_text, example="2.5"),
        Column("unit", gettext_lazy("Unit"), "#item+unit", find=units_called, value=lambda record: record.item.unit.symbol,
               help=gettext_lazy("Empty: the item's own unit. Another unit is converted."), example="kg"),
    )  # fmt: skip


def _item_column(name: str, title: Any, tag: str, example: str) -> Column:
    return Column(
        name, title, tag, find=items_called, value=lambda record: getattr(record, name).code, required=True,
        help=gettext_lazy("Its code, or its whole name in any language."), example=example,
    )  # fmt: skip


class CatalogueTable(KeyedTable):
    """Any table of the catalogue: one change at a time, and every import raises the version."""

    item_fields: ClassVar[tuple[str, ...]] = ()

    def plan(self, rows: Sequence[Row], context: Context) -> None:
        lock_catalogue()
        super().plan(rows, context)

    def write(self, rows: Sequence[Row], context: Context) -> None:
        super().write(rows, context)
        written = [row.record for row in rows if row.outcome in (Outcome.CREATE, Outcome.UPDATE)]
        if written:
            touched = {getattr(record, f"{name}_id") for record in written for name in self.item_fields}
            Item.objects.filter(pk__in=touched).update(updated_at=timezone.now())
            raise_version(context.by.reason)

    def taken_back(self, context: Context) -> None:
        raise_version(context.by.reason)

    def describe(self, record: Any) -> str:
        return str(record)

    def convert(self, record: Any, row: Row) -> None:
        """``quantity`` into the item's own unit, when the row names another."""
        unit = row.values.get("unit")
        if unit is None or "quantity" not in row.values:
            return
        try:
            record.quantity = to_base(row.values["quantity"], unit.measure, record.item.unit.measure)
        except CannotConvert as refusal:
            row.fault("unit", str(refusal))


class ItemTable(CatalogueTable):
    key = "supplies.item"
    title = gettext_lazy("Items of the catalogue")
    model = Item
    filterset_class = ItemFilter
    key_fields = ("code",)
    derived_fields = ("names", "search_key")
    columns = (
        Column("code", gettext_lazy("Code"), "#item+code", cells.text_of(40), required=True, example="HOU-BLK",
               help=gettext_lazy("Names the item for good.")),
        Column("name", gettext_lazy("Name"), "#item+name", cells.text_of(150), required=True, example="Blanket",
               aliases=("Item", "Товар", "Наименование")),
        *name_columns("#item+name", longest=150),
        Column("aliases", gettext_lazy("Other names"), "#item+alias", parse_aliases, lambda record: words_text(record.aliases),
               help=gettext_lazy("By language, such as tk: suw | ru: вода, питьё"), example="en: cover | ru: плед"),
        Column("category", gettext_lazy("Category"), "#item+type", find=categories_called, required=True,
               value=lambda record: record.category.key, example="household"),
        Column("unit", gettext_lazy("Counted in"), "#item+unit", find=units_called, required=True,
               value=lambda record: record.unit.symbol, example="pc"),
        Column("description", gettext_lazy("Description"), "#item+description", cells.text_of(5000)),
        Column("external_codes", gettext_lazy("Codes in other catalogues"), "#item+code+external", parse_codes,
               lambda record: words_text(record.external_codes), example="ifrc: HSHEBLAN"),
        Column("is_perishable", gettext_lazy("Expires"), "#item+perishable", cells.yes_or_no),
        Column("is_hazardous", gettext_lazy("Dangerous goods"), "#item+hazardous", cells.yes_or_no),
        Column("coldest_c", gettext_lazy("Keep above, °C"), "#item+temperature+min",
               cells.exact_number(digits=3, places=1, lowest=None), _plain("coldest_c")),
        Column("warmest_c", gettext_lazy("Keep below, °C"), "#item+temperature+max",
               cells.exact_number(digits=3, places=1, lowest=None), _plain("warmest_c")),
        Column("weight_kg", gettext_lazy("Weight of one unit, kg"), "#item+weight+kg", QUANTITY, _plain("weight_kg")),
        Column("volume_l", gettext_lazy("Volume of one unit, l"), "#item+volume+l", QUANTITY, _plain("volume_l")),
        Column("is_active", gettext_lazy("In use"), "#item+status", cells.yes_or_no),
        Column("replaced_by", gettext_lazy("Replaced by"), "#item+code+replacement", find=items_called,
               value=lambda record: record.replaced_by.code if record.replaced_by else ""),
    )  # fmt: skip

    def related(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.select_related("category", "unit", "replaced_by")

    def candidates(self, rows: Sequence[Row], context: Context) -> dict[int, list[Any]]:
        found = super().candidates(rows, context)
        known = [record.pk for records in found.values() for record in records]
        context.made["supplies.item: units"] = {str(pk): unit for pk, unit in units_counted_in(known).items()}
        return found

    def assemble(self, record: Any, row: Row) -> None:
        assemble_names(record, row.values)
        record.search_key = search_key(record)

    def empty(self, record: Any, name: str) -> None:
        if name in ("aliases", "external_codes"):
            setattr(record, name, {})
        elif not empty_name(record, name):
            super().empty(record, name)
        record.search_key = search_key(record)

    def check(self, record: Any, row: Row, context: Context) -> dict[str, Any]:
        units = context.made.get("supplies.item: units", {})
        faults = item_faults(record, unit_before=units.get(str(record.pk)))
        if record.replaced_by is not None and record.replaced_by.pk == record.pk:
            faults["replaced_by"] = _("An item cannot be replaced by itself.")
        return faults


class PackTable(CatalogueTable):
    key = "supplies.pack"
    title = gettext_lazy("Packs of the catalogue")
    model = Pack
    key_fields = ("item", "name")
    item_fields = ("item",)
    derived_fields = ("names", "quantity")
    columns = (
        _item_column("item", gettext_lazy("Item"), "#item+code", "FOD-RICE"),
        Column(
            "name", gettext_lazy("Pack"), "#item+pack+name", cells.text_of(150), required=True, example="carton of 24"
        ),
        *name_columns("#item+pack+name", longest=150),
        *_quantity_columns(gettext_lazy("How much of the item is in one pack.")),
        Column("gtin", gettext_lazy("Barcode number (GTIN)"), "#item+gtin", cells.text_of(14), example="4006381333931"),
    )

    def related(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.select_related("item__unit")

    def assemble(self, record: Any, row: Row) -> None:
        assemble_names(record, row.values)
        self.convert(record, row)

    def empty(self, record: Any, name: str) -> None:
        if not empty_name(record, name):
            super().empty(record, name)

    def check(self, record: Any, row: Row, context: Context) -> dict[str, Any]:
        return pack_faults(record)


class KitContentTable(CatalogueTable):
    key = "supplies.kitcontent"
    title = gettext_lazy("Contents of kits")
    model = KitContent
    key_fields = ("kit", "item")
    item_fields = ("kit",)
    derived_fields = ("quantity",)
    columns = (
        _item_column("kit", gettext_lazy("Kit"), "#item+code+kit", "KIT-HYG"),
        _item_column("item", gettext_lazy("Item"), "#item+code", "HYG-SOAP"),
        *_quantity_columns(
            gettext_lazy("How much of the item is in one kit. To take it out, change the kit's own page.")
        ),
    )

    def related(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.select_related("kit", "item__unit")

    def assemble(self, record: Any, row: Row) -> None:
        self.convert(record, row)

    def check(self, record: Any, row: Row, context: Context) -> dict[str, Any]:
        return {} if record.quantity > 0 else {"quantity": _("Each quantity in a kit must be more than zero.")}

    def plan(self, rows: Sequence[Row], context: Context) -> None:
        """No row may close a circle of kits, neither with what is there nor with rows before it, also of earlier chunks."""
        super().plan(rows, context)
        added = context.made.setdefault("supplies.kitcontent: contents", {})
        contents: dict[int, set[int]] = {}
        for kit, item in (*KitContent.objects.values_list("kit_id", "item_id"), *added.values()):
            contents.setdefault(kit, set()).add(item)
        for row in rows:
            if row.outcome != Outcome.CREATE:
                continue
            kit, item = row.record.kit_id, row.record.item_id
            if holds(contents, item, kit):
                row.fault("item", _("The kit would hold itself. Take out the part that holds this kit."))
                row.outcome = Outcome.REFUSED
                continue
            contents.setdefault(kit, set()).add(item)
            added[f"{kit}:{item}"] = (kit, item)


class NeedTable(CatalogueTable):
    key = "supplies.need"
    title = gettext_lazy("What people need")
    model = Need
    key_fields = ("item", "purpose", "whom", "how_often", "valid_from", "source")
    item_fields = ("item",)
    derived_fields = ("quantity",)
    columns = (
        _item_column("item", gettext_lazy("Item"), "#item+code", "WAT-BULK"),
        Column("purpose", gettext_lazy("For what"), "#item+purpose", cells.text_of(80),
               help=gettext_lazy("Empty for all that is needed of the item; else which part of it.")),
        *_quantity_columns(gettext_lazy("How much one person or household needs.")),
        Column("whom", gettext_lazy("For whom"), "#need+whom", cells.one_of(dict(Whom.choices)), example="person"),
        Column("how_often", gettext_lazy("How often"), "#need+frequency", cells.one_of(dict(HowOften.choices)), example="day"),
        Column("source", gettext_lazy("Source"), "#meta+source", cells.text_of(200), required=True,
               example="Sphere Handbook 2018"),
        Column("valid_from", gettext_lazy("Valid from"), "#date+start", cells.day, required=True, example="2026-11-23"),
        Column("note", gettext_lazy("Note"), "#description", cells.text_of(300)),
    )  # fmt: skip

    def related(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.select_related("item__unit")

    def assemble(self, record: Any, row: Row) -> None:
        self.convert(record, row)

    def check(self, record: Any, row: Row, context: Context) -> dict[str, Any]:
        return need_faults(record)


PLUGS = (ItemTable(), PackTable(), KitContentTable(), NeedTable())
