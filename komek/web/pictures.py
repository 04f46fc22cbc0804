"""Pictures that people send: re-encoded, so that nothing but pixels is kept (no place, device or owner, no hidden file)."""

from __future__ import annotations

import io
import warnings
from typing import Any

from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

MOST_PIXELS = 60_000_000
FORMATS = ("PNG", "JPEG", "WEBP", "GIF")


class UnusablePicture(ValueError):
    """What was sent is no picture that can be kept. The message is a sentence for the person who sent it."""


def reencoded(picture: Any, *, side: int, most_bytes: int, as_format: str, most_pixels: int = MOST_PIXELS) -> bytes:
    """The picture in ``as_format`` ("PNG" or "JPEG"), at most ``side`` pixels a side, its shape kept, turned the right way up.

    picture: a file object with ``read`` and ``size``. Raises UnusablePicture.
    """
    if picture.size > most_bytes:
        raise UnusablePicture(
            _("The picture is larger than %(mb)d MB. Make it smaller and send it again.") % {"mb": most_bytes // 2**20}
        )
    # WeasyPrint, once imported, has Pillow fill up what a broken file lacks, in the whole process.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # its size is checked here, before reading
            opening = Image.open(picture, formats=FORMATS)
        with opening as opened:
            width, height = opened.size
            if width * height > most_pixels:
                raise UnusablePicture(
                    _("The picture has %(width)d × %(height)d pixels, far more than is needed. Make it smaller.")
                    % {"width": width, "height": height}
                )
            # A JPEG is decoded near the size that is kept: a fraction of the time and the memory.
            opened.draft("RGB", (side * 2, side * 2))
            shown = ImageOps.exif_transpose(opened)
            shown.thumbnail((side, side))
            out = io.BytesIO()
            if as_format == "JPEG":
                shown.convert("RGB").save(out, "JPEG", quality=82, optimize=True)
            else:
                shown.convert("RGBA").save(out, as_format, optimize=True)
    except Image.DecompressionBombError as error:
        raise UnusablePicture(_("The picture has far more pixels than is needed. Make it smaller.")) from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        if isinstance(error, UnusablePicture):
            raise
        raise UnusablePicture(_("This is not a picture we can read. Send a PNG, JPEG, WebP or GIF file.")) from error
    return out.getvalue()
