"""Assembly: each room brings its own addresses in ``urls.py`` (pages) and ``api.py`` (API)."""

from importlib import import_module
from importlib.util import find_spec

from django.apps import apps
from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("account/", include("allauth.urls")),
]

# Programs get problem+json, people a page.
handler400 = "komek.api.error_pages.bad_request"
handler403 = "komek.api.error_pages.permission_denied"
handler404 = "komek.api.error_pages.page_not_found"
handler500 = "komek.api.error_pages.server_error"

for app in apps.get_app_configs():
    name = f"{app.name}.urls"
    ours = app.name.startswith("komek.") or app.name in ("orgs", *settings.REGISTRIES)
    if ours and find_spec(name) and hasattr(import_module(name), "urlpatterns"):
        urlpatterns.append(path("", include(name)))

handler400 = "komek.web.errors.bad_request"
handler403 = "komek.web.errors.forbidden"
handler404 = "komek.web.errors.not_found"
handler500 = "komek.web.errors.broken"
