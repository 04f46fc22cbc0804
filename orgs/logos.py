"""Logos: re-encoded, so that nothing but pixels is kept of what somebody sends."""

from __future__ import annotations

import io
import warnings
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps, UnidentifiedImageError

from komek.accounts.authority import Action, require, standing_of
from komek.records.actor import Actor, acting
from orgs.models import Organisation
from orgs.refusals import Refused

MOST_BYTES = 5 * 2**20
MOST_PIXELS = 25_000_000
SIDE = 512  # pixels; larger pictures are made smaller, keeping their shape
FORMATS = ("PNG", "JPEG", "WEBP", "GIF")


@transaction.atomic
def set_logo(*, by: Actor, operation: Any, organisation: Organisation, picture: Any | None) -> None:
    """Store a picture as the logo, or take the logo away with ``None``. Raises Refused or NotAllowed.

    picture: a file object with ``read`` and ``size``.
    """
    require(standing_of(by.user, operation), Action.CHANGE, organisation)
    content = None if picture is None else ContentFile(reencoded(picture))
    if content is None:
        organisation.logo = ""
    else:
        organisation.logo.save(f"{organisation.code}.png", content, save=False)
    with acting(by):
        organisation.save(update_fields=["logo", "updated_at"])


def reencoded(picture: Any) -> bytes:
    """The picture as a PNG of at most ``SIDE`` pixels a side. Raises Refused in words."""
    if picture.size > MOST_BYTES:
        raise Refused({"logo": _("The picture is larger than 5 MB. Make it smaller and send it again.")})
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # its size is checked here, before reading
            opening = Image.open(picture, formats=FORMATS)
        with opening as opened:
            width, height = opened.size
            if width * height > MOST_PIXELS:
                raise Refused({
                    "logo": _("The picture has %(width)d × %(height)d pixels, far more than a logo needs. Make it smaller.")
                    % {"width": width, "height": height}
                })  # fmt: skip
            shown = ImageOps.exif_transpose(opened)
            shown.thumbnail((SIDE, SIDE))
            out = io.BytesIO()
            shown.convert("RGBA").save(out, "PNG", optimize=True)
    except Image.DecompressionBombError as error:
        raise Refused({"logo": _("The picture has far more pixels than a logo needs. Make it smaller.")}) from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        if isinstance(error, Refused):
            raise
        raise Refused({"logo": _("This is not a picture we can read. Send a PNG, JPEG, WebP or GIF file.")}) from error
    return out.getvalue()
