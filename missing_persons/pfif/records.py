"""What is read from PFIF and written to it: persons, notes and faults, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime


@dataclass(slots=True, kw_only=True)
class PfifPerson:
    """A person record. Text is clean (no control characters, no blanks around it), "" stands for not given; moments are aware, UTC.

    person_record_id: "domain/number", the record's own for good, whoever passes it on.
    full_name, alternate_names, profile_urls: one per entry, as the lines of the field.
    born: first and last day possible, from ``date_of_birth``. age: lowest and highest in years on ``source_date``.
    original: the fields as they stood in the file, under the names they had there. line: where the record begins (from 1).
    """

    person_record_id: str
    entry_date: datetime | None = None
    expiry_date: datetime | None = None
    author_name: str = ""
    author_email: str = ""
    author_phone: str = ""
    source_name: str = ""
    source_date: datetime | None = None
    source_url: str = ""
    full_name: tuple[str, ...] = ()
    given_name: str = ""
    family_name: str = ""
    alternate_names: tuple[str, ...] = ()
    description: str = ""
    sex: str = ""
    date_of_birth: str = ""
    born: tuple[date, date] | None = None
    age: tuple[int, int] | None = None
    home_street: str = ""
    home_neighborhood: str = ""
    home_city: str = ""
    home_state: str = ""
    home_postal_code: str = ""
    home_country: str = ""
    photo_url: str = ""
    profile_urls: tuple[str, ...] = ()
    original: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)
    version: str = field(default="", compare=False)
    line: int = field(default=0, compare=False)

    @property
    def domain(self) -> str:
        """The home repository, in small letters."""
        return domain_of(self.person_record_id)

    @property
    def is_placeholder(self) -> bool:
        """Nothing but numbers and dates: the record's time is over, and its home repository says so."""
        return self.expiry_date is not None and not (
            self.full_name or self.given_name or self.family_name or self.description or self.alternate_names
        )


@dataclass(slots=True, kw_only=True)
class PfifNote:
    """A note about a person. ``status``: "" or one of ``STATUSES``. ``author_made_contact``: None where not said."""

    note_record_id: str
    person_record_id: str
    linked_person_record_id: str = ""
    entry_date: datetime | None = None
    author_name: str = ""
    author_email: str = ""
    author_phone: str = ""
    source_date: datetime | None = None
    author_made_contact: bool | None = None
    status: str = ""
    email_of_found_person: str = ""
    phone_of_found_person: str = ""
    last_known_location: str = ""
    text: str = ""
    photo_url: str = ""
    original: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)
    version: str = field(default="", compare=False)
    line: int = field(default=0, compare=False)

    @property
    def domain(self) -> str:
        return domain_of(self.note_record_id)


STATUSES = ("information_sought", "is_note_author", "believed_alive", "believed_missing", "believed_dead")
SEXES = ("female", "male", "other")


def domain_of(record_id: str) -> str:
    """The repository a record's number names: "Example.org/person.7" → "example.org"."""
    return record_id.partition("/")[0].lower().rstrip(".")


@dataclass(frozen=True, slots=True)
class Fault:
    """Something in a file that is not as it should be.

    line: in the file, from 1. kind: a key of ``sentences.SENTENCES``, said with ``values``. record_id: whose, where it is known.
    is_lost: the record was not taken (or, for ``ends``, nothing behind it was); otherwise only the field was left out or mended.
    """

    line: int
    kind: str
    values: Mapping[str, object] = field(default_factory=dict)
    record_id: str = ""
    is_lost: bool = False
    ends: bool = False
