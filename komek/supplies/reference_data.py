"""Plug for ``reference_data``: the catalogue that comes with Komek (see ``data/README.md``)."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

from komek.supplies.catalogue import raise_version, search_key
from komek.supplies.models import Category, Item, KitContent, Need, Pack, Unit

DATA = Path(__file__).parent / "data"


class Catalogue:
    key = "supplies.catalogue"
    order = 20

    def load(self, report: Callable[[str], None]) -> None:
        """Add what is missing; what an installation changed or retired stays as it is."""
        shipped = json.loads((DATA / "catalogue.json").read_text(encoding="utf-8"))
        known = set(Item.objects.values_list("code", flat=True))
        fresh = [row for row in shipped["items"] if row["code"] not in known]
        if not fresh:
            return
        for row in shipped["units"]:
            Unit.objects.get_or_create(symbol=row["symbol"], defaults={**row, "factor": Decimal(row["factor"])})
        for row in shipped["categories"]:
            Category.objects.get_or_create(key=row["key"], defaults=row)
        units = {unit.symbol: unit for unit in Unit.objects.all()}
        categories = {category.key: category for category in Category.objects.all()}
        kits = {}
        for row in fresh:
            contents = row.pop("contents", None)
            item = Item(**{**row, "unit": units[row["unit"]], "category": categories[row["category"]]})
            item.search_key = search_key(item)
            item.save()
            if contents:
                kits[item] = contents
        items = {item.code: item for item in Item.objects.all()}
        new = {row["code"] for row in fresh}
        for kit, contents in kits.items():
            KitContent.objects.bulk_create(
                KitContent(kit=kit, item=items[code], quantity=Decimal(quantity)) for code, quantity in contents.items()
            )
        for row in shipped["packs"]:
            if row["item"] in new:
                Pack.objects.create(item=items[row["item"]], name=row["name"], quantity=Decimal(row["quantity"]))
        for row in shipped["needs"]:
            if row["item"] in new:
                Need.objects.create(**{**row, "item": items[row["item"]], "quantity": Decimal(row["quantity"])})
        raise_version(f"shipped {shipped['version']}")
        report(f"Catalogue: {len(fresh)} items")


PLUGS = [Catalogue()]
