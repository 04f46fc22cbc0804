"""The exercise's registered households: invented people in the scripts and spellings that real lists have."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random
from uuid import uuid4

from django.utils import timezone

from camps.double_registrations import compare_newcomers
from camps.entries import Entry, Member
from camps.exercise_names import FAMILIES, FEMALE, MALE, PLACES
from camps.models import Camp, Intention, RegistrationLevel, RelationToHead, Sex, SpecialNeed
from camps.registration import write_placed
from komek.extensions.exercise import ExerciseContext
from komek.records.actor import Actor, Channel
from orgs.models import Opening

HOUSEHOLDS = 60
REGISTERED_TWICE = 3
SITES_AT_ONCE = 25


def register_people(context: ExerciseContext, camps: list[Camp]) -> None:
    """About sixty households at each open site that registers people, at ordinary scale at the first eight of them."""
    random = context.random
    places = [camp for camp in camps if camp.registration == RegistrationLevel.PEOPLE and camp.opening == Opening.OPEN]
    chosen = places[: 8 * context.scale]
    twice: list[Entry] = []
    together = 1 if context.scale == 1 else SITES_AT_ONCE
    for done in range(0, len(chosen), together):
        placed: list[tuple[Camp, Entry]] = []
        for number, camp in enumerate(chosen[done : done + together], start=done):
            entries = [household(random, place) for place in range(HOUSEHOLDS)]
            entries += [replace(entry, entry_id=uuid4()) for entry in twice]
            # Families who moved on and registered again without checking out: somebody has to find them.
            twice = [entry for entry in entries if len(entry.members) > 2][:REGISTERED_TWICE] if number == 0 else []
            placed += [(camp, entry) for entry in entries]
        store_households(context, placed)
        stored = min(done + together, len(chosen)) * HOUSEHOLDS
        context.progress("registered households", stored, len(chosen) * HOUSEHOLDS)
    if context.scale == 1:  # at a benchmark's scale this is the worker's business
        compare_newcomers()


def store_households(context: ExerciseContext, placed: list[tuple[Camp, Entry]]) -> None:
    """Register as the browser would, but as the system: the exercise has no user yet who may."""
    by = Actor(user=None, channel=Channel.COMMAND, name="Komek")
    write_placed(by=by, placed=placed, at=timezone.now() - timedelta(days=context.random.randint(2, 15)))


def household(random: Random, number: int) -> Entry:
    """One invented household: a head, mostly a spouse, children, now and then a grandparent."""
    female_family, male_family = random.choice(FAMILIES)
    heads_female = random.random() < 0.3
    head = Member(
        name=f"{random.choice(FEMALE if heads_female else MALE)} {female_family if heads_female else male_family}",
        sex=Sex.FEMALE if heads_female else Sex.MALE, age=random.randint(22, 70), relation=RelationToHead.HEAD,
        may_be_found=random.random() < 0.6,
    )  # fmt: skip
    members = [head]
    if not heads_female and random.random() < 0.8:
        members.append(
            Member(
                name=f"{random.choice(FEMALE)} {female_family}", sex=Sex.FEMALE, age=max(18, (head.age or 30) - random.randint(0, 6)),
                relation=RelationToHead.SPOUSE, needs=[SpecialNeed.PREGNANT] if random.random() < 0.12 else [],
            )
        )  # fmt: skip
    for _child in range(random.choice((0, 1, 2, 2, 3, 4))):
        is_girl = random.random() < 0.5
        members.append(
            Member(
                name=f"{random.choice(FEMALE if is_girl else MALE)} {female_family if is_girl else male_family}",
                sex=Sex.FEMALE if is_girl else Sex.MALE, age=random.randint(0, 17), relation=RelationToHead.CHILD,
            )
        )  # fmt: skip
    if random.random() < 0.2:
        members.append(
            Member(
                name=f"{random.choice(FEMALE)} {female_family}", sex=Sex.FEMALE, age=random.randint(61, 88),
                relation=RelationToHead.PARENT, needs=[SpecialNeed.CHRONICALLY_ILL] if random.random() < 0.5 else [],
            )
        )  # fmt: skip
    return Entry(
        head_name=head.name, members=members, origin=random.choice(PLACES), shelter_unit=f"T-{number + 1}",
        arrived_on=timezone.localdate() - timedelta(days=random.randint(2, 20)),
        intention=random.choice((Intention.RETURN, Intention.RETURN, Intention.UNKNOWN, Intention.STAY)),
    )  # fmt: skip
