"""How we treat the data of those who are looked for and of those who look."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from missing_persons.public.pages import public_page, show


@require_http_methods(("GET", "HEAD"))
@public_page
def your_data(http: HttpRequest) -> HttpResponse:
    return show(http, "your_data.html")
