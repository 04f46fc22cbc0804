"""Boundary files sent in the browser: receive → dry run → perhaps read otherwise → load. Large ones in the background."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import shapely
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from komek.accounts.authority import Action, NotAllowed, require, standing_of
from komek.places.boundaries import BoundaryFeature, Layer
from komek.places.boundary_checks import Finding
from komek.places.boundary_columns import LayerMapping
from komek.places.boundary_files import BoundaryFault, refuse_too_large
from komek.places.boundary_loading import DryRun, Edition, dry_run, write_edition
from komek.places.models import BoundaryFile, BoundaryUpload, Generation, UploadState
from komek.records.actor import Actor, Channel

INLINE_BELOW_BYTES = 3 * 2**20
FINDINGS_KEPT = 5000
SAMPLES = 3
PREVIEW_AREAS = 60
PREVIEW_CORNERS = 400  # per extent: finer detail than this is not visible on the small map


@transaction.atomic
def receive_boundaries(*, by: Actor, operation: Any, files: Iterable[UploadedFile], edition: Edition) -> BoundaryUpload:
    """Keep the files for checking. Raises BoundaryFault or NotAllowed; then nothing is kept."""
    require(standing_of(by.user, operation), Action.ADD, Generation)
    sent = list(files)
    refuse_too_large(sum(file.size or 0 for file in sent))
    upload = BoundaryUpload.objects.create(
        operation=operation, owner=by.user, country=edition.country, name=edition.name, source=edition.source,
        valid_from=edition.valid_from,
    )  # fmt: skip
    for file in sent:
        fingerprint = sha256()
        for chunk in file.chunks():
            fingerprint.update(chunk)
        kept = BoundaryFile(
            upload=upload, name=(file.name or "?")[:255], size=file.size or 0, sha256=fingerprint.hexdigest()
        )
        kept.file.save(f"{upload.pk}-{kept.sha256[:12]}", file, save=False)
        kept.save()
    return upload


def is_large(upload: BoundaryUpload) -> bool:
    """Whether the work is done in the background."""
    return sum(file.size for file in upload.files.all()) >= INLINE_BELOW_BYTES


def read_otherwise(*, by: Actor, operation: Any, upload: BoundaryUpload, mappings: Mapping[str, LayerMapping]) -> None:
    """Keep a person's choice of how each layer is read, for the next dry run. Raises NotAllowed or BoundaryFault."""
    require(standing_of(by.user, operation), Action.ADD, Generation)
    if upload.state not in (UploadState.CHECKED, UploadState.FAILED):
        raise BoundaryFault(_("These files are loaded already, or are being worked on."))
    upload.mappings = {name: mapping.as_json() for name, mapping in mappings.items()}
    upload.state = UploadState.CHECKING
    upload.save(update_fields=["mappings", "state"])


def check_upload(upload: BoundaryUpload) -> None:
    """The dry run. Keeps its outcome with the upload; nothing of the places is written."""
    try:
        planned = _planned(upload)
    except BoundaryFault as fault:
        upload.state, upload.problem = UploadState.FAILED, str(fault)
        upload.save(update_fields=["state", "problem"])
        return
    report = planned.report
    upload.layers = [_layer_as_json(layer, planned.mappings[layer.name]) for layer in planned.layers]
    upload.notes = list(planned.notes)
    upload.counts = {str(level): number for level, number in report.counts.items()}
    upload.findings = [_finding_as_json(finding) for finding in report.findings[:FINDINGS_KEPT]]
    upload.faults, upload.warnings = len(report.faults), len(report.warnings)
    upload.usable = len(report.good) if planned.can_load_in_part else 0
    upload.preview = preview_of(report.good)
    upload.state, upload.problem = UploadState.CHECKED, ""
    upload.save()


def ask_to_load(*, by: Actor, operation: Any, upload: BoundaryUpload, leave_out_faulty: bool) -> None:
    """Mark an upload for loading, once. Raises BoundaryFault or NotAllowed."""
    require(standing_of(by.user, operation), Action.ADD, Generation)
    if upload.faults and not leave_out_faulty:
        raise BoundaryFault(_("Some areas have faults. Put them right, or say that they are to be left out."))
    waiting = BoundaryUpload.objects.filter(pk=upload.pk, state=UploadState.CHECKED)
    if not waiting.update(state=UploadState.LOADING, leave_out_faulty=leave_out_faulty, problem=""):
        raise BoundaryFault(_("These files are loaded already, or are being worked on."))
    upload.refresh_from_db()


def load_upload(upload: BoundaryUpload) -> None:
    """Load as the upload's owner, after checking once more. On a refusal the upload goes back to being checked, with the sentence."""
    if upload.state != UploadState.LOADING:
        return  # loaded by an earlier try
    by = Actor(user=upload.owner, channel=Channel.IMPORT, name=str(upload.owner or ""), reason=str(upload))

    try:
        with transaction.atomic():
            upload.generation = write_edition(
                by=by, operation=upload.operation, planned=_planned(upload), leave_out_faulty=upload.leave_out_faulty,
            )  # fmt: skip
            upload.state = UploadState.LOADED
            upload.save(update_fields=["generation", "state"])
    except (BoundaryFault, NotAllowed) as fault:  # the owner may have lost the role while the work waited
        upload.state, upload.problem = UploadState.CHECKED, str(fault)
        upload.save(update_fields=["state", "problem"])
        return
    for kept in upload.files.all():
        kept.file.delete(save=True)


def finding_of(stored: Mapping[str, Any]) -> Finding:
    """A finding as kept with an upload."""
    return Finding(**stored)


def preview_of(features: Iterable[BoundaryFeature]) -> dict[str, Any] | None:
    """Outlines for a small map, as GeoJSON: the first level that has several areas, much simplified."""
    by_level: dict[int, list[BoundaryFeature]] = {}
    for feature in features:
        if feature.geometry is not None:
            by_level.setdefault(feature.level, []).append(feature)
    fitting = [level for level, found in by_level.items() if len(found) <= PREVIEW_AREAS]
    if not fitting:
        return None
    shown = by_level[min((level for level in fitting if len(by_level[level]) > 1), default=min(fitting))]
    west, south, east, north = shapely.total_bounds([feature.geometry for feature in shown])
    tolerance = max(east - west, north - south) / PREVIEW_CORNERS
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"title": f"{feature.name or feature.pcode} ({feature.pcode})"},
                "geometry": json.loads(shapely.to_geojson(_rough(feature.geometry, tolerance))),
            }
            for feature in shown
        ],
    }


def _rough(shape: Any, tolerance: float) -> Any:
    return shapely.set_precision(shapely.simplify(shape, tolerance), 0.0001)


def _planned(upload: BoundaryUpload) -> DryRun:
    files = [(kept.name, Path(kept.file.path)) for kept in upload.files.exclude(file="").order_by("pk")]
    if not all(path.is_file() for _name, path in files):
        raise BoundaryFault(_("The files are no longer there. Send them again."))
    return dry_run(
        files,
        edition=Edition(upload.country, upload.name, upload.source, upload.valid_from),
        mappings={name: LayerMapping.from_json(stored) for name, stored in upload.mappings.items()},
    )


def _layer_as_json(layer: Layer, mapping: LayerMapping) -> dict[str, Any]:
    return {
        "name": layer.name,
        "columns": list(layer.columns),
        "areas": len(layer.rows),
        "samples": {
            column: list(dict.fromkeys(row[column] for row in layer.rows[:50] if row[column]))[:SAMPLES]
            for column in layer.columns
        },
        "epsg": layer.epsg,
        "crs_text": layer.crs_text,
        "mapping": mapping.as_json(),
    }


def _finding_as_json(finding: Finding) -> dict[str, Any]:
    return {
        "kind": finding.kind, "layer": finding.layer, "number": finding.number, "pcode": finding.pcode, "name": finding.name,
        "values": dict(finding.values),
    }  # fmt: skip
