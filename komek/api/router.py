"""Where registries plug their resources in. An app has ``api.py`` with ``def register(router: ApiRouter) -> None``.

Rooms below this floor cannot import it; their resources are in ``ground_floor``.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.routers import DefaultRouter
from rest_framework.views import APIView


class ResourceList(APIView):
    """Every resource of this API, by name, with its address."""

    permission_classes = (AllowAny,)
    scope = None
    resources: dict[str, str] | None = None

    @extend_schema(responses={200: {"type": "object", "additionalProperties": {"type": "string", "format": "uri"}}})
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        namespace = getattr(request.resolver_match, "namespace", "")
        prefix = f"{namespace}:" if namespace else ""
        return Response(
            {name: reverse(prefix + url_name, request=request) for name, url_name in (self.resources or {}).items()}
        )


class ApiRouter(DefaultRouter):
    """``router.register("organisations", OrganisationViewSet)``. Addresses are ``/api/v1/organisations/…``,
    reversed as ``api:organisations-list`` and ``api:organisations-detail``.
    """

    include_format_suffixes = False

    def register(self, prefix: str, viewset: Any, basename: str | None = None) -> None:
        """``basename`` is the prefix unless given; two resources of one name stop the start."""
        if any(prefix == taken for taken, *_rest in self.registry):
            raise ImproperlyConfigured(f"two API resources are named {prefix!r}")
        super().register(prefix, viewset, basename or prefix.replace("/", "-"))

    def get_api_root_view(self, api_urls: Any = None) -> Any:
        list_name = self.routes[0].name
        resources = {prefix: list_name.format(basename=basename) for prefix, _viewset, basename in self.registry}
        return ResourceList.as_view(resources=resources)

    def names(self) -> list[str]:
        """The resources, as scopes name them."""
        return sorted(prefix for prefix, *_rest in self.registry)


def plug_in(router: ApiRouter) -> None:
    """Let every installed app of ours register its resources, in the order of ``INSTALLED_APPS``."""
    for app in apps.get_app_configs():
        name = f"{app.name}.api"
        ours = app.name.startswith("komek.") or app.name in (settings.BASE_REGISTRY, *settings.REGISTRIES)
        if not ours or app.name == "komek.api" or find_spec(name) is None:
            continue
        register = getattr(import_module(name), "register", None)
        if register is None:
            raise ImproperlyConfigured(f"{name} has no function register(router)")
        register(router)
