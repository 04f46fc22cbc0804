"""The mechanism every socket shares: discovery by module name, a key that is unique, a clear failure at start-up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Generic, TypeVar

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured

Plug = TypeVar("Plug")


@dataclass(frozen=True)
class Viewer:
    """Who is asking: plugs answer only with what this viewer may see.

    user: a signed-in account, or ``None`` for the public.
    operation: the disaster or exercise the viewer works in, or ``None`` before one is chosen.
    language: a Django language code such as ``"tk"``.
    """

    user: Any
    operation: Any
    language: str = "en"


_sockets: dict[str, Socket[Any]] = {}


def all_sockets() -> dict[str, Socket[Any]]:
    """Every socket by its module name, for checks and for the generic tests."""
    return dict(_sockets)


class Socket(Generic[Plug]):
    """A named place that apps plug into.

    module: the module name looked for in every installed app, such as ``"map_layers"``.
    protocol: a runtime-checkable protocol each plug must satisfy; each plug has a ``key`` unique in the socket.
    """

    def __init__(self, module: str, protocol: type[Plug]) -> None:
        self.module = module
        self.protocol = protocol
        self._plugs: dict[str, Plug] | None = None
        _sockets[module] = self

    def __iter__(self) -> Iterator[Plug]:
        return iter(self.plugs().values())

    def __len__(self) -> int:
        return len(self.plugs())

    def get(self, key: str) -> Plug | None:
        """The plug with this key, or ``None`` when its registry is switched off or never existed."""
        return self.plugs().get(key)

    def plugs(self) -> dict[str, Plug]:
        """Plugs by key, in the order of ``INSTALLED_APPS``. Found once, at first use.

        Raises ImproperlyConfigured when a plug does not satisfy the protocol or two share a key.
        """
        if self._plugs is None:
            self._plugs = self._discover()
        return self._plugs

    def _discover(self) -> dict[str, Plug]:
        found: dict[str, Plug] = {}
        for app in apps.get_app_configs():
            name = f"{app.name}.{self.module}"
            if find_spec(name) is None:
                continue
            for plug in getattr(import_module(name), "PLUGS", ()):
                if not isinstance(plug, self.protocol):
                    raise ImproperlyConfigured(f"{name}: {plug!r} is not a {self.protocol.__name__}")
                key: str = plug.key  # type: ignore[attr-defined]
                if key in found:
                    raise ImproperlyConfigured(f"{name}: two plugs of socket {self.module} share the key {key!r}")
                found[key] = plug
        return found
