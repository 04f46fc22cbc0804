"""Pages about sites."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from komek.accounts.authority import Action, may, require, visible
from komek.places.models import Area
from komek.records.actor import Actor
from komek.records.lean import all_but
from komek.records.middleware import actor_of
from komek.web.context import standing, viewer_of
from komek.web.drawing import badge
from komek.web.fields import LocationField, LookupField
from komek.web.finding import found_by_code
from komek.web.lists import BulkAction, Column, ListPage, link_cell
from komek.web.records import RecordForm, RecordFormView
from komek.web.templatetags.komek import ago
from orgs.filters import SiteFilter, stale
from orgs.finding import own_organisation
from orgs.map_layers import PLUGS
from orgs.models import Contact, Damage, Opening, Organisation, Site, SiteKind
from orgs.sites import change_site, confirm_site, register_site

DAMAGE_BADGES = {Damage.NONE: "badge-ok", Damage.LIGHT: "badge-warn"}


def found_site(request: HttpRequest, code: str) -> Site:
    """The site with this code as the viewer may see it; 404 with a reason when the code is mistyped."""
    site: Site = found_by_code(request, Site.objects.select_related("organisation", "area", "entered_by"), code, "CW")
    return site


def most_specific(site: Site) -> Any:
    """The record of the registry that keeps more about this site (a camp, a warehouse), else the site itself."""
    for relation in Site._meta.related_objects:
        if relation.one_to_one and relation.parent_link:
            child = relation.related_model._default_manager.filter(pk=site.pk).first()
            if child is not None:
                return child
    return site


def damage_badge(site: Site) -> SafeString | str:
    if site.damage == Damage.UNKNOWN:
        return ""
    shade = DAMAGE_BADGES.get(Damage(site.damage), "badge-danger")
    return badge(Damage(site.damage).label, shade)


def confirm_sites(rows: Any, by: Actor, operation: Any) -> str:
    """Bulk action: confirm each site one may change; say how many were left."""
    from django.utils.translation import gettext

    from komek.accounts.authority import standing_of

    mine, left = 0, 0
    whose = standing_of(by.user, operation)
    for site in rows:
        if may(whose, Action.CHANGE, site):
            confirm_site(by=by, operation=operation, site=site)
            mine += 1
        else:
            left += 1
    return gettext("Confirmed: %(mine)d. Left, because they belong to others: %(left)d.") % {"mine": mine, "left": left}


class SiteList(ListPage):
    key = "orgs.site"
    model = Site
    title = _("Sites")
    filterset_class = SiteFilter
    default_sort = "name"
    exchange_key = "orgs.site"
    add_url_name = "orgs:site_add"
    add_title = _("Add a site")
    empty_text = _("A site is any fixed place that somebody runs: an office, a store, a camp, a hospital.")
    template_name = "orgs/site_list.html"
    columns = (
        Column("name", _("Name"), "name", sort=("name",), cell=link_cell()),
        Column("code", _("Code"), "code", sort=("code",), nowrap=True),
        Column("kind", _("Kind"), "kind", sort=("kind",)),
        Column("organisation", _("Run by"), "organisation.name", sort=("organisation__name",)),
        Column("area", _("Area"), lambda site: str(site.area or ""), sort=("area__name",)),
        Column("opening", _("State"), "opening", sort=("opening",)),
        Column("damage", _("Damage"), "damage", sort=("damage",), cell=damage_badge),
        Column("capacity", _("Capacity"), "capacity", sort=("capacity",), numeric=True, default=False),
        Column("capacity_unit", _("Counted in"), "capacity_unit", default=False),
        Column("landmark", _("Landmark"), "landmark", default=False),
        Column("activities", _("Activities"), "activity_count", sort=("activity_count",), numeric=True, default=False),
        Column(
            "confirmed_at",
            _("Confirmed"),
            "confirmed_at",
            sort=("confirmed_at",),
            cell=lambda site: ago(site.confirmed_at),
            nowrap=True,
        ),
        Column("updated_at", _("Changed"), "updated_at", sort=("updated_at",), default=False, nowrap=True),
        Column("channel", _("Channel"), "channel", default=False),
    )
    actions = (
        BulkAction("confirm", _("Confirm that the entry is right"), confirm_sites, lambda whose: bool(whose.held)),
    )

    def queryset(self) -> Any:
        rows = Site.objects.select_related("organisation", "area").defer(
            "about",
            "search_key",
            *all_but("organisation", Organisation, "name"),
            *all_but("area", Area, "name", "names"),
        )
        wanted = {column.key for column in self.shown_columns()} | {self.request.GET.get("sort", "").lstrip("-")}
        return rows.annotate(activity_count=Count("activities")) if "activities" in wanted else rows


@require_GET
@login_required
def site(request: HttpRequest, code: str) -> HttpResponse:
    """One site."""
    record = found_site(request, code)
    own = most_specific(record)
    if own is not record or record.code != code:
        return redirect(own)
    whose = standing(request)
    return render(
        request,
        "orgs/site.html",
        {
            "site": record,
            "damage_badge": damage_badge(record),
            "contacts": visible(Contact.objects.filter(site=record), whose),
            "activities": record.activities.select_related("organisation", "sector")[:20],
            "may_change": may(whose, Action.CHANGE, record),
            "is_stale": stale(Site.objects.filter(pk=record.pk), True).exists(),
        },
    )


class SiteForm(RecordForm):
    name = forms.CharField(label=_("Name"), max_length=200)
    kind = forms.ChoiceField(label=_("Kind"), choices=SiteKind.choices)
    organisation = LookupField(label=_("Run by"), key="orgs.organisation", model=Organisation)
    location = LocationField(label=_("Location"), required=False)
    area = LookupField(
        label=_("Area"), key="places.area", model=Area, required=False,
        help_text=_("Left empty, it is found from the location."),
    )  # fmt: skip
    landmark = forms.CharField(label=_("Address or landmark"), max_length=300, required=False)
    opening = forms.ChoiceField(label=_("State"), choices=Opening.choices, initial=Opening.OPEN)
    opening_hours = forms.CharField(label=_("Opening hours"), max_length=200, required=False)
    opened_on = forms.DateField(
        label=_("Opened on"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    closed_on = forms.DateField(
        label=_("Closed on"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    capacity = forms.IntegerField(label=_("Capacity"), min_value=0, max_value=2_000_000, required=False)
    capacity_unit = forms.CharField(
        label=_("Counted in"), max_length=40, required=False, help_text=_("people, beds, m², pallets …")
    )
    damage = forms.ChoiceField(label=_("Damage"), choices=Damage.choices, initial=Damage.UNKNOWN)
    about = forms.CharField(label=_("Notes"), widget=forms.Textarea, required=False)
    reported_by = forms.CharField(
        label=_("Reported by"), max_length=200, required=False, help_text=_("If it was not you: who told you.")
    )


class SiteAdd(RecordFormView):
    model = Site
    form_class = SiteForm
    title = _("Add a site")

    def initial(self) -> dict[str, Any]:
        area = self.request.GET.get("area", "")
        return {
            "organisation": own_organisation(standing(self.request), self.request.GET.get("organisation", "")),
            "area": Area.objects.filter(pk=int(area)).first() if area.isdigit() else None,
        }

    def save_record(self, form: RecordForm, by: Actor) -> Site:
        return register_site(by=by, operation=self.request.operation or None, **form.cleaned_data)  # type: ignore[attr-defined]


class SiteChange(RecordFormView):
    model = Site
    form_class = SiteForm

    def record(self) -> Site:
        return found_site(self.request, self.kwargs["code"])

    def heading(self) -> Any:
        return self.kept

    def save_record(self, form: RecordForm, by: Actor) -> Site:
        return change_site(by=by, operation=self.request.operation or None, site=self.kept, **form.cleaned_data)  # type: ignore[attr-defined]


@require_POST
@login_required
def site_confirm(request: HttpRequest, code: str) -> HttpResponse:
    """One press: the entry is still right."""
    record = found_site(request, code)
    confirm_site(by=actor_of(request), operation=request.operation or None, site=record)  # type: ignore[attr-defined]
    messages.success(request, _("Thank you. The entry is marked as right today."))
    return HttpResponseRedirect(reverse("orgs:site", args=[record.code]))


@require_GET
@login_required
def sites_geojson(request: HttpRequest) -> JsonResponse:
    """Sites that match the list's filters, for the map beside it; at most 5,000, the newest confirmed first."""
    whose = standing(request)
    require(whose, Action.VIEW, Site)
    layer = PLUGS[0]
    rows = SiteFilter(request.GET, queryset=layer.queryset(viewer_of(request)), request=request).qs
    features = []
    for row in rows.order_by("-confirmed_at")[:5000]:
        shown = layer.popup(row)
        features.append(
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": [row.location.x, row.location.y]},
                "properties": {
                    **shown,
                    "lines": [[str(label), str(value)] for label, value in shown["lines"]],
                    "damage": row.damage,
                },
            }
        )
    style = {"by": layer.style.by, "default": layer.style.default, "colours": layer.style.colours}
    return JsonResponse({"type": "FeatureCollection", "features": features, "style": style})
