"""Addresses of the registry of requests. Each part brings its own."""

from importlib import import_module
from importlib.util import find_spec

app_name = "requests"
urlpatterns = []
for part in (
    "aid_requests.urls_public",
    "aid_requests.urls_triage",
    "aid_requests.urls_rules",
    "aid_requests.urls_commitments",
    "aid_requests.urls_matching",
    "aid_requests.urls_planning",
    "aid_requests.urls_appeals",
    "aid_requests.urls_requests",
):
    if find_spec(part):
        urlpatterns += import_module(part).urlpatterns
