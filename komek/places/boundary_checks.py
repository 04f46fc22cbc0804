"""What is wrong with the areas of a boundary file, feature by feature, in sentences. Pure: plain features in, a report out.

A *fault* keeps an area out; a *warning* is for a person to look at. Steps, in this order, because each rests on the one before:

1. shape: present, made of areas, in degrees, the right way round, not crossing itself (or repaired);
2. code: present, not too long, not twice in the file;
3. place in the tree: the parent is in the file at a level above, and covers the area;
4. against what is known: the country's outline, and P-codes of other editions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import shapely
from django.utils.translation import gettext_lazy as _

from komek.places.boundaries import BoundaryFeature

MOST_REPAIR = 0.01  # of the area, that mending a self-crossing boundary may change
MOST_OUTSIDE = 0.05  # of an area, that may lie outside its parent without a warning
WRONG_PARENT_FROM = 0.5
LONGEST_CODE, LONGEST_NAME = 40, 150
AROUND_DEGREES = 1.5

FAULTS = {
    "no_shape": _("It has no boundary, or one that cannot be read."),
    "not_area": _("Its boundary is not an area but a line or a point."),
    "not_degrees": _(
        "Its coordinates are not degrees, and the file does not say which projection they are in. Export the layer in WGS 84 "
        "(EPSG:4326), or give the number of its coordinate system."
    ),
    "unknown_system": _(
        "Its coordinate system, “%(system)s”, is not one that is known by a number. Export the layer in WGS 84 (EPSG:4326)."
    ),
    "swapped": _(
        "Its coordinates are swapped: the other way round they would lie in the country. Say so for this layer, or export it again."
    ),
    "collapsed": _("Its boundary crosses itself, and mending it would change the area by %(percent)s %%. Correct it at the source."),
    "no_code": _("It has no P-code."),
    "long_code": _("Its P-code is longer than %(limit)d letters. Is this the right column?"),
    "twice": _("Its P-code also belongs to row %(row)d of “%(layer)s”. A P-code names one area."),
    "long_name": _("Its name is longer than %(limit)d letters. Is this the right column?"),
    "no_parent_code": _("It does not say which area it is part of."),
    "no_parent": _("It is part of “%(parent)s”, which is not in the files."),
    "parent_elsewhere": _(
        "It is part of “%(parent)s”, which is not in the files but in the edition “%(edition)s”. Do the levels come from two editions?"
    ),
    "parent_below": _("It is part of “%(parent)s”, which is not at a level above it."),
    "wrong_parent": _("%(percent)s %% of it lie outside “%(parent)s”, which it is said to be part of."),
}  # fmt: skip
WARNINGS = {
    "repaired": _("Its boundary crossed itself and was mended; the area changed by %(percent)s %%."),
    "no_name": _("It has no name; its P-code is shown instead."),
    "outside_parent": _("%(percent)s %% of it lie outside “%(parent)s”, which it is part of."),
    "far_away": _("It lies outside the country as it is known so far."),
    "revived": _("Its P-code is not in use today but was in the edition “%(edition)s”. Does it mean the same area?"),
    "outline_made": _(
        "The files hold no outline of the country (level 0); it is made from its areas of level %(level)d."
    ),
    "assumed_degrees": _("The layer does not say its coordinate system; WGS 84 is assumed."),
}
_SENTENCES = {**FAULTS, **WARNINGS}


@dataclass(frozen=True)
class Finding:
    """One thing to look at. ``number`` 0: the layer as a whole."""

    kind: str
    layer: str
    number: int = 0
    pcode: str = ""
    name: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_fault(self) -> bool:
        return self.kind in FAULTS

    @property
    def sentence(self) -> str:
        """In the language of whoever reads it."""
        return str(_SENTENCES[self.kind]) % dict(self.values) if self.values else str(_SENTENCES[self.kind])


@dataclass(frozen=True)
class Known:
    """What the installation knows of the country already.

    outline: of the country in use, EPSG:4326, or ``None``. in_use: P-codes of the edition in use. elsewhere: P-code → name of
    the newest other edition that has it.
    """

    outline: Any = None
    in_use: frozenset[str] = frozenset()
    elsewhere: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Report:
    """The outcome of a check. ``good``: areas that may be loaded, parents before children, boundaries mended.

    counts: level → number of areas in the files.
    """

    findings: Sequence[Finding]
    good: Sequence[BoundaryFeature]
    counts: Mapping[int, int]

    @property
    def faults(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.is_fault]

    @property
    def warnings(self) -> list[Finding]:
        return [finding for finding in self.findings if not finding.is_fault]


def check(
    features: Iterable[BoundaryFeature],
    *,
    known: Known,
    unknown_systems: Mapping[str, str] | None = None,
    assumed: Iterable[str] = (),
) -> Report:
    """Check all areas of an edition together.

    unknown_systems: layer → name of a coordinate system that has no number. assumed: layers that state no system.
    """
    given = sorted(features, key=lambda feature: feature.level)
    findings = [Finding("assumed_degrees", layer) for layer in assumed]
    checked, shape_findings = _with_sound_shapes(given, known, unknown_systems or {})
    findings += shape_findings
    checked, outline_finding = _with_country(checked, given)
    findings += outline_finding
    findings += _code_findings(checked)
    findings += _parent_findings(checked, known)
    findings += [
        _finding("revived", feature, edition=known.elsewhere[feature.pcode])
        for feature in checked
        if feature.pcode in known.elsewhere and known.in_use and feature.pcode not in known.in_use
    ]
    places = {(feature.layer, feature.number): place for place, feature in enumerate(checked)}
    findings.sort(key=lambda f: (not f.is_fault, places.get((f.layer, f.number), -1)))
    return Report(findings, _good(checked, findings), dict(sorted(Counter(f.level for f in checked).items())))


def _finding(kind: str, feature: BoundaryFeature, **values: Any) -> Finding:
    return Finding(kind, feature.layer, feature.number, feature.pcode, feature.name, values)


def _with_sound_shapes(
    features: Sequence[BoundaryFeature], known: Known, unknown_systems: Mapping[str, str]
) -> tuple[list[BoundaryFeature], list[Finding]]:
    around = known.outline.envelope.buffer(AROUND_DEGREES, join_style="mitre") if known.outline is not None else None
    checked, findings = [], []
    for feature in features:
        if feature.layer in unknown_systems:
            findings.append(_finding("unknown_system", feature, system=unknown_systems[feature.layer]))
            checked.append(replace(feature, geometry=None))
            continue
        shape, kind, change = _sound_shape(feature.geometry, around)
        if kind:
            values = {"percent": _percent(change)} if kind in ("repaired", "collapsed") else {}
            findings.append(_finding(kind, feature, **values))
        checked.append(replace(feature, geometry=shape))
    return checked, findings


def _sound_shape(shape: Any, around: Any) -> tuple[Any, str, float]:
    """A valid MultiPolygon or ``None``, what was found (a kind of finding, or nothing), and by how much mending changed it."""
    if shape is None or shape.is_empty:
        return None, "no_shape", 0
    if shape.geom_type not in ("Polygon", "MultiPolygon", "GeometryCollection"):
        return None, "not_area", 0
    west, south, east, north = shape.bounds
    if not np.isfinite((west, south, east, north)).all():
        return None, "no_shape", 0
    if west < -180 or east > 180 or south < -90 or north > 90:
        could_be = west >= -90 and east <= 90 and south >= -180 and north <= 180
        return None, "swapped" if could_be else "not_degrees", 0
    found = ""
    if around is not None and not around.intersects(shapely.box(west, south, east, north)):
        if around.intersects(shapely.box(south, west, north, east)):
            return None, "swapped", 0
        found = "far_away"
    if shape.is_valid and shape.geom_type != "GeometryCollection":
        return _multi([shape]), found, 0
    return _mended(shape, found)


def _mended(shape: Any, found: str) -> tuple[Any, str, float]:
    mended = shapely.make_valid(shape, method="structure", keep_collapsed=False)
    polygons = [part for part in shapely.get_parts([mended]) if part.geom_type in ("Polygon", "MultiPolygon")]
    if mended.geom_type == "GeometryCollection":
        polygons = [part for part in mended.geoms if part.geom_type in ("Polygon", "MultiPolygon")]
    area = sum(part.area for part in polygons)
    if not area:
        return None, "collapsed", 1
    change = abs(area - shape.area) / max(area, shape.area)
    if change > MOST_REPAIR:
        return None, "collapsed", change
    return _multi(polygons), "repaired" if not shape.is_valid else found, change


def _multi(polygons: Sequence[Any]) -> Any:
    parts = [part for polygon in polygons for part in shapely.get_parts(polygon)]
    return shapely.multipolygons(parts)


def _percent(share: float) -> str:
    """With one decimal; tiny changes are not shown as none."""
    percent = share * 100
    return "< 0.1" if 0 < percent < 0.1 else f"{percent:.1f}"


def _with_country(
    checked: list[BoundaryFeature], given: Sequence[BoundaryFeature]
) -> tuple[list[BoundaryFeature], list[Finding]]:
    """Add the country when the files leave it out: the union of its regions, under the code they all name as parent."""
    if not given or given[0].level == 0:
        return checked, []
    level = given[0].level
    top = [feature for feature in checked if feature.level == level]
    codes = {feature.parent_pcode for feature in top if feature.parent_pcode}
    shapes = [feature.geometry for feature in top if feature.geometry is not None]
    if level != 1 or len(codes) != 1:
        return checked, []
    parts = [part for part in shapely.get_parts(shapely.union_all(shapes)) if part.geom_type == "Polygon"]
    outline = _multi(parts) if parts else None
    made = BoundaryFeature(top[0].layer, 0, 0, codes.pop(), "", "", geometry=outline)
    return [made, *checked], [Finding("outline_made", made.layer, values={"level": level})]


def _code_findings(checked: Sequence[BoundaryFeature]) -> list[Finding]:
    by_code: dict[str, list[BoundaryFeature]] = {}
    for feature in checked:
        by_code.setdefault(feature.pcode, []).append(feature)
    findings = []
    for feature in checked:
        if not feature.pcode:
            findings.append(_finding("no_code", feature))
        elif len(feature.pcode) > LONGEST_CODE or any(len(code) > LONGEST_CODE for code in feature.codes.values()):
            findings.append(_finding("long_code", feature, limit=LONGEST_CODE))
        elif len(by_code[feature.pcode]) > 1:  # which of them is meant is not for us to guess, so each is at fault
            other = next(other for other in by_code[feature.pcode] if other is not feature)
            findings.append(_finding("twice", feature, row=other.number, layer=other.layer))
        if any(len(name) > LONGEST_NAME for name in (feature.name, *feature.names.values(), *feature.aliases)):
            findings.append(_finding("long_name", feature, limit=LONGEST_NAME))
        elif not feature.name and feature.number:
            findings.append(_finding("no_name", feature))
    return findings


def _parent_findings(checked: Sequence[BoundaryFeature], known: Known) -> list[Finding]:
    by_code = {feature.pcode: feature for feature in reversed(checked) if feature.pcode}
    findings, pairs = [], []
    for feature in checked:
        if feature.level == 0:
            continue
        parent = by_code.get(feature.parent_pcode)
        if not feature.parent_pcode:
            findings.append(_finding("no_parent_code", feature))
        elif parent is None:
            edition = known.elsewhere.get(feature.parent_pcode)
            if edition is None:
                findings.append(_finding("no_parent", feature, parent=feature.parent_pcode))
            else:
                values = {"parent": feature.parent_pcode, "edition": edition}
                findings.append(_finding("parent_elsewhere", feature, **values))
        elif parent.level >= feature.level:
            findings.append(_finding("parent_below", feature, parent=feature.parent_pcode))
        elif parent.geometry is not None and feature.geometry is not None:
            pairs.append((feature, parent))
    return findings + _outside_findings(pairs)


def _outside_findings(pairs: Sequence[tuple[BoundaryFeature, BoundaryFeature]]) -> list[Finding]:
    findings = []
    for feature, parent in pairs:
        outside = shapely.difference(feature.geometry, parent.geometry).area / feature.geometry.area
        if outside <= MOST_OUTSIDE:
            continue
        kind = "wrong_parent" if outside > WRONG_PARENT_FROM else "outside_parent"
        values = {"percent": _percent(outside), "parent": parent.name or parent.pcode}
        findings.append(_finding(kind, feature, **values))
    return findings


def _good(checked: Sequence[BoundaryFeature], findings: Sequence[Finding]) -> list[BoundaryFeature]:
    """Areas without a fault, whose parents up to the country have none either."""
    faulty = {(finding.layer, finding.number) for finding in findings if finding.is_fault}
    kept: dict[str, BoundaryFeature] = {}
    for feature in checked:
        is_rooted = feature.level == 0 or feature.parent_pcode in kept
        if is_rooted and (feature.layer, feature.number) not in faulty and feature.pcode not in kept:
            kept[feature.pcode] = feature
    return list(kept.values())
