"""Pages about sites with people: the list with its map, one site, its form, its state, its shelters and photos."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from camps.camp_forms import CampForm, PhotoForm, ShelterRows, StateForm
from camps.filters import CampFilter
from camps.finding import found_camp
from camps.models import Camp, CampPhoto, Headcount
from camps.overview import is_silent, with_difference, with_people, with_registered
from camps.photos import add_photo, remove_photo
from camps.refusals import Refused
from camps.sites import adopt_site, area_m2_of, change_camp, change_state, register_camp, set_shelters
from camps.tabs import page_context
from komek.accounts.authority import Action, may, require, visible
from komek.records.actor import Actor
from komek.records.middleware import actor_of
from komek.web.context import standing
from komek.web.lists import Column, ListPage, link_cell
from komek.web.records import RecordForm, RecordFormView
from komek.web.templatetags.komek import ago
from orgs.models import Contact, Opening
from orgs.site_pages import found_site

CROWDED, FULL = 100, 90  # per cent of capacity


def occupancy_cell(camp: Any) -> SafeString | str:
    """The share of places taken, with a word when it is too much: colour alone says nothing in print."""
    if camp.occupancy is None:
        return ""
    share = f"{round(camp.occupancy)} %"
    if camp.occupancy > CROWDED:
        return format_html('<span class="badge badge-danger">{} {}</span>', share, _("crowded"))
    if camp.occupancy >= FULL:
        return format_html('<span class="badge badge-warn">{} {}</span>', share, _("nearly full"))
    return share


def heard_cell(camp: Camp) -> SafeString | str:
    """When the site was last heard from, and whether that is too long ago."""
    if is_silent(camp):
        return format_html('<span class="badge badge-warn">{} {}</span>', _("silent"), ago(camp.confirmed_at))
    return ago(camp.confirmed_at)


def signed_cell(camp: Any) -> str:
    """A difference with its sign: more or fewer registered than reported."""
    difference = difference_of(camp)
    return "" if difference is None else (f"+{difference}" if difference > 0 else str(difference))


def difference_of(camp: Any) -> int | None:
    """Registered less counted; the database works it out only to sort by it."""
    if camp.registered is None or camp.people_now is None:
        return None
    return int(camp.registered - camp.people_now)


class CampList(ListPage):
    key = "camps.camp"
    model = Camp
    title = gettext_lazy("Camps, hospitals and other sites with people")
    filterset_class = CampFilter
    default_sort = "name"
    exchange_key = "camps.camp"
    add_url_name = "camps:camp_add"
    add_title = gettext_lazy("Add a site with people")
    empty_text = gettext_lazy(
        "A planned camp, a spontaneous settlement, a school that took people in, a host community, a hospital, a "
        "reception point: any place where victims are."
    )
    template_name = "camps/camp_list.html"
    columns = (
        Column("name", gettext_lazy("Name"), "name", sort=("name",), cell=link_cell()),
        Column("code", gettext_lazy("Code"), "code", sort=("code",), nowrap=True),
        Column("camp_type", gettext_lazy("Kind of site"), "camp_type", sort=("camp_type",)),
        Column("area", gettext_lazy("Area"), lambda camp: str(camp.area or ""), sort=("area__name",)),
        Column("opening", gettext_lazy("State"), "opening", sort=("opening",)),
        Column("people", gettext_lazy("People"), "people_now", sort=("people_now",), numeric=True),
        Column("capacity", gettext_lazy("Places"), "capacity", sort=("capacity",), numeric=True),
        Column("occupancy", gettext_lazy("Taken"), lambda camp: None if camp.occupancy is None else round(camp.occupancy),
               sort=("occupancy",), cell=occupancy_cell, numeric=True),
        Column("counted_at", gettext_lazy("Counted"), "counted_at", sort=("counted_at",),
               cell=lambda camp: ago(camp.counted_at) if camp.counted_at else _("never"), nowrap=True),
        Column("heard", gettext_lazy("Last heard from"), "confirmed_at", sort=("confirmed_at",), cell=heard_cell, nowrap=True),
        Column("organisation", gettext_lazy("Run by"), "organisation.name", sort=("organisation__name",)),
        Column("registered", gettext_lazy("Registered"), "registered", sort=("registered",), numeric=True, default=False),
        Column("difference", gettext_lazy("Registered less counted"), difference_of, sort=("difference",), cell=signed_cell,
               numeric=True, default=False),
        Column("households", gettext_lazy("Households"), "households_now", sort=("households_now",), numeric=True, default=False),
        Column("room_left", gettext_lazy("Free places"), "room_left", sort=("room_left",), numeric=True, default=False),
        Column("access", gettext_lazy("Access by road"), "access", sort=("access",), default=False),
        Column("registration", gettext_lazy("Registers"), "registration", default=False),
        Column("landmark", gettext_lazy("Landmark"), "landmark", default=False),
    )  # fmt: skip

    def queryset(self) -> Any:
        rows = Camp.objects.select_related("organisation", "area").defer(
            "area__geometry", "about", "search_key", "perimeter"
        )
        rows = with_people(rows)
        sort = self.request.GET.get("sort", "").lstrip("-")
        wanted = {column.key for column in self.shown_columns()} | {sort}
        rows = with_registered(rows) if wanted & {"registered", "difference"} else rows
        return with_difference(rows) if sort == "difference" else rows


@require_GET
@login_required
def camp(request: HttpRequest, code: str) -> HttpResponse:
    """One site: what matters first."""
    record = found_camp(request, code)
    if record.code != code:
        return redirect(record)
    whose = standing(request)
    figures = with_registered(with_people(Camp.objects.filter(pk=record.pk).defer("perimeter"))).get()
    return render(
        request,
        "camps/camp.html",
        {
            **page_context(record, whose, "overview"),
            "figures": figures,
            "occupancy": occupancy_cell(figures),
            "difference": signed_cell(figures),
            "is_silent": is_silent(record),
            "area_m2": area_m2_of(record),
            "shelters": record.shelters.all(),
            "hazards": record.hazards.all(),
            "supporting": record.supporting.order_by("name"),
            "states": record.states.select_related("entered_by")[:20],
            "contacts": visible(Contact.objects.filter(site=record), whose),
            "photos": record.photos.all()[:12],
            "may_report": may(whose, Action.ADD, Headcount(camp=record, operation_id=record.operation_id)),
        },
    )


class CampAdd(RecordFormView):
    model = Camp
    form_class = CampForm
    template_name = "camps/camp_form.html"
    title = gettext_lazy("Add a site with people")

    def initial(self) -> dict[str, Any]:
        mine = self.request.user.memberships.filter(organisation__operation=self.request.operation or None).first()  # type: ignore[union-attr,attr-defined]
        return {"organisation": mine.organisation if mine else None}

    def save_record(self, form: RecordForm, by: Actor) -> Camp:
        return register_camp(by=by, operation=self.request.operation or None, **form.values())  # type: ignore[attr-defined]


class CampChange(RecordFormView):
    model = Camp
    form_class = CampForm
    template_name = "camps/camp_form.html"

    def record(self) -> Camp:
        return found_camp(self.request, self.kwargs["code"])

    def heading(self) -> Any:
        return self.kept

    def save_record(self, form: RecordForm, by: Actor) -> Camp:
        return change_camp(by=by, operation=self.request.operation or None, camp=self.kept, **form.values())  # type: ignore[attr-defined]


class CampStateChange(RecordFormView):
    """Open, close or plan a site, with the reason."""

    model = Camp
    form_class = StateForm

    def record(self) -> Camp:
        return found_camp(self.request, self.kwargs["code"])

    def heading(self) -> Any:
        return _("State of %(camp)s") % {"camp": self.kept}

    def initial(self) -> dict[str, Any]:
        assert self.kept is not None
        from django.utils import timezone

        return {
            "state": Opening.OPEN if self.kept.opening == Opening.CLOSED else Opening.CLOSED,
            "occurred_at": timezone.localtime().replace(second=0, microsecond=0),
        }

    def save_record(self, form: RecordForm, by: Actor) -> Camp:
        return change_state(by=by, operation=self.request.operation or None, camp=self.kept, **form.cleaned_data)  # type: ignore[attr-defined]


@require_POST
@login_required
def camp_adopt(request: HttpRequest, code: str) -> HttpResponse:
    """Make a site of the register one where people are."""
    site = found_site(request, code)
    try:
        record = adopt_site(by=actor_of(request), operation=request.operation or None, site=site)  # type: ignore[attr-defined]
    except Refused as refusal:
        messages.error(request, " ".join(refusal.messages))
        return redirect(site)
    return HttpResponseRedirect(reverse("camps:camp_change", args=[record.code]))


@require_http_methods(["GET", "POST"])
@login_required
def shelters(request: HttpRequest, code: str) -> HttpResponse:
    """Capacity by kind of shelter, as rows."""
    record = found_camp(request, code)
    whose = standing(request)
    require(whose, Action.CHANGE, record)
    initial = [
        {name: getattr(row, name) for name in ("kind", "units", "usable_units", "people_per_unit")}
        for row in record.shelters.all()
    ]
    rows = ShelterRows(request.POST or None, initial=initial)
    faults: list[str] = []
    if request.method == "POST" and rows.is_valid():
        given = [row for row in rows.cleaned_data if row.get("kind")]
        try:
            set_shelters(by=actor_of(request), operation=request.operation or None, camp=record, shelters=given)  # type: ignore[attr-defined]
        except Refused as refusal:
            faults = list(refusal.messages)
        else:
            messages.success(request, _("Saved."))
            return redirect(record)
    status = 422 if request.method == "POST" else 200
    context = {**page_context(record, whose, "overview"), "rows": rows, "faults": faults}
    return render(request, "camps/shelters.html", context, status=status)


@require_http_methods(["GET", "POST"])
@login_required
def photo_add(request: HttpRequest, code: str) -> HttpResponse:
    """Send a photo of the site."""
    record = found_camp(request, code)
    whose = standing(request)
    require(whose, Action.ADD, CampPhoto(camp=record, operation_id=record.operation_id))
    form = PhotoForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            add_photo(
                by=actor_of(request), operation=request.operation or None, camp=record,  # type: ignore[attr-defined]
                picture=form.cleaned_data["image"], caption=form.cleaned_data["caption"],
            )  # fmt: skip
        except Refused as refusal:
            form.add_error("image", refusal.messages)
        else:
            messages.success(request, _("The photo is kept."))
            return redirect(record)
    status = 422 if request.method == "POST" else 200
    return render(
        request, "camps/photo_form.html", {**page_context(record, whose, "overview"), "form": form}, status=status
    )


@require_GET
@login_required
def photo(request: HttpRequest, code: str, pk: int) -> FileResponse:
    """The picture, to those who may see the site."""
    found = get_object_or_404(CampPhoto, pk=pk, camp=found_camp(request, code))
    if not found.image.storage.exists(found.image.name):
        raise Http404(_("The photo is not there any more."))
    response = FileResponse(found.image.open("rb"), content_type="image/jpeg")
    response["Cache-Control"] = "private, max-age=86400"
    return response


@require_POST
@login_required
def photo_remove(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Take a photo away."""
    record = found_camp(request, code)
    found = get_object_or_404(CampPhoto, pk=pk, camp=record)
    remove_photo(by=actor_of(request), operation=request.operation or None, photo=found)  # type: ignore[attr-defined]
    messages.success(request, _("The photo is taken away."))
    return redirect(record)
