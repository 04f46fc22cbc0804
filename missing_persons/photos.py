"""Photos of persons: turned upright, re-encoded in two sizes, without the camera's hidden data, and shown to nobody by chance.

Steps for each that comes in: its kind and size are looked at before a pixel is read; it is decoded once, turned the way it was
held, and written anew, so that nothing but pixels is left (no place, device or owner); it is kept under a name nobody can guess.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext as _
from PIL import Image, UnidentifiedImageError

from komek.accounts.authority import Action, require, standing_of
from komek.records.actor import Actor, acting
from komek.web.pictures import UnusablePicture, reencoded
from missing_persons.models import Photo, Report
from missing_persons.refusals import Refused

SIDE, SMALL_SIDE = 1000, 240
"""Pixels, the longer side: a face is told on both; about 120 KB, and about 12 KB for lists and feature phones."""
MOST_BYTES = 12 * 2**20
MOST_PIXELS = 50_000_000
"""What telephones take today; a PNG of that size is decoded in 200 MB."""
MOST_PHOTOS = 6
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
# How files begin that people take for photos.
NOT_PHOTOS = ((b"%PDF", "PDF"), (b"<svg", "SVG"), (b"<?xml", "SVG"), (b"PK\x03\x04", "ZIP"))


@dataclass(frozen=True)
class ReadyPhoto:
    """A photo ready to be kept. large, small: JPEG without any data but pixels. sha256: of ``large``, in hexadecimal."""

    large: bytes
    small: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.large).hexdigest()


def made_ready(picture: Any) -> ReadyPhoto:
    """Both sizes of a picture somebody sent: a file object with ``read``, ``seek`` and ``size``. Raises UnusablePicture."""
    _refuse_what_is_none(picture)
    large = reencoded(picture, side=SIDE, most_bytes=MOST_BYTES, as_format="JPEG", most_pixels=MOST_PIXELS)
    again = ContentFile(large)
    return ReadyPhoto(large, reencoded(again, side=SMALL_SIDE, most_bytes=MOST_BYTES, as_format="JPEG"))


def _refuse_what_is_none(picture: Any) -> None:
    """Looks at the beginning and at the header only, so that a bomb is refused before it is unpacked."""
    beginning = picture.read(512).lstrip()
    picture.seek(0)
    for mark, name in NOT_PHOTOS:
        if beginning[: len(mark)].lower() == mark.lower():
            raise UnusablePicture(
                _("This is a %(kind)s file, not a photo. Send the photo itself, as JPEG or PNG.") % {"kind": name}
            )
    try:
        with Image.open(io.BytesIO(picture.read()), formats=FORMATS) as opened:
            if getattr(opened, "n_frames", 1) > 1:
                raise UnusablePicture(_("This picture moves. Send a photo that stands still, as JPEG or PNG."))
    except UnusablePicture:
        raise
    except (Image.DecompressionBombError, UnidentifiedImageError, OSError, SyntaxError, ValueError):
        pass  # ``reencoded`` says so in a sentence
    finally:
        picture.seek(0)


@transaction.atomic
def add_photo(*, by: Actor, operation: Any, report: Report, picture: Any, is_public_agreed: bool = False) -> Photo:
    """Keep a photo with a report, by somebody with an account. Raises Refused or NotAllowed."""
    require(standing_of(by.user, operation), Action.ADD, Photo(report=report))
    try:
        ready = made_ready(picture)
    except UnusablePicture as refusal:
        raise Refused({"photo": str(refusal)}) from refusal
    return keep_photo(by=by, report=report, ready=ready, is_public_agreed=is_public_agreed)


@transaction.atomic
def keep_photo(*, by: Actor, report: Report, ready: ReadyPhoto, is_public_agreed: bool = False) -> Photo:
    """Keep a photo that is ready; asks no permission. The same photo of the same report is kept once. Raises Refused."""
    Report.objects.select_for_update().get(pk=report.pk)
    earlier = Photo.objects.filter(report=report, sha256=ready.sha256).first()
    if earlier is not None:
        return earlier
    if Photo.objects.filter(report=report).exclude(file="").count() >= MOST_PHOTOS:
        raise Refused({"photo": _("This report has %(most)d photos already.") % {"most": MOST_PHOTOS}})
    photo = Photo(report=report, operation=report.operation, sha256=ready.sha256, is_public_agreed=is_public_agreed)
    photo.stamp(by)
    photo.file.save("photo.jpg", ContentFile(ready.large), save=False)
    photo.small.save("photo.jpg", ContentFile(ready.small), save=False)
    try:
        with acting(by):
            photo.save()
    except Exception:
        drop_files(photo)
        raise
    return photo


@transaction.atomic
def remove_photo(*, by: Actor, operation: Any, photo: Photo) -> None:
    """Take a photo away, its files with it; history keeps that there was one."""
    require(standing_of(by.user, operation), Action.DELETE, photo)
    with acting(by):
        photo.delete()
    transaction.on_commit(lambda: drop_files(photo))


def drop_files(photo: Photo) -> None:
    """Both files of a photo leave the storage."""
    for file in (photo.file, photo.small):
        if file.name:
            file.storage.delete(file.name)
