"""Assembly: each room brings its own addresses in ``urls.py`` (pages) and ``api.py`` (API)."""

from importlib import import_module
from importlib.util import find_spec

from django.apps import apps
from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from komek.accounts.session_views import sessions
from komek.api import error_pages
from komek.api.error_pages import for_programs
from komek.web import errors

urlpatterns: list[URLPattern | URLResolver] = [
    # Before django-allauth's page of this name, which can only end all other sessions at once.
    path("account/sessions/", sessions, name="usersessions_list"),
    path("account/", include("allauth.urls")),
]

for app in apps.get_app_configs():
    name = f"{app.name}.urls"
    ours = app.name.startswith("komek.") or app.name in (settings.BASE_REGISTRY, *settings.REGISTRIES)
    if ours and find_spec(name) and hasattr(import_module(name), "urlpatterns"):
        urlpatterns.append(path("", include(name)))

handler400 = for_programs(error_pages.bad_request, errors.bad_request)
handler403 = for_programs(error_pages.permission_denied, errors.forbidden)
handler404 = for_programs(error_pages.not_found, errors.not_found)
handler500 = for_programs(error_pages.server_error, errors.broken)
