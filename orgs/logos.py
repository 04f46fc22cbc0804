"""Logos: re-encoded, so that nothing but pixels is kept of what somebody sends."""

from __future__ import annotations

from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction

from komek.accounts.authority import Action, require, standing_of
from komek.records.actor import Actor, acting
from komek.web.pictures import UnusablePicture, reencoded
from orgs.models import Organisation
from orgs.refusals import Refused

MOST_BYTES = 5 * 2**20
MOST_PIXELS = 25_000_000
SIDE = 512  # pixels; larger pictures are made smaller, keeping their shape


@transaction.atomic
def set_logo(*, by: Actor, operation: Any, organisation: Organisation, picture: Any | None) -> None:
    """Store a picture as the logo, or take the logo away with ``None``. Raises Refused or NotAllowed.

    picture: a file object with ``read`` and ``size``.
    """
    require(standing_of(by.user, operation), Action.CHANGE, organisation)
    content = None if picture is None else ContentFile(_as_logo(picture))
    if content is None:
        organisation.logo = ""
    else:
        organisation.logo.save(f"{organisation.code}.png", content, save=False)
    with acting(by):
        organisation.save(update_fields=["logo", "updated_at"])


def _as_logo(picture: Any) -> bytes:
    try:
        return reencoded(picture, side=SIDE, most_bytes=MOST_BYTES, most_pixels=MOST_PIXELS, as_format="PNG")
    except UnusablePicture as refusal:
        raise Refused({"logo": str(refusal)}) from refusal
