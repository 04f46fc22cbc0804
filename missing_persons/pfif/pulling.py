"""Pulling another registry's feeds: page after page from where the last pull ended, each page stored with the place it reached."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import islice
from typing import Any, BinaryIO, cast
from urllib.parse import urlsplit

import requests
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from komek.accounts.authority import NotAllowed, standing_of
from komek.accounts.roles import MANAGERS
from komek.records.actor import Actor, Channel, acting
from missing_persons.models import PfifRun, Repository, RunState
from missing_persons.pfif.reading import read
from missing_persons.pfif.records import Fault, PfifNote, PfifPerson
from missing_persons.pfif.runs import note_down, own_domain, tidy_domain
from missing_persons.pfif.sentences import sentence
from missing_persons.pfif.taking import Taker
from missing_persons.pfif.trusting import Ours, Source, sorted_out
from missing_persons.refusals import Refused

PAGE = 200
MOST_PAGES = 100  # of each feed in one pull; the next goes on
MOST_ITEMS = 20_000  # of one page: more is not what was asked for
LARGEST_PAGE = 64 << 20  # bytes
PATIENCE = (10, 60)  # seconds to connect, and between two pieces of an answer
FROM_THE_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


class CannotPull(Exception):
    """The other side did not give what was asked for. The message is a sentence for the desk."""


def keep_repository(*, by: Actor, operation: Any, repository: Repository | None = None, **fields: Any) -> Repository:
    """Write down or change another registry whose feeds are pulled. Raises Refused, and NotAllowed for who does not coordinate.

    fields: name, domain, passes_on, publishes, persons_url, notes_url, access_key, is_pulled.
    """
    standing = standing_of(by.user, operation)
    if not (standing.runs_installation or standing.holds(*MANAGERS)):
        raise NotAllowed(_("Only coordinators decide which other registries are pulled."))
    kept = repository or Repository(operation=operation)
    for name, value in fields.items():
        setattr(kept, name, value)
    kept.domain, faults = tidy_domain(kept.domain)
    if not kept.name.strip():
        faults["name"] = _("Write what this registry is called.")
    for name in ("persons_url", "notes_url"):
        address = urlsplit(getattr(kept, name))
        if getattr(kept, name) and (address.scheme not in ("http", "https") or not address.hostname):
            faults[name] = _("Give an address that begins with https:// or http://.")
    if kept.is_pulled and not (kept.persons_url or kept.notes_url):
        faults["persons_url"] = _("Give the address of its feed, or do not pull it.")
    twins = Repository.objects.filter(operation=operation, domain__iexact=kept.domain).exclude(pk=kept.pk)
    if "domain" not in faults and twins.exists():
        faults["domain"] = _("A registry with this domain is in the list already.")
    if faults:
        raise Refused(faults)
    with acting(by), transaction.atomic():
        kept.save()
    return kept


def pull(repository: Repository) -> PfifRun | None:
    """Take what is new at another registry. What goes wrong stands on the repository, and the next pull goes on.

    Returns the run it is written down as; ``None`` when nothing was new.
    """
    pulling = _Pulling(repository)
    problem = ""
    try:
        for kind in ("persons", "notes"):
            if getattr(repository, f"{kind}_url"):
                pulling.feed(kind)
    except CannotPull as sentence_:
        problem = str(sentence_)
    finally:
        pulling.end()
        repository.problem, repository.pulled_at = problem[:500], timezone.now()
        repository.save(update_fields=["problem", "pulled_at"])
    return pulling.run


class _Pulling:
    def __init__(self, repository: Repository) -> None:
        self.repository = repository
        self.run: PfifRun | None = None
        self.by = Actor(user=None, channel=Channel.FEED, name=repository.domain[:150])
        self.source = Source(
            repository.domain, own_domain(), passes_on=repository.passes_on, publishes=repository.publishes
        )

    def feed(self, kind: str) -> None:
        """All new pages of one feed. Those with the same moment as the last one are skipped, since a moment may fill pages."""
        url: str = getattr(self.repository, f"{kind}_url")
        since = getattr(self.repository, f"{kind}_since")
        skip, first = 0, ""
        for _page in range(MOST_PAGES):
            items = self._page(url, since or FROM_THE_BEGINNING, skip)
            entries = [item for item in items if isinstance(item, PfifPerson if kind == "persons" else PfifNote)]
            lost = sum(1 for item in items if isinstance(item, Fault) and item.is_lost)
            if not entries and not lost:
                return
            number = _number(entries[0]) if entries else ""
            if number and number == first:
                return  # it gives the same page whatever is asked for
            first = number
            moments = [entry.entry_date for entry in entries if entry.entry_date is not None]
            # A moment in the future would make us pass over everything until then.
            newest = min(max(moments, default=since or FROM_THE_BEGINNING), timezone.now())
            if since is not None and newest <= since:
                skip += len(entries) + lost
            else:
                since, skip = newest, sum(1 for moment in moments if moment >= newest)
            if self._has_news(items):
                self._store(items, kind, since, url)
            if len(entries) + lost < PAGE:
                return

    def _page(self, url: str, since: datetime, skip: int) -> list[PfifPerson | PfifNote | Fault]:
        asked = {
            "min_entry_date": since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), "max_results": PAGE, "skip": skip,
            "version": "1.4",
        }  # fmt: skip
        if self.repository.access_key:
            asked["key"] = self.repository.access_key
        try:
            with requests.get(url, params=asked, timeout=PATIENCE, stream=True, allow_redirects=False) as answer:
                if answer.status_code != 200:
                    raise CannotPull(_refusal(answer.status_code))
                answer.raw.decode_content = True
                found = list(islice(read(cast(BinaryIO, _Bounded(answer.raw))), MOST_ITEMS))
        except requests.RequestException as problem:
            raise CannotPull(_("The other registry cannot be reached. The next try is made by itself.")) from problem
        ends = next((item for item in found if isinstance(item, Fault) and item.ends), None)
        if ends is not None:
            raise CannotPull(_("The answer cannot be read: %(sentence)s") % {"sentence": sentence(ends)})
        return found

    def _has_news(self, items: Iterable[PfifPerson | PfifNote | Fault]) -> bool:
        """The last pull's newest records come again with every pull; alone they are no run to write down."""
        fresh = [item for item in items if not isinstance(item, Fault)]
        return bool(fresh) and not Taker(PfifRun(operation=self.repository.operation), self.source, self.by).knows(
            fresh
        )

    def _store(self, items: list[PfifPerson | PfifNote | Fault], kind: str, since: datetime, url: str) -> None:
        run = self._run(url)
        by = Actor(None, Channel.FEED, self.by.name, batch=f"pfif {run.pk}")
        sorted_items = list(sorted_out(items, self.source, timezone.now))
        with transaction.atomic(), acting(by):
            taker = Taker(run, self.source, by)
            chunk = taker.take(item for item in sorted_items if isinstance(item, PfifPerson | PfifNote))
            chunk.counts["ours"] += sum(1 for item in sorted_items if isinstance(item, Ours))
            faults = [item for item in sorted_items if isinstance(item, Fault)]
            note_down(run, chunk, faults + chunk.faults, len(sorted_items), nowhere=chunk.waiting)
            setattr(self.repository, f"{kind}_since", since)
            self.repository.save(update_fields=[f"{kind}_since"])

    def _run(self, url: str) -> PfifRun:
        if self.run is None:
            self.run = PfifRun.objects.create(
                operation=self.repository.operation, repository=self.repository, domain=self.repository.domain,
                passes_on=self.repository.passes_on, publishes=self.repository.publishes, file_name=url[:500],
                state=RunState.RUNNING,
            )  # fmt: skip
        return self.run

    def end(self) -> None:
        if self.run is not None:
            self.run.state, self.run.finished_at = RunState.DONE, timezone.now()
            self.run.save(update_fields=["state", "finished_at"])


def _number(record: PfifPerson | PfifNote) -> str:
    return record.person_record_id if isinstance(record, PfifPerson) else record.note_record_id


def _refusal(status: int) -> str:
    if status in (401, 403):
        return _("The other registry does not accept our key.")
    if 300 <= status < 400:
        return _("The feed has moved. Ask for its new address.")
    if status == 404:
        return _("There is no feed at this address.")
    return _("The other registry answers with fault %(status)d. The next try is made by itself.") % {"status": status}


class _Bounded:
    """A stream that ends in a sentence when it does not end by itself."""

    def __init__(self, raw: Any) -> None:
        self.raw, self.left = raw, LARGEST_PAGE

    def read(self, size: int = -1) -> bytes:
        try:
            piece: bytes = self.raw.read(size)
        except Exception as problem:  # urllib3 raises what it likes when a connection breaks
            raise CannotPull(_("The connection broke off. The next try is made by itself.")) from problem
        self.left -= len(piece)
        if self.left < 0:
            raise CannotPull(_("The answer does not end. A page of a feed is smaller than this."))
        return piece
