"""Which of our answers a caller can take, and how much they may send."""

from __future__ import annotations

from io import BytesIO
from json import JSONDecodeError
from typing import Any

from django.http import Http404
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ParseError
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import FormParser, JSONParser, MultiPartParser

from komek.api.problems import FieldFault, invalid


class Negotiation(DefaultContentNegotiation):
    """As the framework's, but an unknown ``?format=`` says which formats there are."""

    def filter_renderers(self, renderers: list[Any], format: str) -> list[Any]:  # noqa: A002 - the framework's name
        try:
            found: list[Any] = super().filter_renderers(renderers, format)
        except Http404 as error:
            known = ", ".join(renderer.format for renderer in renderers)
            sentence = _("There is no format “%(format)s” here. Possible are: %(known)s.")
            fault = FieldFault("format", sentence % {"format": format[:20], "known": known})
            raise invalid((fault,)) from error
        return found


class BoundedJSONParser(JSONParser):
    """The framework's parser reads without end; Django's own limit (``DATA_UPLOAD_MAX_MEMORY_SIZE``) holds for this one."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        body: bytes = parser_context["request"]._request.body
        try:
            return super().parse(BytesIO(body), media_type, parser_context)
        except RecursionError as error:
            raise ParseError(_("The JSON is nested too deeply.")) from error
        except ParseError as error:
            raise ParseError(_sentence_about(error.__context__)) from error


def _sentence_about(cause: BaseException | None) -> Any:
    """What is wrong with a text that should be JSON, in our words and the reader's language."""
    if isinstance(cause, JSONDecodeError):
        return _(
            "This is not JSON: line %(line)d cannot be read from its character %(column)d on. Check the quotes, commas "
            "and brackets there."
        ) % {"line": cause.lineno, "column": cause.colno}
    if isinstance(cause, UnicodeError | LookupError):
        return _("The text cannot be read. Send JSON in UTF-8.")
    return _("JSON has no NaN and no Infinity. Leave the value out, or send null.")


class BoundedFormParser(FormParser):
    """As ``BoundedJSONParser``, for forms without files."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        return super().parse(BytesIO(parser_context["request"]._request.body), media_type, parser_context)


class FilesParser(MultiPartParser):
    """The framework's, which is bounded by ``FILE_UPLOAD_HANDLERS``; a form that is cut off or wrongly marked is told in our words."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        try:
            return super().parse(stream, media_type, parser_context)
        except ParseError as error:
            raise ParseError(
                _(
                    "The form cannot be read to its end. Send it again as multipart/form-data, with the boundary it names."
                )
            ) from error
