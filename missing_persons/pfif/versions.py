"""The fields of each version of PFIF in the order the specification lists them, and what each was called before.

Source: PFIF 1.1 to 1.4, http://zesty.ca/pfif/. Inside Komek a field has its name of 1.4. Up to 1.2 the record's own number has to
stand first and notes last; from 1.3 on any order is good. What is written here keeps the listed order, which suits every version.
"""

from __future__ import annotations

from dataclasses import dataclass

NAMESPACE = "http://zesty.ca/pfif/"

_AUTHOR = ("author_name", "author_email", "author_phone")
_SOURCE = ("source_name", "source_date", "source_url")
_BODY = ("sex", "date_of_birth", "age")
_HOME = ("home_street", "home_neighborhood", "home_city", "home_state", "home_postal_code", "home_country")
_FOUND = ("email_of_found_person", "phone_of_found_person", "last_known_location", "text")
_LINKED = ("note_record_id", "person_record_id", "linked_person_record_id", "entry_date", *_AUTHOR, "source_date")

# Names of earlier versions → the name in 1.4.
RENAMED = {
    "first_name": "given_name",
    "last_name": "family_name",
    "home_zip": "home_postal_code",
    "found": "author_made_contact",
}


@dataclass(frozen=True)
class Version:
    """One version. person, note: the fields of an element in order. Those of ``must`` are written even when empty."""

    number: str
    person: tuple[str, ...]
    note: tuple[str, ...]
    person_must: frozenset[str]
    note_must: frozenset[str] = frozenset({"note_record_id", "author_name", "source_date", "text"})

    @property
    def namespace(self) -> str:
        return NAMESPACE + self.number

    @property
    def has_expiry(self) -> bool:
        return "expiry_date" in self.person


PFIF_1_1 = Version(
    "1.1",
    person=(
        "person_record_id", "entry_date", *_AUTHOR, *_SOURCE, "first_name", "last_name", "home_city", "home_state",
        "home_neighborhood", "home_street", "home_zip", "photo_url", "other",
    ),
    note=("note_record_id", "entry_date", *_AUTHOR, "source_date", "found", *_FOUND),
    person_must=frozenset({"person_record_id", "first_name", "last_name"}),
)  # fmt: skip
PFIF_1_2 = Version(
    "1.2",
    person=(
        "person_record_id", "entry_date", *_AUTHOR, *_SOURCE, "first_name", "last_name", *_BODY, *_HOME, "photo_url",
        "other",
    ),
    note=(*_LINKED, "found", "status", *_FOUND),
    person_must=frozenset({"person_record_id", "first_name", "last_name"}),
)  # fmt: skip
PFIF_1_3 = Version(
    "1.3",
    person=(
        "person_record_id", "entry_date", "expiry_date", *_AUTHOR, *_SOURCE, "full_name", "first_name", "last_name",
        *_BODY, *_HOME, "photo_url", "other",
    ),
    note=(*_LINKED, "found", "status", *_FOUND),
    person_must=frozenset({"person_record_id", "source_date", "full_name"}),
)  # fmt: skip
PFIF_1_4 = Version(
    "1.4",
    person=(
        "person_record_id", "entry_date", "expiry_date", *_AUTHOR, *_SOURCE, "full_name", "given_name", "family_name",
        "alternate_names", "description", *_BODY, *_HOME, "photo_url", "profile_urls",
    ),
    note=(*_LINKED, "author_made_contact", "status", *_FOUND, "photo_url"),
    person_must=frozenset({"person_record_id", "source_date", "full_name"}),
)  # fmt: skip

VERSIONS = {version.number: version for version in (PFIF_1_1, PFIF_1_2, PFIF_1_3, PFIF_1_4)}
NEWEST = PFIF_1_4

# What stays of a person when the record's time is over (1.3 and later).
PLACEHOLDER = ("person_record_id", "entry_date", "expiry_date", "source_date")

# Every field of any version: somebody else's file that mixes them is still understood.
PERSON_FIELDS = frozenset().union(*(version.person for version in VERSIONS.values()))
NOTE_FIELDS = frozenset().union(*(version.note for version in VERSIONS.values()))


def version_of(namespace: str) -> Version | None:
    """The version that an XML namespace stands for. A slash at its end and https do no harm."""
    return VERSIONS.get(number.rstrip("/")) if (number := number_in(namespace)) else None


def number_in(namespace: str) -> str:
    """What stands for the version in a namespace of PFIF, known or not; "" for any other namespace."""
    plain = namespace.replace("https://", "http://", 1)
    return plain.removeprefix(NAMESPACE) if plain.startswith(NAMESPACE) else ""
