"""Photos on registrars' pages: adding one to a report, taking one away, and which of them a viewer sees."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from komek.accounts.authority import Standing, visible
from komek.records.actor import Actor
from komek.records.middleware import actor_of
from komek.web.context import standing
from komek.web.records import RecordForm, RecordFormView
from missing_persons.models import Photo, Report
from missing_persons.photos import add_photo, remove_photo


def show_photos(reports: Iterable[Report], whose: Standing) -> None:
    """Put on each report the photos the viewer may see (``shown_photos``). One query."""
    found: dict[int, list[Photo]] = {report.pk: [] for report in reports}
    for photo in visible(Photo.objects.filter(report__in=found).exclude(file=""), whose).order_by("pk"):
        found[photo.report_id].append(photo)
    for report in reports:
        report.shown_photos = found[report.pk]  # type: ignore[attr-defined]


class PhotoForm(RecordForm):
    photo = forms.FileField(
        label=gettext_lazy("Photo"), widget=forms.ClearableFileInput({"accept": "image/*"}),
        help_text=gettext_lazy("JPEG or PNG. Where and with what it was taken is not kept."),
    )  # fmt: skip
    is_public_agreed = forms.BooleanField(
        label=gettext_lazy("May be shown to the public"), required=False,
        help_text=gettext_lazy("Only if whoever gave it agreed. Photos of the dead are never shown."),
    )  # fmt: skip


class PhotoAdd(RecordFormView):
    model = Photo
    form_class = PhotoForm
    template_name = "missing_persons/step_form.html"
    saved_message = gettext_lazy("The photo is kept with the report.")

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        if request.user.is_authenticated:
            rows = visible(
                Report.objects.filter(tombstoned_at=None).select_related("person", "made_person"), standing(request)
            )
            self.report = rows.filter(pk=kwargs["pk"]).first()
            if self.report is None:
                raise Http404
        return super().dispatch(request, *args, **kwargs)

    def heading(self) -> Any:
        return _("Add a photo: %(person)s") % {"person": self.report.code}

    def form_context(self, form: RecordForm) -> dict[str, Any]:
        return {"person": self.report.person, "button": _("Save")}

    def save_record(self, form: RecordForm, by: Actor) -> Report:
        given = form.cleaned_data
        add_photo(
            by=by, operation=self.report.operation, report=self.report, picture=given["photo"],
            is_public_agreed=given["is_public_agreed"],
        )  # fmt: skip
        return self.report  # type: ignore[no-any-return]


@require_POST
@login_required
def photo_removed(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a photo away, its files with it."""
    photo = get_object_or_404(visible(Photo.objects.select_related("report__person"), standing(request)), pk=pk)
    report = photo.report
    remove_photo(by=actor_of(request), operation=report.operation, photo=photo)
    messages.success(request, _("The photo is gone."))
    return redirect(report)
