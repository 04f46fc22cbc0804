"""Reporting and finding people by a text message, from anybody's phone: what comes waits to be looked at, what is told is public.

A sender's number may be forged, so a report by text waits even where its sender has an account.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from komek.messaging.inbound.distress import may_be_distress
from komek.records.codes import MistypedCode, parse_code
from missing_persons.ages import OLDEST, born_of_age
from missing_persons.checking import NameGiven
from missing_persons.erasing import erase
from missing_persons.models import Moderation, Note, Report, ReportKind
from missing_persons.people_in_texts import Told
from missing_persons.public.addresses import page_at
from missing_persons.public.gate import passage
from missing_persons.public.limits import STOP, Asker, count_use, digest
from missing_persons.public.search_page import Found, search_public
from missing_persons.refusals import Refused
from missing_persons.reporting import report_by_public
from missing_persons.searching import Query, what_is_missing
from orgs.models import Site

MOST_TOLD = 3


@transaction.atomic
def report_by_text(*, by: Any, kind: str, told: Told) -> Report:
    """Keep what a text says about somebody. by: see ``komek.extensions.sms_commands``. Raises Refused.

    Nobody was asked whether the name may be published, so a registrar asks before it is.
    """
    if by.user is None and count_use("report", _asker(by)) == STOP:
        raise Refused({"__all__": _("We have many reports from your phone. Please call us, or wait an hour.")})
    place = _place(by, told.place)
    return report_by_public(
        by=_without_number(by), operation=by.operation, kind=kind, names=[NameGiven(as_written=told.name)],
        entry_id=uuid5(NAMESPACE_URL, by.reference) if by.reference else None, sex=told.sex, age_from=told.age_from,
        age_to=told.age_to, last_seen_text=place[0], last_seen_area=place[1], reporter_phone=by.number,
        reporter_relation=_("the person") if kind == ReportKind.SAFE else "", language=by.language,
        occurred_at=by.occurred_at or timezone.now(),
    )  # fmt: skip


@transaction.atomic
def take_back_by_text(*, by: Any, report_id: int) -> str:
    """Erase a report its sender did not mean; returns its code. Raises Refused once a registrar has worked on it."""
    report = Report.objects.select_for_update(of=("self",)).select_related("made_person").get(pk=report_id)
    if report.reporter_phone != by.number:
        raise Refused({"__all__": _("Only who sent it may take it back.")})
    is_new = report.moderation in (Moderation.WAITING, Moderation.HELD) and report.moderated_at is None
    is_alone = not Report.objects.filter(person=report.person_id).exclude(pk=report.pk).exists()
    has_notes = Note.objects.filter(person=report.person_id).exists()
    is_as_sent = report.verified_at is None and report.person_id == report.made_person_id and is_alone and not has_notes
    if report.tombstoned_at is not None or not is_new or not is_as_sent:
        raise Refused(
            {"__all__": _("%(code)s is being worked on already. Call, or write what is wrong.") % {"code": report.code}}
        )
    erase(by=_without_number(by), report_ids=[report.pk], reason=_("taken back by a text"))
    return report.code


def find_by_text(*, by: Any, told: Told) -> str:
    """At most three lines of name, age band and status of people everybody may see; else a sentence. Raises Refused.

    Counted like a search on the public page. A refusal that is counted is returned and not raised, for raising takes back.
    """
    ages = [age for age in (told.age_from, told.age_to) if age is not None]
    if any(age > OLDEST for age in ages) or ages != sorted(ages):
        raise Refused({"age": _("Give the age in years, between 0 and %(oldest)d.") % {"oldest": OLDEST}})
    born = born_of_age(told.age_from, told.age_to, timezone.localdate()) if ages else (None, None)
    query = Query(told.name, born_from=born[0], born_to=born[1])
    if lacking := what_is_missing(query, public=True):
        raise Refused({"name": lacking})
    if not passage("search", _asker(by), name=told.name).is_open:
        return _("Many searches came from your phone. Wait an hour, or ask at a registration point.")
    found: Found = search_public(query, operation=by.operation)
    if found.are_too_many or len(found.persons) > MOST_TOLD:
        return _("More people have such a name. Write more of it, or the age: FIND name age")
    if not found.persons:
        if may_be_distress(told.name):
            raise Refused({"__all__": _("A coordinator reads your text.")})  # refused, so that it is read
        return _("Nobody of this name is listed. Try another spelling. To report somebody: MISS name/age/sex/place")
    return "\n".join(
        _("%(who)s: %(status)s") % {"who": ", ".join(filter(None, (one.name[:40], one.age_band))), "status": one.status}
        for one in found.persons
    )


def way_to_follow(report: Report) -> str:
    """How somebody without an account follows their report: the address that opens it, or the key where we have no address."""
    if not settings.HAS_PUBLIC_URL:
        return _("Key to follow it: %(key)s") % {"key": report.follow_key}
    return f"{settings.PUBLIC_URL}{page_at('public_follow', code=report.code, key=report.follow_key)}"


def _asker(by: Any) -> Asker:
    """A number counts as a device. Texts come from no network of ours to count by."""
    return Asker(network="", device=digest("device", f"sms-{by.number}"))


def _without_number(by: Any) -> Any:
    """Whoever reads a person's history does not learn the number; the report keeps it in a field of its own."""
    return replace(by, name="" if by.user is not None else _("by SMS"))


def _place(by: Any, words: str) -> tuple[str, Any]:
    """The place in words, and its area when it is a site's code."""
    first, _blank, rest = words.partition(" ")
    try:
        code = parse_code(first, "CW")
    except MistypedCode:
        return words, None
    site = Site.objects.select_related("area").filter(operation=by.operation, code=code).first()
    return (f"{code} {site.name} {rest}".strip()[:300], site.area) if site is not None else (words, None)
