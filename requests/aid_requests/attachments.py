"""Photos and documents with a request. A photo is made anew, without the camera's hidden data; of documents PDF is taken."""

from __future__ import annotations

from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext as _

from aid_requests.models import AidRequest, Attachment
from aid_requests.refusals import Refused
from komek.accounts.authority import Action, require, standing_of
from komek.records.actor import Actor, acting
from komek.web.pictures import UnusablePicture, reencoded

SIDE = 1600  # pixels: legible on a page, about 200 KB on a bad connection
MOST_BYTES = 15 * 2**20
MOST_FILES = 20
PDF_BEGINS, PDF_ENDS = b"%PDF-", b"%%EOF"  # ISO 32000-1:2008, 7.5.2 and 7.5.5
CAN_RUN = (b"/JavaScript", b"/JS", b"/Launch", b"/EmbeddedFile", b"/OpenAction")


@transaction.atomic
def add_attachment(*, by: Actor, operation: Any, request: AidRequest, file: Any, caption: str = "") -> Attachment:
    """Keep a photo or a PDF with the request. file: with ``read``, ``seek``, ``size`` and ``name``. Its name and what the
    sender calls it count for nothing; what is in it does. Raises Refused or NotAllowed.
    """
    attachment = Attachment(request=request, operation=request.operation, caption=caption.strip()[:200])
    attachment.stamp(by)
    require(standing_of(by.user, operation), Action.ADD, attachment)
    if request.attachments.count() >= MOST_FILES:
        raise Refused({"file": _("The request has %(count)d files. Take one away first.") % {"count": MOST_FILES}})
    attachment.kind, content = read_file(file)
    attachment.file.save(f"file.{attachment.kind}", ContentFile(content), save=False)
    with acting(by):
        attachment.save()
    return attachment


@transaction.atomic
def remove_attachment(*, by: Actor, operation: Any, attachment: Attachment) -> None:
    """Take a file away; history keeps that there was one."""
    require(standing_of(by.user, operation), Action.CHANGE, attachment)
    kept = attachment.file
    with acting(by):
        attachment.delete()
    transaction.on_commit(lambda: kept.storage.delete(kept.name))


def read_file(file: Any) -> tuple[str, bytes]:
    """``jpg`` or ``pdf``, and what to keep. Raises Refused when it is neither, or not what it says."""
    if file.size > MOST_BYTES:
        raise Refused({"file": _("The file is larger than %(mb)d MB. Make it smaller.") % {"mb": MOST_BYTES // 2**20}})
    begin = file.read(1024)
    file.seek(0)
    says_pdf = str(getattr(file, "name", "")).lower().endswith(".pdf")
    if begin.lstrip().startswith(PDF_BEGINS):
        return "pdf", _checked_pdf(file.read())
    if says_pdf:
        raise Refused({"file": _("The file is called a PDF but is none. Save it as PDF or send a photo of it.")})
    try:
        return "jpg", reencoded(file, side=SIDE, most_bytes=MOST_BYTES, as_format="JPEG")
    except UnusablePicture as refusal:
        raise Refused(
            {"file": _("The file is neither a photo nor a PDF we can read. Send a photo (JPEG, PNG) or a PDF.")}
        ) from refusal


def _checked_pdf(content: bytes) -> bytes:
    if PDF_ENDS not in content[-2048:]:
        raise Refused({"file": _("The PDF is not whole: its end is missing. Send it again.")})
    if any(mark in content for mark in CAN_RUN):
        raise Refused(
            {"file": _("The PDF holds programs or other files inside. Print it to a new PDF, or send a photo of it.")}
        )
    return content
