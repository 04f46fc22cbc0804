"""The feeds that other registries pull: ``/pfif/<operation>/persons`` and ``notes`` as Atom, ``persons.xml`` and ``notes.xml`` plain.

Only with a key: an access token with the scope ``pfif:read`` of somebody who works at the desk, as ``Authorization: Bearer …`` or, as
other people finders send it, ``?key=…``. Personal fields only with the scope ``pfif_personal:read`` besides; each such read is
written down.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request
from rest_framework.views import APIView

from komek.accounts.authority import NotAllowed, standing_of
from komek.api.authentication import TokenAuthentication
from komek.api.problems import FieldFault, invalid
from komek.api.scopes import offer_scope
from komek.operations.models import Operation
from komek.records.actor import Actor, Channel
from komek.records.reads import log_reads
from missing_persons.models import Report
from missing_persons.pfif import giving, values, writing
from missing_persons.pfif.versions import NEWEST, VERSIONS, Version
from missing_persons.policies import sits_at_desk

PERSONAL = "pfif_personal:read"
MOST, USUAL = 500, 200
FURTHEST = 5_000

offer_scope("pfif")
offer_scope("pfif_personal")


class KeyAuthentication(TokenAuthentication):
    """Also ``?key=…``, the custom among people finders."""

    def authenticate(self, request: Request) -> Any:
        key = request.query_params.get("key", "")
        if key and "Authorization" not in request.headers:
            request._request.META["HTTP_AUTHORIZATION"] = f"Bearer {key}"
            request._request.__dict__.pop("headers", None)
        return super().authenticate(request)


class Whatever(BaseContentNegotiation):
    """The address says what comes, whatever the caller says to accept."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type


class Feed(APIView):
    """What both feeds have in common. kind: persons or notes. is_plain: a PFIF document instead of Atom."""

    authentication_classes = (KeyAuthentication,)
    content_negotiation_class = Whatever
    scope = "pfif"
    schema = None
    is_plain = False
    kind = "persons"

    def get(self, request: Request, slug: str) -> HttpResponse:
        operation = get_object_or_404(Operation, slug=slug)
        token: Any = request.auth
        if token is None or (token.operation_id is not None and token.operation_id != operation.pk):
            raise NotAllowed(_("This key is for another operation."))
        if not sits_at_desk(standing_of(request.user, operation)):
            raise NotAllowed(_("This key's owner does not work with the persons of this operation."))
        version, asked = self._asked(request, operation, PERSONAL in token.scopes)
        pieces = self._pieces(request, version, asked)
        kind = "application/xml" if self.is_plain else "application/atom+xml"
        answer = HttpResponse(pieces, content_type=f"{kind}; charset=utf-8")
        answer["Cache-Control"] = "no-store"
        return answer

    def _pieces(self, request: Request, version: Version, asked: giving.Asked) -> Any:
        feed = writing.Feed(
            address=request.build_absolute_uri(request.path),
            title=f"{asked.operation.name}: {self.kind}",
            updated=timezone.now(),
        )
        if self.kind == "notes":
            notes = giving.notes(asked)
            self._write_down(request, asked, [note.person_record_id for note in notes])
            return writing.document(notes, version) if self.is_plain else writing.note_feed(feed, notes, version)
        persons = giving.persons(asked)
        self._write_down(
            request, asked, [person.person_record_id for person, _notes in persons if not person.is_placeholder]
        )
        return writing.document(persons, version) if self.is_plain else writing.person_feed(feed, persons, version)

    def _write_down(self, request: Request, asked: giving.Asked, numbers: list[str]) -> None:
        if not asked.is_personal or not numbers:
            return
        codes = [number.partition("/")[2] for number in numbers]
        read = Report.objects.filter(operation=asked.operation, made_person__code__in=codes).select_related("person")
        read |= Report.objects.filter(operation=asked.operation, source_record_id__in=numbers).select_related("person")
        by = Actor(user=request.user, channel=Channel.FEED)
        log_reads(
            by=by,
            records=[report.person for report in read],
            why=str(_("PFIF feed with personal fields")),
            part="contacts",
        )

    def _asked(self, request: Request, operation: Operation, is_personal: bool) -> tuple[Version, giving.Asked]:
        given, faults = request.query_params, []
        version = VERSIONS.get(given.get("version", NEWEST.number))
        if version is None:
            faults.append(
                FieldFault("version", _("Choose one of the versions %(known)s.") % {"known": ", ".join(VERSIONS)})
            )
        since = None
        if given.get("min_entry_date"):
            try:
                since = values.moment(given["min_entry_date"])
            except ValueError:
                faults.append(FieldFault("min_entry_date", _("Give a moment such as 2026-01-31T12:00:00Z.")))
        numbers = {}
        for name, usual, least, most in (("skip", 0, 0, FURTHEST), ("max_results", USUAL, 1, MOST)):
            text = given.get(name, str(usual))
            if text.isascii() and text.isdigit() and len(text) < 9 and least <= int(text):
                if name == "skip" and int(text) > most:
                    faults.append(
                        FieldFault(name, _("At most %(most)d are skipped. Go on with min_entry_date.") % {"most": most})
                    )
                numbers[name] = min(int(text), most)
            else:
                faults.append(FieldFault(name, _("Give a whole number.")))
        if faults or version is None:
            raise invalid(tuple(faults))
        return version, giving.Asked(
            operation=operation, since=since, skip=numbers["skip"], most=numbers["max_results"], is_personal=is_personal,
            has_notes=given.get("omit_notes", "") != "yes", has_placeholders=version.has_expiry,
        )  # fmt: skip


class NoteFeed(Feed):
    kind = "notes"
