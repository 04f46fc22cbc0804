"""Where a person is signed in, and ending it, one device or all others."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

# In this order: most browsers also carry the names of those they descend from.
BROWSERS = (
    ("Edg", "Edge"), ("OPR", "Opera"), ("YaBrowser", "Yandex Browser"), ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"), ("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("HeadlessChrome", "Chrome"), ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)  # fmt: skip
SYSTEMS = (
    ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS X", "Mac"),
    ("CrOS", "Chromebook"), ("Linux", "Linux"),
)  # fmt: skip


@dataclass(frozen=True)
class Device:
    """One signed-in browser. ``name``: such as "Firefox, Android"."""

    session: UserSession
    name: str
    is_this_one: bool


def device_name(user_agent: str) -> str:
    """Browser and system from what the browser says about itself, for people to recognise; empty when it tells nothing."""
    browser = next((name for sign, name in BROWSERS if re.search(rf"\b{sign}/", user_agent)), "")
    system = next((name for sign, name in SYSTEMS if sign in user_agent), "")
    return ", ".join(part for part in (browser, system) if part)


def _devices(request: HttpRequest) -> list[Device]:
    """This one first, then the others, the last used first. Sessions that ran out are forgotten on the way."""
    found: list[Any] = UserSession.objects.purge_and_list(request.user)
    here = request.session.session_key
    devices = [
        Device(one, device_name(one.user_agent) or _("unknown device"), one.session_key == here) for one in found
    ]
    return sorted(devices, key=lambda device: (not device.is_this_one, -device.session.last_seen_at.timestamp()))


@login_required
def sessions(request: HttpRequest) -> HttpResponse:
    """Every device this account is signed in on. POST ends one (``session``), or with ``others`` all but this one."""
    if request.method != "POST":
        return render(request, "accounts/sessions.html", {"devices": _devices(request)})
    if "others" in request.POST:
        ended = [device for device in _devices(request) if not device.is_this_one]
        for device in ended:
            device.session.end()
        messages.success(
            request,
            ngettext("Signed out on %(n)d device.", "Signed out on %(n)d devices.", len(ended)) % {"n": len(ended)},
        )
        return redirect("usersessions_list")
    asked = request.POST.get("session", "")
    session = get_object_or_404(UserSession, user_id=request.user.pk, pk=int(asked) if asked.isdecimal() else 0)
    if session.session_key == request.session.session_key:
        logout(request)
        return redirect("home")
    session.end()
    messages.success(request, _("That device is signed out."))
    return redirect("usersessions_list")
