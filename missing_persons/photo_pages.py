"""The photo itself for those who work with reports; added and taken away in ``missing_persons.photo_forms``.

What the public sees: ``missing_persons.public.photo_pages``.
"""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from komek.accounts.authority import visible
from komek.web.context import standing
from missing_persons.models import Photo
from missing_persons.public.photo_pages import served


@require_http_methods(("GET", "HEAD"))
@login_required
@never_cache
def photo(http: HttpRequest, pk: int) -> HttpResponseBase:
    """One photo; of the dead, for protection officers only (see the policy)."""
    return served(get_object_or_404(visible(Photo.objects.exclude(file=""), standing(http)), pk=pk), "large")
