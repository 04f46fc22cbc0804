"""Pages about editions of boundaries: which there are, sending files, the dry run, comparing, bringing into use."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import connection
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from komek.accounts.authority import Action, Standing, may, require, standing_of
from komek.places.activating import activate_generation, in_use, preview_activation
from komek.places.boundary_files import BoundaryFault
from komek.places.boundary_uploads import (
    ask_to_load,
    check_upload,
    finding_of,
    is_large,
    load_upload,
    read_otherwise,
    receive_boundaries,
)
from komek.places.comparing import compare_generations, comparison_of
from komek.places.edition_forms import BoundaryUploadForm, ReadingForm
from komek.places.left_behind import LEFT_SHOWN, records_left
from komek.places.models import (
    Area,
    BoundaryUpload,
    ChangeKind,
    Comparison,
    Generation,
    GenerationState,
    Succession,
    UploadState,
)
from komek.places.tasks import check_boundaries, compare, load_boundaries
from komek.records.middleware import actor_of

ROWS_SHOWN = 100
COMPARED_AT_ONCE = 1500  # areas of both editions; more are compared in the background
MAP_AREAS = 60


def _standing(request: HttpRequest) -> Standing:
    return standing_of(request.user, _operation(request))


def _operation(request: HttpRequest) -> Any:
    return request.operation or None  # type: ignore[attr-defined]


@require_GET
@login_required
def editions(request: HttpRequest) -> HttpResponse:
    """Editions by country, and files sent lately."""
    standing = _standing(request)
    require(standing, Action.VIEW, Generation)
    rows = list(Generation.objects.order_by("country", "-loaded_at"))
    counts: dict[int, list[tuple[int, int]]] = {}
    numbers = Area.objects.filter(operation=None).values_list("generation", "level").annotate(number=Count("pk"))
    for generation, level, number in numbers.order_by("generation", "level"):
        counts.setdefault(generation, []).append((level, number))
    may_add = may(standing, Action.ADD, Generation)
    return render(
        request,
        "places/editions.html",
        {
            "rows": [(row, counts.get(row.pk, [])) for row in rows],
            "may_add": may_add,
            "uploads": BoundaryUpload.objects.exclude(state=UploadState.LOADED).select_related("owner")[:20]
            if may_add
            else [],
        },
    )


@login_required
def upload_files(request: HttpRequest) -> HttpResponse:
    """Send files; the dry run follows."""
    require(_standing(request), Action.ADD, Generation)
    form = BoundaryUploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            sent = receive_boundaries(
                by=actor_of(request), operation=_operation(request), files=form.files_sent(), edition=form.edition()
            )
        except BoundaryFault as fault:
            form.add_error("files", str(fault))
        else:
            _start_check(sent)
            return redirect(sent)
    return render(request, "places/upload_files.html", {"form": form}, status=422 if form.errors else 200)


def _start_check(sent: BoundaryUpload) -> None:
    """Small files at once, large ones in the background."""
    if is_large(sent):
        check_boundaries.defer(upload_id=sent.pk)
    else:
        check_upload(sent)


def _upload(request: HttpRequest, pk: int) -> BoundaryUpload:
    require(_standing(request), Action.ADD, Generation)
    found: BoundaryUpload = get_object_or_404(BoundaryUpload.objects.select_related("owner", "generation"), pk=pk)
    return found


@require_GET
@login_required
def upload(request: HttpRequest, pk: int) -> HttpResponse:
    """The dry run: counts by level, what is wrong, a small map."""
    found = _upload(request, pk)
    if request.headers.get("HX-Target") == "progress":
        if found.is_running:
            return render(request, "places/upload_progress.html", {"upload": found})
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    if found.generation is not None:
        return redirect(found.generation)
    only = request.GET.get("only", "")
    findings = [finding_of(stored) for stored in found.findings]
    if only in ("faults", "warnings"):
        findings = [finding for finding in findings if finding.is_fault == (only == "faults")]
    return render(
        request,
        "places/upload.html",
        {
            "upload": found,
            "files": found.files.all(),
            "page": Paginator(findings, ROWS_SHOWN).get_page(request.GET.get("page")),
            "only": only,
            "kept": len(found.findings),
            "is_checked": found.state == UploadState.CHECKED,
        },
    )


@require_GET
@login_required
def upload_map(request: HttpRequest, pk: int) -> JsonResponse:
    """Simplified outlines of a dry run, EPSG:4326."""
    found = _upload(request, pk)
    return JsonResponse(found.preview or {"type": "FeatureCollection", "features": []})


@login_required
def reading(request: HttpRequest, pk: int) -> HttpResponse:
    """Say how layers are read, and check again."""
    found = _upload(request, pk)
    form = ReadingForm(request.POST or None, upload=found)
    if request.method == "POST" and form.is_valid():
        try:
            read_otherwise(by=actor_of(request), operation=_operation(request), upload=found, mappings=form.mappings())
        except BoundaryFault as fault:
            form.add_error(None, str(fault))
        else:
            _start_check(found)
            return redirect(found)
    return render(request, "places/reading.html", {"upload": found, "form": form}, status=422 if form.errors else 200)


@require_POST
@login_required
def load(request: HttpRequest, pk: int) -> HttpResponse:
    """Load what was checked, as an edition that is not in use."""
    found = _upload(request, pk)
    try:
        ask_to_load(
            by=actor_of(request), operation=_operation(request), upload=found,
            leave_out_faulty="leave_out_faulty" in request.POST,
        )  # fmt: skip
    except BoundaryFault as fault:
        messages.error(request, str(fault))
        return redirect(found)
    if is_large(found):
        load_boundaries.defer(upload_id=found.pk)
    else:
        load_upload(found)
        found.refresh_from_db()
    if found.state == UploadState.LOADED:
        messages.success(request, _("The edition is loaded and not in use yet. Compare it with the one in use."))
    return redirect(found)


@require_GET
@login_required
def edition(request: HttpRequest, pk: int) -> HttpResponse:
    """One edition: where it comes from, its areas by level, and what can be done with it."""
    standing = _standing(request)
    require(standing, Action.VIEW, Generation)
    found = get_object_or_404(Generation, pk=pk)
    used = in_use(found.country)
    is_retired = found.state == GenerationState.RETIRED
    left, left_number = records_left(found, standing) if is_retired else ([], 0)
    real = found.areas.filter(operation=None)
    return render(
        request,
        "places/edition.html",
        {
            "edition": found,
            "levels": real.values_list("level").annotate(number=Count("pk")).order_by("level"),
            "areas": real.filter(level__lte=1).order_by("level", "name").defer("geometry")[:LEFT_SHOWN],
            "used": used,
            "is_in_use": found == used,
            "others": Generation.objects.filter(country=found.country).exclude(pk=pk).order_by("-loaded_at"),
            "may_change": may(standing, Action.ADD, Generation),
            "left": left,
            "left_number": left_number,
        },
    )


# The first level that has several areas, but not too many for a small map; simplified to what can be seen on it.
_MAP_SQL = """
WITH shown AS (
    SELECT level FROM places_area WHERE generation_id = %(pk)s AND operation_id IS NULL AND geometry IS NOT NULL
    GROUP BY level HAVING count(*) <= %(most)s ORDER BY count(*) = 1, level LIMIT 1
), extent AS (
    SELECT ST_Extent(geometry) AS box FROM places_area JOIN shown USING (level) WHERE generation_id = %(pk)s
)
SELECT area.id, area.name, area.pcode, ST_AsGeoJSON(ST_SimplifyPreserveTopology(
    geometry, greatest(ST_XMax(box) - ST_XMin(box), ST_YMax(box) - ST_YMin(box)) / 400), 4)
FROM places_area area JOIN shown USING (level), extent
WHERE generation_id = %(pk)s AND operation_id IS NULL AND geometry IS NOT NULL
"""


@require_GET
@login_required
def edition_map(request: HttpRequest, pk: int) -> JsonResponse:
    """Simplified outlines of an edition, EPSG:4326."""
    require(_standing(request), Action.VIEW, Generation)
    found = get_object_or_404(Generation, pk=pk)
    with connection.cursor() as cursor:
        cursor.execute(_MAP_SQL, {"pk": found.pk, "most": MAP_AREAS})
        features = [
            {"type": "Feature", "geometry": json.loads(shape), "properties": {"title": f"{name} ({pcode})"}}
            for _pk, name, pcode, shape in cursor.fetchall()
        ]
    return JsonResponse({"type": "FeatureCollection", "features": features})


@login_required
def comparison(request: HttpRequest, pk: int) -> HttpResponse:
    """What differs from another edition of the country, the one in use unless another is named. POST compares."""
    standing = _standing(request)
    require(standing, Action.VIEW, Generation)
    after = get_object_or_404(Generation, pk=pk)
    before = _other_edition(request, after)
    if before is None:
        messages.info(request, _("There is no other edition of this country to compare with."))
        return redirect(after)
    if request.method == "POST":
        _compare(request, before, after)
        return redirect(f"{request.path}?with={before.pk}")
    running = Comparison.objects.filter(before=before, after=after, is_running=True).exists()
    if request.headers.get("HX-Target") == "progress":
        if running:
            return render(request, "places/comparison_progress.html", {"before": before, "after": after})
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    made = comparison_of(before, after)
    return render(
        request,
        "places/comparison.html",
        {
            "before": before,
            "after": after,
            "comparison": made,
            "is_running": running,
            "may_change": may(standing, Action.ADD, Generation),
            "can_activate": before.state == GenerationState.ACTIVE,
            **(_changes(request, made) if made else {}),
        },
    )


def _other_edition(request: HttpRequest, after: Generation) -> Generation | None:
    others = Generation.objects.filter(country=after.country).exclude(pk=after.pk)
    asked = request.GET.get("with") or request.POST.get("with", "")
    if asked.isdigit():
        chosen: Generation = get_object_or_404(others, pk=int(asked))
        return chosen
    return others.filter(state=GenerationState.ACTIVE).first() or others.order_by("-loaded_at").first()


def _compare(request: HttpRequest, before: Generation, after: Generation) -> None:
    operation = _operation(request)
    by = actor_of(request)
    if Area.objects.filter(generation__in=(before, after)).count() <= COMPARED_AT_ONCE:
        compare_generations(by=by, operation=operation, before=before, after=after)
        return
    require(_standing(request), Action.ADD, Generation)
    made, _new = Comparison.objects.update_or_create(before=before, after=after, defaults={"is_running": True})
    compare.defer(comparison_id=made.pk, user_id=request.user.pk, operation_id=operation.pk if operation else None)


def _changes(request: HttpRequest, made: Comparison) -> dict[str, Any]:
    kind = request.GET.get("kind", "")
    rows = made.changes.select_related("old", "new").defer("old__geometry", "new__geometry").order_by("pk")
    if kind in ChangeKind.values:
        rows = rows.filter(kind=kind)
    page = Paginator(rows, ROWS_SHOWN).get_page(request.GET.get("page"))
    followed = (
        Succession.objects.filter(
            old__in=[row.old_id for row in page.object_list if row.kind in (ChangeKind.GONE, ChangeKind.REUSED)],
            new__generation=made.after,
        )
        .select_related("new")
        .defer("new__geometry")
    )
    by_old: dict[int, list[Succession]] = {}
    for row in followed:
        by_old.setdefault(row.old_id, []).append(row)
    for change in page.object_list:
        change.percent = None if change.share is None else change.share * 100
        change.successors = [(row.new, row.share * 100, row.is_same) for row in by_old.get(change.old_id or 0, [])]
    return {
        "page": page,
        "kind": kind,
        "counts": [(value, label, made.counts[value]) for value, label in ChangeKind.choices if value in made.counts],
        "total": sum(made.counts.values()),
    }


def _still_there(number: int) -> str:
    return ngettext(
        "One entry still points at an area of the edition before. It is listed here, to be put right.",
        "%(number)d entries still point at areas of the edition before. They are listed here, to be put right.",
        number,
    ) % {"number": number}


@login_required
def activate(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what would become of records, ask, and bring the edition into use."""
    operation, by = _operation(request), actor_of(request)
    require(_standing(request), Action.APPROVE, Generation)
    found = get_object_or_404(Generation, pk=pk)
    if found.state == GenerationState.ACTIVE:
        return redirect(found)
    used = in_use(found.country)
    if used is not None and comparison_of(used, found) is None:
        messages.info(request, _("Compare this edition with the one in use first."))
        return redirect("places:comparison", found.pk)
    problem = ""
    if request.method == "POST":
        if "confirm" not in request.POST:
            problem = _("Tick the box to confirm that this edition is to be used from now on.")
        else:
            try:
                done = activate_generation(by=by, operation=operation, generation=found)
            except BoundaryFault as fault:
                problem = str(fault)
            else:
                messages.success(request, _("“%(edition)s” is in use now.") % {"edition": found})
                if done.undecided or done.stranded:
                    messages.warning(
                        request,
                        _still_there(done.undecided + done.stranded),
                    )
                    return redirect(done.replaced or found)
                return redirect(found)
    expected = preview_activation(by=by, operation=operation, generation=found)
    return render(
        request,
        "places/activate.html",
        {
            "edition": found,
            "expected": expected,
            "problem": problem,
            "is_exercise": getattr(operation, "is_exercise", False) and not request.user.is_superuser,  # type: ignore[union-attr]
        },
        status=422 if problem else 200,
    )
