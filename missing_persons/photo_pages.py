"""Photos for those who work with reports: seen, added, taken away. What the public sees: ``missing_persons.public.photo_pages``."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from komek.accounts.authority import Action, require, visible
from komek.records.middleware import actor_of
from komek.web.context import standing
from missing_persons.models import Photo, Report
from missing_persons.photos import add_photo, remove_photo
from missing_persons.public.photo_pages import served


class PhotoForm(forms.Form):
    photo = forms.FileField(
        label=gettext_lazy("Photo"),
        help_text=gettext_lazy("A clear photo of the face. Where and with what it was taken is removed from it."),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
    )
    is_public_agreed = forms.BooleanField(
        label=gettext_lazy("Its giver agreed that everybody who finds the name sees it"), required=False
    )


@require_http_methods(("GET", "HEAD"))
@login_required
@never_cache
def photo(http: HttpRequest, pk: int) -> HttpResponseBase:
    """One photo; of the dead, for protection officers only (see the policy)."""
    return served(get_object_or_404(visible(Photo.objects.exclude(file=""), standing(http)), pk=pk), "large")


@require_http_methods(("GET", "HEAD", "POST"))
@login_required
def photo_add(http: HttpRequest, pk: int) -> HttpResponse:
    """Send a photo that belongs to a report."""
    whose = standing(http)
    report = get_object_or_404(visible(Report.objects.select_related("person"), whose), pk=pk)
    require(whose, Action.ADD, Photo(report=report))
    form = PhotoForm(http.POST or None, http.FILES or None)
    if http.method == "POST" and form.is_valid():
        try:
            add_photo(
                by=actor_of(http), operation=whose.operation, report=report, picture=form.cleaned_data["photo"],
                is_public_agreed=form.cleaned_data["is_public_agreed"],
            )  # fmt: skip
        except ValidationError as refusal:
            form.add_error("photo", refusal.messages)
        else:
            messages.success(http, _("The photo is kept."))
            return redirect(report.person.current)
    status = 422 if form.errors else 200
    return render(http, "missing_persons/photo_form.html", {"form": form, "report": report}, status=status)


@require_POST
@login_required
def photo_remove(http: HttpRequest, pk: int) -> HttpResponse:
    """Take a photo away: it is gone for everybody at once."""
    whose = standing(http)
    found = get_object_or_404(visible(Photo.objects.select_related("report__person"), whose), pk=pk)
    remove_photo(by=actor_of(http), operation=whose.operation, photo=found)
    messages.success(http, _("The photo is not kept any more."))
    return redirect(found.report.person.current)
