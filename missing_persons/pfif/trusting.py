"""Which records of a source are taken: whose they are, and whether their dates can be. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from missing_persons.pfif.records import Fault, PfifNote, PfifPerson, domain_of

CLOCK_SLACK = timedelta(hours=24)
"""Clocks and time zones of others are wrong more often than ours; beyond a day it is no slip of these."""


@dataclass(frozen=True)
class Source:
    """What an import trusts. domain: the one the source speaks for. own_domain: ours. passes_on: it may hand on records of others."""

    domain: str
    own_domain: str
    passes_on: bool = False
    publishes: bool = False

    def speaks_for(self, domain: str) -> bool:
        """Its own domain and those below it; of a whole country's or kind of domains nobody is the one source."""
        own = self.domain.lower().rstrip(".")
        return domain == own or ("." in own and domain.endswith("." + own))


@dataclass(frozen=True)
class Ours:
    """One of our own records that came back. It is left alone."""

    record_id: str


def sorted_out(
    records: Iterable[PfifPerson | PfifNote | Fault], source: Source, now: Callable[[], datetime]
) -> Iterator[PfifPerson | PfifNote | Fault | Ours]:
    """The records that may be taken; a fault in place of each that may not; dates yet to come left out with a fault.

    One item out for one item in, but for the faults of dates, which come before their record.
    """
    for record in records:
        if isinstance(record, Fault):
            yield record
            continue
        number = record.note_record_id if isinstance(record, PfifNote) else record.person_record_id
        domain = domain_of(number)
        if domain == source.own_domain:
            yield Ours(number)
        elif not source.passes_on and not source.speaks_for(domain):
            said = {"domain": domain[:100], "source": source.domain}
            yield Fault(record.line, "foreign", said, number, is_lost=True)
        else:
            latest = now() + CLOCK_SLACK
            for name in ("source_date", "entry_date"):
                moment = getattr(record, name)
                if moment is not None and moment > latest:
                    setattr(record, name, None)
                    yield Fault(record.line, "future", {"field": name, "value": moment.isoformat()[:20]}, number)
            yield record
