"""Looking for others who may be the same person: at once for a new report, in the background for whatever came in bulk."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from missing_persons.models import Person
from missing_persons.pairs import keep_suggestions
from missing_persons.searching import suggest_for

AT_ONCE = 200


def compare_person(person_id: int) -> int:
    """Suggest others who may be this person; returns how many suggestions are new."""
    person = Person.objects.filter(pk=person_id, joined_into=None, tombstoned_at=None).first()
    return 0 if person is None else _compare(person)


def compare_waiting(most: int = 5000) -> int:
    """Compare persons who are new or whose names or age changed; returns how many. A few hundred at a time may be interrupted."""
    done = 0
    while done < most:
        waiting = Person.objects.filter(compared_at=None, joined_into=None, tombstoned_at=None).order_by("pk")
        batch = list(waiting[: min(AT_ONCE, most - done)])
        if not batch:
            break
        for person in batch:
            _compare(person)
        done += len(batch)
    return done


@transaction.atomic
def _compare(person: Person) -> int:
    found = keep_suggestions(person, suggest_for(person))
    Person.objects.filter(pk=person.pk).update(compared_at=timezone.now())
    return found
