"""What everybody may see of a person: name, age band, status, a photo where its giver agreed. Never a place or a telephone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from missing_persons.ages import ages_on
from missing_persons.models import Moderation, Person, Photo, ReportedName, Status, Visibility
from missing_persons.models.reports import OF_DEATH
from missing_persons.public.addresses import page_at, sealed

BAND = 5
"""Years. An exact age beside a name tells strangers more than a mother needs to know her son by."""
MOST_NAMES = 4
PUBLISHED = {
    "report__moderation": Moderation.PUBLISHED,
    "report__consents_to_publish": True,
    "report__tombstoned_at": None,
}


NEWS = gettext_lazy("There is news. Please ask at a registration point.")
STATUS_WORDS = {
    Status.UNCHECKED: gettext_lazy("Reported; not checked yet"),
    Status.MISSING: gettext_lazy("This person is missing"),
    Status.ALIVE: gettext_lazy("This person was found alive"),
    Status.SAFE: gettext_lazy("This person says: I am safe"),
    Status.UNCLEAR: NEWS,
    Status.DEAD: NEWS,
}


@dataclass(frozen=True)
class PublicPerson:
    """age_band: such as “35–44”, empty when not known. photo, photo_large: addresses, empty without one."""

    seal: str
    names: Sequence[str]
    age_band: str
    status: str
    status_key: str
    photo: str = ""
    photo_large: str = ""
    address: str = field(default="")

    @property
    def name(self) -> str:
        return self.names[0] if self.names else _("name not known")

    @property
    def other_names(self) -> Sequence[str]:
        return self.names[1:]


def public_persons() -> Any:
    """Those whom everybody may see."""
    return Person.objects.filter(
        visibility=Visibility.PUBLIC, joined_into=None, tombstoned_at=None, is_child_alone=False
    )


def described(persons: Iterable[Person]) -> list[PublicPerson]:
    """These persons, in their order, as everybody may see them. Two queries, whether there are any or not."""
    listed = list(persons)
    # Key 0 is nobody's: without any key Django would not ask, and the answer would come sooner.
    keys = [0, *(person.pk for person in listed)]
    names: dict[int, list[str]] = {}
    written = ReportedName.objects.filter(report__person__in=keys, **PUBLISHED).order_by("report", "place", "pk")
    for key, name in written.values_list("report__person", "as_written"):
        if name not in names.setdefault(key, []):
            names[key].append(name)
    photos = shown_photos(keys)
    return [_described(person, names.get(person.pk, []), photos.get(person.pk)) for person in listed]


def shown_photos(person_keys: Iterable[int]) -> dict[int, Photo]:
    """Person → the photo everybody may see: of the living, of a published report whose maker agreed to it."""
    rows = (
        Photo.objects.filter(report__person__in=person_keys, is_public_agreed=True, **PUBLISHED)
        .exclude(file="")
        .exclude(report__kind__in=OF_DEATH)
        .select_related("report")
        .order_by("-pk")
    )
    return {photo.report.person_id: photo for photo in rows}


def age_band(person: Person) -> str:
    """Such as “35–44”, always whole fives; empty when not known."""
    ages = ages_on(person.born_from, person.born_to, timezone.localdate())
    if ages is None:
        return ""
    low, high = ages[0] // BAND * BAND, ages[1] // BAND * BAND + BAND - 1
    return f"{low}–{high}"


def status_words(person: Person) -> str:
    """The public status in words that frighten nobody more than they must; a death is told by a person, not by a page."""
    return str(STATUS_WORDS[Status(person.public_status)])


def _described(person: Person, names: list[str], photo: Photo | None) -> PublicPerson:
    seal = sealed("person", person.pk)
    is_shown = photo is not None and person.public_status != Status.DEAD
    return PublicPerson(
        seal=seal,
        names=names[:MOST_NAMES],
        age_band=age_band(person),
        status=status_words(person),
        status_key="news" if person.public_status in (Status.DEAD, Status.UNCLEAR) else person.public_status,
        photo=page_at("public_photo", sealed("photo", photo.pk), "small") if photo and is_shown else "",
        photo_large=page_at("public_photo", sealed("photo", photo.pk), "large") if photo and is_shown else "",
        address=page_at("public_person", seal),
    )
