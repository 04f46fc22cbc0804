"""What is sent is refused by its stated length before any of it is read: nobody waits for 300 MB to hear that they are too many."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler
from django.utils.translation import gettext as _

# The other fields of the form, and what separates them.
AROUND_FILES = 2**20


class FilesTooLarge(RequestDataTooBig):
    """The files sent are larger than is taken. The message is a sentence for whoever sent them."""


class LimitHandler(FileUploadHandler):
    """The first of ``FILE_UPLOAD_HANDLERS``. Boundary files have a limit of their own."""

    def handle_raw_input(self, input_data: Any, META: Any, content_length: int, *args: Any, **kwargs: Any) -> None:  # noqa: N803
        path = self.request.path if self.request is not None else ""
        limit = settings.BOUNDARIES_MAX_MB if path.startswith("/places/") else settings.IMPORT_MAX_MB
        if content_length > limit * 2**20 + AROUND_FILES:
            raise FilesTooLarge(
                _(
                    "The file has %(size)d MB; at most %(limit)d MB are taken. Split it, or ask an administrator to load it."
                )
                % {"size": content_length // 2**20, "limit": limit}
            )

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        return raw_data  # for the handlers that follow

    def file_complete(self, file_size: int) -> None:
        return None
