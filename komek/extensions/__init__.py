"""Sockets: how registries offer what they have without knowing each other.

A socket is a typed protocol plus a module name. An app plugs in by having a module of that name with a list ``PLUGS``.
Whoever needs what the plugs offer asks the socket. This room imports nothing of ours.
"""

from komek.extensions.sockets import Socket, Viewer, all_sockets

__all__ = ["Socket", "Viewer", "all_sockets"]
