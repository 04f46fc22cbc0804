"""Plug for ``reference_data``: the regions and settlements that come with Komek (see ``data/README.md``)."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.contrib.gis.geos import GEOSGeometry, MultiPolygon, Point

from komek.places.finding import areas_at, rebuild_parts
from komek.places.keys import plain, search_key
from komek.places.models import Area, AreaCode, Generation, GenerationState, NameKind, PlaceName, Settlement

DATA = Path(__file__).parent / "data"
EDITION = "Natural Earth 1:10m"
COUNTRIES = {
    "TM": {
        "en": "Turkmenistan",
        "tk": "Türkmenistan",
        "ru": "Туркменистан",
        "uz": "Turkmaniston",
        "az": "Türkmənistan",
    },
    "UZ": {"en": "Uzbekistan", "tk": "Özbegistan", "ru": "Узбекистан", "uz": "Oʻzbekiston", "az": "Özbəkistan"},
    "AZ": {"en": "Azerbaijan", "tk": "Azerbaýjan", "ru": "Азербайджан", "uz": "Ozarbayjon", "az": "Azərbaycan"},
}
LANGUAGE_TAGS = {"uz-Cyrl": "uz-cyrl"}


class Places:
    key = "places"
    order = 10

    def load(self, report: Callable[[str], None]) -> None:
        features = json.loads((DATA / "admin1.geojson").read_text())["features"]
        for country, names in COUNTRIES.items():
            if Generation.objects.filter(country=country).exists():
                continue  # loaded before, or the installation has its own boundaries
            made = _load_country(country, names, [f for f in features if f["properties"]["country"] == country])
            report(f"Areas of {names['en']}: {made}")
        made = _load_settlements()
        if made:
            report(f"Settlements: {made}")


def _load_country(country: str, names: dict[str, str], features: list[dict[str, Any]]) -> int:
    is_active = Generation.objects.filter(country=country, state=GenerationState.ACTIVE).exists()
    generation = Generation.objects.create(
        country=country,
        name=EDITION,
        source="Natural Earth, public domain",
        state=GenerationState.LOADED if is_active else GenerationState.ACTIVE,
    )
    outlines = json.loads((DATA / "countries.geojson").read_text())["features"]
    outline = next(f["geometry"] for f in outlines if f["properties"]["country"] == country)
    top = _area(generation, None, 0, country, names["en"], names, outline)
    top.save()
    areas = []
    for feature in features:
        properties = feature["properties"]
        tongues = {LANGUAGE_TAGS.get(tag, tag): name for tag, name in properties["names"].items()}
        areas.append(
            _area(
                generation,
                top,
                1,
                properties["iso_3166_2"],
                tongues["en"],
                tongues,
                feature["geometry"],
                properties["type"],
            )
        )
    Area.objects.bulk_create(areas)
    AreaCode.objects.bulk_create(AreaCode(area=area, system="ISO 3166", code=area.pcode) for area in [top, *areas])
    store_names([top, *areas])
    rebuild_parts(generation)
    return len(areas) + 1


def _area(
    generation: Generation,
    parent: Area | None,
    level: int,
    code: str,
    name: str,
    names: dict[str, str],
    shape: Any,
    kind: str = "",
) -> Area:
    geometry = GEOSGeometry(json.dumps(shape), srid=4326)
    if geometry.geom_type == "Polygon":
        geometry = MultiPolygon(geometry, srid=4326)
    return Area(
        generation=generation, parent=parent, level=level, kind=kind, pcode=code, name=name, names=names,
        geometry=geometry, centre=geometry.point_on_surface,
    )  # fmt: skip


def store_names(areas: list[Area]) -> None:
    """Write the search rows of areas from their names by language."""
    rows = [
        PlaceName(area=area, language=language, name=name, key=search_key(name), plain=plain(name))
        for area in areas
        for language, name in {"": area.name, **area.names}.items()
        if name
    ]
    PlaceName.objects.bulk_create(rows, batch_size=2000)


def _load_settlements() -> int:
    known = set(Settlement.objects.exclude(geonames_id=None).values_list("geonames_id", flat=True))
    made: list[Settlement] = []
    aliases: list[list[str]] = []
    with (DATA / "settlements.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if int(row["geonames_id"]) in known:
                continue
            point = Point(float(row["lon"]), float(row["lat"]), srid=4326)
            holding = areas_at(point)
            made.append(
                Settlement(
                    geonames_id=int(row["geonames_id"]),
                    country=row["country"],
                    name=row["name"],
                    population=int(row["population"] or 0),
                    location=point,
                    area=holding[-1] if holding else None,
                )
            )
            aliases.append([name for name in row["names"].split("|") if name])
    Settlement.objects.bulk_create(made)
    PlaceName.objects.bulk_create(
        (
            PlaceName(
                settlement=settlement,
                kind=NameKind.OFFICIAL if number == 0 else NameKind.ALIAS,
                name=name,
                key=search_key(name),
                plain=plain(name),
            )
            for settlement, others in zip(made, aliases, strict=True)
            for number, name in enumerate(dict.fromkeys([settlement.name, *others]))
        ),
        batch_size=2000,
    )
    return len(made)


PLUGS = [Places()]
