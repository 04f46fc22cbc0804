"""Pages about activities, coverage, and people in need."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from komek.accounts.authority import Action, may, require
from komek.places.finding import areas_in_use, inside_areas
from komek.places.models import Area
from komek.records.actor import Actor
from komek.records.lean import all_but
from komek.records.middleware import actor_of
from komek.web.context import standing
from komek.web.drawing import badge
from komek.web.fields import LookupField
from komek.web.finding import found_by_code
from komek.web.lists import Column, ListPage, link_cell
from komek.web.records import RecordForm, RecordFormView
from komek.web.templatetags.komek import ago
from orgs.activities import change_activity, confirm_activity, record_activity, record_people_in_need
from orgs.coverage import CellState, Coverage, coverage
from orgs.filters import ActivityFilter
from orgs.finding import own_organisation
from orgs.models import Activity, ActivityStatus, AffectedGroup, Organisation, PeopleInNeed, Sector, Site
from orgs.models.activities import PEOPLE_GROUPS, SEXES

STATUS_BADGES = {
    ActivityStatus.ONGOING: "badge-ok",
    ActivityStatus.SUSPENDED: "badge-danger",
    ActivityStatus.PLANNED: "badge-warn",
}
CELL_COLOURS = {
    CellState.GAP: "#a11f1f", CellState.PLANNED: "#b58900", CellState.WORKING: "#17683f", CellState.QUIET: "#8a95a3"
}  # fmt: skip


def found_activity(request: HttpRequest, code: str) -> Activity:
    """The activity with this code as the viewer may see it; 404 with a reason when the code is mistyped."""
    rows = Activity.objects.select_related("organisation", "funded_by", "sector", "area", "site", "entered_by")
    activity: Activity = found_by_code(request, rows, code, "A")
    return activity


def status_badge(activity: Activity) -> SafeString:
    shade = STATUS_BADGES.get(ActivityStatus(activity.status), "")
    return badge(ActivityStatus(activity.status).label, shade)


class ActivityList(ListPage):
    key = "orgs.activity"
    model = Activity
    title = _("Who does what where")
    filterset_class = ActivityFilter
    default_sort = "-starts_on"
    exchange_key = "orgs.activity"
    add_url_name = "orgs:activity_add"
    add_title = _("Add an activity")
    empty_text = _("Each line says who does what, where, when and for whom. Add one, or import a 3W table.")
    columns = (
        Column("title", _("Activity"), "title", sort=("title",), cell=link_cell()),
        Column("code", _("Code"), "code", sort=("code",), default=False, nowrap=True),
        Column("organisation", _("Organisation"), "organisation.name", sort=("organisation__name",)),
        Column("sector", _("Sector"), lambda row: str(row.sector), sort=("sector__order", "sector__name")),
        Column("area", _("Area"), lambda row: str(row.area or row.area_as_given), sort=("area__name",)),
        Column("pcode", _("P-code"), "area.pcode", sort=("area__pcode",), default=False, nowrap=True),
        Column("site", _("Site"), "site.name", default=False),
        Column("status", _("Status"), "status", sort=("status",), cell=status_badge),
        Column("starts_on", _("Starts"), "starts_on", sort=("starts_on",), nowrap=True),
        Column("ends_on", _("Ends"), "ends_on", sort=("ends_on",), nowrap=True),
        Column("affected_group", _("For whom"), "affected_group", default=False),
        Column("targeted", _("Targeted"), "targeted", sort=("targeted",), numeric=True),
        Column("reached", _("Reached"), "reached", sort=("reached",), numeric=True),
        Column("funded_by", _("Funded by"), "funded_by.name", default=False),
        Column(
            "confirmed_at", _("Confirmed"), "confirmed_at", sort=("confirmed_at",), default=False,
            cell=lambda row: ago(row.confirmed_at), nowrap=True),
        Column("updated_at", _("Changed"), "updated_at", sort=("updated_at",), default=False, nowrap=True),
    )  # fmt: skip

    def queryset(self) -> Any:
        return Activity.objects.select_related("organisation", "sector", "area", "site", "funded_by").defer(
            "description",
            *(f"{prefix}_{group}" for prefix in ("targeted", "reached") for group in (*SEXES, *PEOPLE_GROUPS)),
            *all_but("organisation", Organisation, "name"),
            *all_but("funded_by", Organisation, "name"),
            *all_but("sector", Sector, "name", "names"),
            *all_but("area", Area, "name", "names", "pcode"),
            *all_but("site", Site, "name"),
        )


@require_GET
@login_required
def activity(request: HttpRequest, code: str) -> HttpResponse:
    """One activity."""
    record = found_activity(request, code)
    if record.code != code:
        return redirect(record)
    groups = [
        (_field_label(f"targeted_{group}"), getattr(record, f"targeted_{group}"), getattr(record, f"reached_{group}"))
        for group in (*SEXES, *PEOPLE_GROUPS)
    ]
    return render(
        request,
        "orgs/activity.html",
        {
            "activity": record,
            "status_badge": status_badge(record),
            "groups": [group for group in groups if group[1] is not None or group[2] is not None],
            "may_change": may(standing(request), Action.CHANGE, record),
        },
    )


GROUP_LABELS = {
    "female": _("women and girls"), "male": _("men and boys"),
    "girls": _("girls"), "boys": _("boys"), "women": _("women"), "men": _("men"),
    "older_women": _("older women"), "older_men": _("older men"),
}  # fmt: skip


def _field_label(name: str) -> Any:
    return GROUP_LABELS[name.partition("_")[2]]


class ActivityForm(RecordForm):
    title = forms.CharField(label=_("What is done"), max_length=250, help_text=_("In a few words: water trucking"))
    organisation = LookupField(label=_("Organisation"), key="orgs.organisation", model=Organisation)
    sector = forms.ModelChoiceField(label=_("Sector"), queryset=Sector.objects.filter(is_active=True))
    area = LookupField(label=_("Area"), key="places.area", model=Area, help_text=_("Name or P-code"))
    site = LookupField(label=_("Site"), key="orgs.site", model=Site, required=False)
    status = forms.ChoiceField(label=_("Status"), choices=ActivityStatus.choices, initial=ActivityStatus.ONGOING)
    starts_on = forms.DateField(label=_("Starts"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))
    ends_on = forms.DateField(label=_("Ends"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))
    affected_group = forms.ChoiceField(label=_("For whom"), choices=AffectedGroup.choices, initial=AffectedGroup.ALL)
    funded_by = LookupField(label=_("Funded by"), key="orgs.organisation", model=Organisation, required=False)
    targeted = forms.IntegerField(label=_("People targeted"), min_value=0, max_value=200_000_000, required=False)
    reached = forms.IntegerField(label=_("People reached"), min_value=0, max_value=200_000_000, required=False)
    description = forms.CharField(label=_("Description"), widget=forms.Textarea, required=False)
    reported_by = forms.CharField(
        label=_("Reported by"), max_length=200, required=False, help_text=_("If it was not you: who told you.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for measure, words in (("targeted", _("%(group)s targeted")), ("reached", _("%(group)s reached"))):
            for group in (*SEXES, *PEOPLE_GROUPS):
                name = f"{measure}_{group}"
                label = words % {"group": GROUP_LABELS[group]}
                self.fields[name] = forms.IntegerField(
                    label=label[:1].upper() + label[1:], min_value=0, max_value=200_000_000, required=False
                )
                self.initial.setdefault(name, getattr(self.record, name, None))

    def people_fields(self) -> list[Any]:
        """The breakdown's fields, kept apart so that the form stays short until they are wanted."""
        return [self[f"{measure}_{group}"] for measure in ("targeted", "reached") for group in (*SEXES, *PEOPLE_GROUPS)]

    def main_fields(self) -> list[Any]:
        return [
            bound for bound in self if "_" not in bound.name or bound.name.split("_")[0] not in ("targeted", "reached")
        ]


class ActivityAdd(RecordFormView):
    model = Activity
    form_class = ActivityForm
    template_name = "orgs/activity_form.html"
    title = _("Add an activity")

    def initial(self) -> dict[str, Any]:
        area, sector = self.request.GET.get("area", ""), self.request.GET.get("sector", "")
        return {
            "organisation": own_organisation(standing(self.request), self.request.GET.get("organisation", "")),
            "area": Area.objects.filter(pk=int(area)).first() if area.isdigit() else None,
            "sector": Sector.objects.filter(key=sector).first(),
        }

    def save_record(self, form: RecordForm, by: Actor) -> Activity:
        return record_activity(by=by, operation=self.request.operation or None, **form.cleaned_data)  # type: ignore[attr-defined]


class ActivityChange(RecordFormView):
    model = Activity
    form_class = ActivityForm
    template_name = "orgs/activity_form.html"

    def record(self) -> Activity:
        return found_activity(self.request, self.kwargs["code"])

    def heading(self) -> Any:
        return self.kept

    def save_record(self, form: RecordForm, by: Actor) -> Activity:
        return change_activity(by=by, operation=self.request.operation or None, activity=self.kept, **form.cleaned_data)  # type: ignore[attr-defined]


@require_POST
@login_required
def activity_confirm(request: HttpRequest, code: str) -> HttpResponse:
    """One press: the entry is still right."""
    record = found_activity(request, code)
    confirm_activity(by=actor_of(request), operation=request.operation or None, activity=record)  # type: ignore[attr-defined]
    messages.success(request, _("Thank you. The entry is marked as right today."))
    return HttpResponseRedirect(reverse("orgs:activity", args=[record.code]))


# --- coverage


def _asked_coverage(request: HttpRequest) -> tuple[Coverage, int, list[int], Area | None]:
    """The matrix the address asks for, the level shown, the levels there are, and the larger area shown inside."""
    operation = request.operation or None  # type: ignore[attr-defined]
    used = areas_in_use(operation)
    levels = sorted(used.filter(level__gte=1).order_by("level").values_list("level", flat=True).distinct())
    asked = request.GET.get("level", "")
    level = int(asked) if asked.isdigit() and int(asked) in levels else (levels[-1] if levels else 1)
    rows = used.filter(level=level).defer("geometry")
    inside = request.GET.get("inside", "")
    larger = used.filter(pk=int(inside)).first() if inside.isdigit() else None
    if larger is not None:
        rows = rows.filter(pk__in=inside_areas([larger.pk]))
    elif operation.affected_areas.exists():
        rows = rows.filter(pk__in=inside_areas(list(operation.affected_areas.values_list("pk", flat=True))))
    sectors = list(Sector.objects.filter(is_active=True))
    return coverage(operation=operation, areas=list(rows[:400]), sectors=sectors), level, levels, larger


@require_GET
@login_required
def coverage_page(request: HttpRequest) -> HttpResponse:
    """The matrix of sector by area: who works where, and the gaps."""
    require(standing(request), Action.VIEW, Activity)
    if not request.operation:  # type: ignore[attr-defined]
        return redirect("operations")
    found, level, levels, larger = _asked_coverage(request)
    areas = {area.pk: area for area in found.areas}
    sectors = {sector.pk: sector for sector in found.sectors}
    rows = [(area, [(sector, found.cell(area.pk, sector.pk)) for sector in found.sectors]) for area in found.areas]
    gaps: dict[int, dict[str, Any]] = {}
    for cell in found.gaps():
        row = gaps.setdefault(cell.area_id, {"area": areas[cell.area_id], "need": cell, "sectors": []})
        row["sectors"].append(sectors[cell.sector_id])
    only_gaps = request.GET.get("show") == "gaps"
    return render(
        request,
        "orgs/coverage.html",
        {
            "coverage": found,
            "rows": rows,
            "gaps": list(gaps.values())[:30],
            "gap_count": len(found.gaps()),
            "level": level,
            "levels": levels,
            "larger": larger,
            "only_gaps": only_gaps,
            "sector_key": request.GET.get("sector", ""),
            "may_add": may(standing(request), Action.ADD, Activity),
            "may_assess": may(standing(request), Action.ADD, PeopleInNeed),
        },
    )


@require_GET
@login_required
def coverage_geojson(request: HttpRequest) -> JsonResponse:
    """The same matrix as a map: each area coloured by its worst sector, or by the sector asked for."""
    require(standing(request), Action.VIEW, Activity)
    if not request.operation:  # type: ignore[attr-defined]
        return JsonResponse({"type": "FeatureCollection", "features": []})
    found, _level, _levels, _larger = _asked_coverage(request)
    wanted = [s for s in found.sectors if s.key == request.GET.get("sector")] or found.sectors
    shapes = dict(
        Area.objects.filter(pk__in=[area.pk for area in found.areas], geometry__isnull=False)
        .extra(select={"shape": "ST_AsGeoJSON(ST_SimplifyPreserveTopology(geometry, 0.004), 4)::json"})  # noqa: S610
        .values_list("pk", "shape")
    )
    order = [CellState.GAP, CellState.PLANNED, CellState.WORKING, CellState.QUIET]
    features = []
    for area in found.areas:
        if area.pk not in shapes:
            continue
        cells = [found.cell(area.pk, sector.pk) for sector in wanted]
        worst = min((cell.state for cell in cells), key=order.index)
        gaps = sum(cell.state == CellState.GAP for cell in cells)
        # The more sectors nobody works in, the darker: else one gap everywhere would make one red country.
        opacity = 0.15 + 0.6 * gaps / len(cells) if worst == CellState.GAP else 0.45
        features.append(
            {
                "type": "Feature",
                "geometry": shapes[area.pk],
                "properties": {
                    "title": str(area),
                    "url": reverse("orgs:activities") + f"?area={area.pk}",
                    "lines": [
                        [str(_("Sectors with a gap")), str(gaps)],
                        [str(_("People in need")), str(max((cell.in_need or 0 for cell in cells), default=0))],
                    ],
                    "style": {
                        "color": "#4a5666",
                        "weight": 1,
                        "fillColor": CELL_COLOURS[worst],
                        "fillOpacity": round(opacity, 2),
                    },
                },
            }
        )
    return JsonResponse({"type": "FeatureCollection", "features": features})


class PeopleInNeedForm(RecordForm):
    area = LookupField(label=_("Area"), key="places.area", model=Area, help_text=_("Name or P-code"))
    sector = forms.ModelChoiceField(
        label=_("Sector"), queryset=Sector.objects.filter(is_active=True), required=False,
        empty_label=_("all sectors"),
    )  # fmt: skip
    people = forms.IntegerField(label=_("People in need"), min_value=0, max_value=200_000_000)
    source = forms.CharField(label=_("Source"), max_length=200, help_text=_("Who assessed it, and how"))


class PeopleInNeedAdd(RecordFormView):
    model = PeopleInNeed
    form_class = PeopleInNeedForm
    title = _("How many people need help")

    def save_record(self, form: RecordForm, by: Actor) -> Any:
        record_people_in_need(by=by, operation=self.request.operation or None, **form.cleaned_data)  # type: ignore[attr-defined]
        return _Coverage()


class _Coverage:
    def get_absolute_url(self) -> str:
        return reverse("orgs:coverage")
