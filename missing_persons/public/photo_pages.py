"""Photos are files behind a question: may this viewer see it now? No address of a file is ever given out."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from komek.accounts.authority import visible
from komek.web.context import standing
from missing_persons.models import Person, Photo, Status
from missing_persons.public.addresses import unsealed
from missing_persons.public.people import public_persons, shown_photos

READ = ("GET", "HEAD")


@require_http_methods(READ)
@never_cache
def public_photo(http: HttpRequest, seal: str, size: str) -> HttpResponseBase:
    """The photo of a person who is public now, if its giver agreed and agrees. Taken down, it is gone at once."""
    photo = Photo.objects.select_related("report").filter(pk=unsealed("photo", seal)).first()
    owner: Person | None = public_persons().filter(pk=photo.report.person_id).first() if photo else None
    if photo is None or owner is None or owner.public_status == Status.DEAD:
        raise Http404(_("This photo is not shown any more."))
    if shown_photos([owner.pk]).get(owner.pk) != photo:
        raise Http404(_("This photo is not shown any more."))
    return _served(photo, size)


@require_http_methods(READ)
@login_required
@never_cache
def photo(http: HttpRequest, pk: int) -> HttpResponseBase:
    """For those who work with the report; of the dead, for protection officers only (see the policy)."""
    return _served(get_object_or_404(visible(Photo.objects.exclude(file=""), standing(http)), pk=pk), "large")


def _served(photo: Photo, size: str) -> HttpResponseBase:
    file = photo.small if size == "small" and photo.small.name else photo.file
    try:
        response = FileResponse(file.open("rb"), content_type="image/jpeg")
    except FileNotFoundError as lost:
        raise Http404(_("This photo is not shown any more.")) from lost
    response["Content-Disposition"] = "inline"
    response["X-Robots-Tag"] = "noindex, noimageindex"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
