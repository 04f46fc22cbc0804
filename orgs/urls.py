"""Addresses of the organisation registry."""

from importlib import import_module
from importlib.util import find_spec

app_name = "orgs"
urlpatterns = []
for part in ("orgs.urls_organisations", "orgs.urls_activities"):
    if find_spec(part):
        urlpatterns += import_module(part).urlpatterns
