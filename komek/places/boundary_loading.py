"""From boundary files to an edition that is loaded but not in use. A dry run first; it writes nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import shapely
from django.contrib.gis.geos import GEOSGeometry
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from komek.accounts.authority import Action, require, standing_of
from komek.places.boundaries import BoundaryFeature, Layer, features_of, read_layers
from komek.places.boundary_checks import Known, Report, check
from komek.places.boundary_columns import LEFT_OUT, LayerMapping
from komek.places.boundary_files import BoundaryFault
from komek.places.finding import rebuild_parts
from komek.places.keys import plain, search_key
from komek.places.models import Area, AreaCode, Generation, GenerationState, NameKind, PlaceName
from komek.records.actor import Actor, acting

BATCH = 500
File = tuple[str, Path]


@dataclass(frozen=True)
class Edition:
    """What a person says about the files. ``country``: ISO 3166 code of two letters; ``source``: with its licence."""

    country: str
    name: str
    source: str = ""
    valid_from: date | None = None


@dataclass(frozen=True)
class DryRun:
    """What loading would do.

    layers: as found in the files. mappings: layer → how it was read. notes: what was left out.
    """

    edition: Edition
    layers: Sequence[Layer]
    mappings: Mapping[str, LayerMapping]
    notes: Sequence[str]
    report: Report = field(default_factory=lambda: Report([], [], {}))

    @property
    def can_load(self) -> bool:
        """Whether every area can be loaded."""
        return not self.report.faults and bool(self.report.good)

    @property
    def can_load_in_part(self) -> bool:
        """Whether areas are left when those with faults, and all inside them, are left out."""
        return any(feature.level for feature in self.report.good)


def dry_run(files: Iterable[File], *, edition: Edition, mappings: Mapping[str, LayerMapping] | None = None) -> DryRun:
    """Read and check; nothing is written. Raises BoundaryFault when the files cannot be read at all.

    mappings: layer name → how to read it; layers not named are read as proposed.
    """
    layers, notes = read_layers(files)
    chosen = {layer.name: (mappings or {}).get(layer.name) or layer.mapping for layer in layers}
    used = [layer for layer in layers if chosen[layer.name].level != LEFT_OUT]
    for layer in layers:
        if layer not in used:
            notes.append(_("“%(name)s” is left out: no level is chosen for it.") % {"name": layer.name})
    if not used:
        return DryRun(edition, layers, chosen, notes)
    stated = {layer.name for layer in used if layer.epsg or chosen[layer.name].epsg}
    report = check(
        (feature for layer in used for feature in features_of(layer, chosen[layer.name])),
        known=known_of(edition.country),
        unknown_systems={layer.name: layer.crs_text for layer in used if layer.crs_text and layer.name not in stated},
        assumed=[layer.name for layer in used if not layer.crs_text and layer.name not in stated],
    )
    return DryRun(edition, layers, chosen, notes, report)


def known_of(country: str) -> Known:
    """What the installation knows of a country: outline and codes in use, codes of its other editions. Two queries."""
    real = Area.objects.filter(generation__country=country, operation=None)
    in_use = real.filter(generation__state=GenerationState.ACTIVE)
    top = in_use.filter(level=0, geometry__isnull=False).first()
    others = real.exclude(generation__state=GenerationState.ACTIVE).order_by("generation__loaded_at")
    in_use_codes = dict(in_use.values_list("pcode", "generation__name"))
    return Known(
        outline=shapely.from_wkb(bytes(top.geometry.wkb)) if top is not None and top.geometry is not None else None,
        in_use=frozenset(in_use_codes),
        elsewhere={**dict(others.values_list("pcode", "generation__name")), **in_use_codes},
    )


def load_boundaries(
    *,
    by: Actor,
    operation: Any,
    files: Iterable[File],
    edition: Edition,
    mappings: Mapping[str, LayerMapping] | None = None,
    leave_out_faulty: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Generation:
    """Make an edition that is not in use yet, with its areas, their parts, codes and names, all or nothing.

    leave_out_faulty: load the others when some areas have faults. progress: areas done, of how many.
    Raises BoundaryFault or NotAllowed.
    """
    require(standing_of(by.user, operation), Action.ADD, Generation)
    planned = dry_run(files, edition=edition, mappings=mappings)
    return write_edition(
        by=by, operation=operation, planned=planned, leave_out_faulty=leave_out_faulty, progress=progress
    )


def write_edition(
    *,
    by: Actor,
    operation: Any,
    planned: DryRun,
    leave_out_faulty: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Generation:
    """Write what a dry run of this moment planned. See ``load_boundaries``."""
    require(standing_of(by.user, operation), Action.ADD, Generation)
    edition = planned.edition
    _refuse(planned, leave_out_faulty)
    with transaction.atomic(), acting(by):
        try:
            with transaction.atomic():
                generation = Generation.objects.create(
                    country=edition.country, name=edition.name, source=edition.source, valid_from=edition.valid_from
                )
        except IntegrityError as fault:
            raise BoundaryFault(
                _("There is an edition “%(name)s” of this country already. Give this one another name.")
                % {"name": edition.name}
            ) from fault
        _write_areas(generation, planned.report.good, progress or (lambda done, total: None))
        rebuild_parts(generation)
    return generation


def _refuse(planned: DryRun, leave_out_faulty: bool) -> None:
    edition, report = planned.edition, planned.report
    if not re.fullmatch("[A-Z]{2}", edition.country):
        raise BoundaryFault(_("Give the country as two capital letters, such as TM."))
    if not edition.name.strip():
        raise BoundaryFault(_("Give the edition a name, such as “COD-AB 2025”."))
    if report.faults and not leave_out_faulty:
        raise BoundaryFault(
            ngettext(
                "Nothing was loaded: a fault has to be put right first, or its area left out.",
                "Nothing was loaded: %(count)d faults have to be put right first, or their areas left out.",
                len(report.faults),
            )
            % {"count": len(report.faults)}
        )
    if not planned.can_load_in_part:
        raise BoundaryFault(_("Nothing was loaded: no area of the files can be used."))


def _write_areas(generation: Generation, good: Sequence[BoundaryFeature], progress: Callable[[int, int], None]) -> None:
    """Level by level, so that each area finds its parent written."""
    written: dict[str, Area] = {}
    for level in sorted({feature.level for feature in good}):
        features = [feature for feature in good if feature.level == level]
        for start in range(0, len(features), BATCH):
            batch = features[start : start + BATCH]
            made = [_area(generation, feature, written.get(feature.parent_pcode)) for feature in batch]
            Area.objects.bulk_create(made)
            written.update((area.pcode, area) for area in made)
            AreaCode.objects.bulk_create(
                AreaCode(area=area, system=system, code=code)
                for area, feature in zip(made, batch, strict=True)
                for system, code in feature.codes.items()
            )
            PlaceName.objects.bulk_create(
                name for area, feature in zip(made, batch, strict=True) for name in _names(area, feature)
            )
            progress(len(written), len(good))


def _area(generation: Generation, feature: BoundaryFeature, parent: Area | None) -> Area:
    shape = GEOSGeometry(memoryview(shapely.to_wkb(feature.geometry)), srid=4326)
    names = dict(feature.names)
    name = feature.name
    if not feature.number:  # the country, put together from its regions: it is called as it was
        before = Area.objects.filter(generation__country=generation.country, level=0).order_by("-generation").first()
        name, names = (before.name, before.names) if before else (feature.pcode, {})
    return Area(
        generation=generation, parent=parent, level=feature.level, kind=feature.kind, pcode=feature.pcode,
        name=name or feature.pcode, names=names, geometry=shape, centre=shape.point_on_surface,
    )  # fmt: skip


def _names(area: Area, feature: BoundaryFeature) -> list[PlaceName]:
    """Search rows: the name shown, its names by language, its other names; each text of a language once."""
    rows = {("", area.name): NameKind.OFFICIAL}
    rows |= {(language, name): NameKind.OFFICIAL for language, name in area.names.items() if name}
    official = {name for _language, name in rows}
    rows |= {("", name): NameKind.ALIAS for name in feature.aliases if name not in official}
    return [
        PlaceName(
            area=area, language=language, name=name, kind=kind, key=search_key(name)[:200], plain=plain(name)[:200]
        )
        for (language, name), kind in rows.items()
    ]
