"""Addresses of the registry of camps. Each part brings its own."""

from importlib import import_module
from importlib.util import find_spec

app_name = "camps"
urlpatterns = []
for part in (
    "camps.urls_sites",
    "camps.urls_people",
    "camps.urls_standards",
    "camps.urls_health",
    "camps.urls_hospitals",
):
    if find_spec(part):
        urlpatterns += import_module(part).urlpatterns
