"""Photos of sites: re-encoded, so that the camera's hidden data (place, device, owner) is not kept."""

from __future__ import annotations

from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from camps.models import Camp, CampPhoto
from camps.refusals import Refused
from komek.accounts.authority import Action, require, standing_of
from komek.records.actor import Actor, acting
from komek.web.pictures import UnusablePicture, reencoded

SIDE = 1600  # pixels: legible on a page, about 200 KB on a bad connection
MOST_BYTES = 15 * 2**20
MOST_PHOTOS = 30


@transaction.atomic
def add_photo(*, by: Actor, operation: Any, camp: Camp, picture: Any, caption: str = "") -> CampPhoto:
    """Keep a photo of the site. picture: a file object with ``read`` and ``size``. Raises Refused or NotAllowed."""
    photo = CampPhoto(camp=camp, operation=camp.operation, caption=caption.strip())
    photo.stamp(by)
    require(standing_of(by.user, operation), Action.ADD, photo)
    if camp.photos.count() >= MOST_PHOTOS:
        raise Refused({"image": _("The site has %(count)d photos. Take one away first.") % {"count": MOST_PHOTOS}})
    try:
        content = reencoded(picture, side=SIDE, most_bytes=MOST_BYTES, as_format="JPEG")
    except UnusablePicture as refusal:
        raise Refused({"image": str(refusal)}) from refusal
    photo.image.save("photo.jpg", ContentFile(content), save=False)
    with acting(by):
        photo.save()
    return photo


@transaction.atomic
def remove_photo(*, by: Actor, operation: Any, photo: CampPhoto) -> None:
    """Take a photo away, the file with it; history keeps that there was one."""
    require(standing_of(by.user, operation), Action.DELETE, photo)
    file = photo.image
    with acting(by):
        photo.delete()
    transaction.on_commit(lambda: file.storage.delete(file.name))
