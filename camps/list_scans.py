"""Scans and photos of paper lists, kept beside what was entered from them: re-encoded, bounded in size, shown to few."""

from __future__ import annotations

import io
import warnings
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps, UnidentifiedImageError

from camps.models import Camp, ListScan
from camps.refusals import Refused
from komek.accounts.authority import Action, require, standing_of
from komek.records.actor import Actor, acting

MOST_BYTES = 15 * 2**20
MOST_PIXELS = 80_000_000
SIDE = 2600  # pixels: handwriting on an A4 sheet stays readable (about 220 dots per inch)
QUALITY = 80
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "TIFF", "BMP")
CONTENT_TYPES = {"jpg": "image/jpeg", "pdf": "application/pdf"}


@transaction.atomic
def add_scan(*, by: Actor, operation: Any, camp: Camp, file: Any, title: str = "", reported_by: str = "") -> ListScan:
    """Keep a scan or photo of a paper list. file: a file object with ``read``, ``seek`` and ``size``.

    Raises Refused or NotAllowed.
    """
    scan = ListScan(camp=camp, operation=camp.operation, title=title.strip()[:200], reported_by=reported_by[:200])
    require(standing_of(by.user, operation), Action.ADD, scan)
    scan.stamp(by)
    content, kind = cleaned(file)
    with acting(by):
        scan.file.save(f"list.{kind}", ContentFile(content), save=False)
        scan.save()
    return scan


def cleaned(file: Any) -> tuple[bytes, str]:
    """What is kept of a file, and its kind: a PDF as it is, a picture anew, without the camera's hidden data."""
    if file.size > MOST_BYTES:
        raise Refused({"file": _("The file is larger than 15 MB. Photograph the list in parts, or scan it smaller.")})
    content = file.read()
    if content[:1024].lstrip().startswith(b"%PDF-"):
        if b"%%EOF" not in content[-4096:]:
            raise Refused({"file": _("The PDF is cut off. Send the whole file.")})
        return content, "pdf"
    return _reencoded(content), "jpg"


def kind_of(scan: ListScan) -> str:
    """ "jpg" or "pdf"."""
    return "pdf" if scan.file.name.endswith(".pdf") else "jpg"


def _reencoded(content: bytes) -> bytes:
    unreadable = Refused({
        "file": _("This is neither a PDF nor a picture we can read. Send a PDF, JPEG, PNG, WebP or TIFF file.")
    })  # fmt: skip
    too_many = Refused({"file": _("The picture has far more pixels than reading needs. Make it smaller.")})
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # its size is checked here, before reading
            opening = Image.open(io.BytesIO(content), formats=FORMATS)
        with opening as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise too_many
            opened.draft("RGB", (SIDE, SIDE))  # a JPEG is then read at the size wanted
            shown = ImageOps.exif_transpose(opened)
            shown.thumbnail((SIDE, SIDE))
            flat = Image.new("RGB", shown.size, "white")
            with_alpha = shown.convert("RGBA")
            flat.paste(with_alpha, mask=with_alpha.getchannel("A"))
            out = io.BytesIO()
            flat.save(out, "JPEG", quality=QUALITY, optimize=True)
    except Image.DecompressionBombError as error:
        raise too_many from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        if isinstance(error, Refused):
            raise
        raise unreadable from error
    return out.getvalue()
