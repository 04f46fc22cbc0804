"""Bringing an edition of boundaries into use: for every operation at once, and all or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from komek.accounts.authority import Action, NotAllowed, require, standing_of
from komek.places.boundary_files import BoundaryFault
from komek.places.comparing import compare_generations, comparison_of
from komek.places.following import Outlook, follow, outlook
from komek.places.keys import search_key
from komek.places.models import Area, AreaCode, Generation, GenerationState, NameKind, PlaceName, Succession
from komek.records.actor import Actor, acting


@dataclass(frozen=True)
class Activation:
    """What bringing an edition into use did, or would do. ``replaced``: the edition that was in use, if any."""

    replaced: Generation | None
    records: Sequence[Outlook] = field(default_factory=list)

    @property
    def follow(self) -> int:
        return sum(row.follow for row in self.records)

    @property
    def undecided(self) -> int:
        return sum(row.undecided for row in self.records)

    @property
    def stranded(self) -> int:
        return sum(row.stranded for row in self.records)


def in_use(country: str) -> Generation | None:
    """The country's edition in use."""
    found: Generation | None = Generation.objects.filter(country=country, state=GenerationState.ACTIVE).first()
    return found


def preview_activation(*, by: Actor, operation: Any, generation: Generation) -> Activation:
    """What ``activate_generation`` would do with records. Compares the editions unless they were before; else nothing is written."""
    before = in_use(generation.country)
    if before is None or before.pk == generation.pk:
        return Activation(None)
    if comparison_of(before, generation) is None:
        compare_generations(by=by, operation=operation, before=before, after=generation)
    return Activation(before, outlook(before, generation))


def activate_generation(*, by: Actor, operation: Any, generation: Generation) -> Activation:
    """Bring an edition into use and retire the one before. Raises BoundaryFault or NotAllowed; then nothing has changed.

    1. the editions of the country are locked, and the new one may not be empty or in use already;
    2. both are compared, unless they were before;
    3. names and codes that only the old edition had go over to the areas that go on;
    4. areas invented for exercises, settlements, and the records of every registry move to the new areas where that is certain.
    """
    _require(by, operation)
    with transaction.atomic(), acting(by.because(_("boundaries: %(edition)s") % {"edition": generation})):
        editions = {
            edition.pk: edition
            for edition in Generation.objects.select_for_update().filter(country=generation.country).order_by("pk")
        }
        generation = editions[generation.pk]
        if generation.state == GenerationState.ACTIVE:
            raise BoundaryFault(_("This edition is in use already."))
        if not generation.areas.filter(operation=None, level__gt=0, geometry__isnull=False).exists():
            raise BoundaryFault(_("This edition holds no areas with boundaries, so it cannot be used."))
        before = next((other for other in editions.values() if other.state == GenerationState.ACTIVE), None)
        if before is not None:
            if comparison_of(before, generation) is None:
                compare_generations(by=by, operation=operation, before=before, after=generation)
            before.state = GenerationState.RETIRED
            before.save(update_fields=["state"])
        generation.state = GenerationState.ACTIVE
        generation.save(update_fields=["state"])
        records: list[Outlook] = []
        if before is not None:
            _hand_on_names(before, generation)
            _carry_exercises(before, generation)
            records = follow(before, generation)
        _place_settlements(before, generation)
    return Activation(before, records)


def _require(by: Actor, operation: Any) -> None:
    """Whoever coordinates a real operation, or runs the installation; nobody from inside an exercise."""
    standing = standing_of(by.user, operation)
    require(standing, Action.APPROVE, Generation)
    if getattr(operation, "is_exercise", False) and not getattr(by.user, "is_superuser", False):
        raise NotAllowed(
            _(
                "Boundaries are used by real operations too, so they cannot be changed from an exercise. Switch to a real operation."
            )
        )


def _hand_on_names(before: Generation, after: Generation) -> None:
    """What only the old edition knew of areas that go on: translations where the area kept its name, else former names; other
    names; codes in other systems."""
    pairs = dict(
        Succession.objects.filter(old__generation=before, new__generation=after, is_same=True).values_list("old", "new")
    )
    areas = Area.objects.only("pk", "name", "names").in_bulk([*pairs, *pairs.values()])
    known = set(PlaceName.objects.filter(area__in=pairs.values()).values_list("area", "name"))
    added, translated = [], {}
    for name in PlaceName.objects.filter(area__in=pairs).order_by("pk"):
        old, new = areas[name.area_id or 0], areas[pairs[name.area_id or 0]]
        kind = name.kind
        if kind == NameKind.OFFICIAL:
            if not _kept_name(old, new) or name.language in ("", *(language for language in new.names)):
                kind = NameKind.FORMER
            else:
                new.names[name.language] = name.name
                translated[new.pk] = new
        if (new.pk, name.name) not in known:
            known.add((new.pk, name.name))
            added.append(
                PlaceName(area=new, kind=kind, language=name.language, name=name.name, key=name.key, plain=name.plain)
            )
    PlaceName.objects.bulk_create(added, batch_size=2000)
    Area.objects.bulk_update(translated.values(), ["names"], batch_size=1000)
    systems = set(AreaCode.objects.filter(area__in=pairs.values()).values_list("area", "system"))
    AreaCode.objects.bulk_create(
        AreaCode(area_id=pairs[code.area_id], system=code.system, code=code.code)
        for code in AreaCode.objects.filter(area__in=pairs)
        if (pairs[code.area_id], code.system) not in systems
    )


def _kept_name(old: Area, new: Area) -> bool:
    """Whether both editions call the area alike in some language, however it is spelt."""
    return not {search_key(name) for name in (old.name, *old.names.values())}.isdisjoint(
        search_key(name) for name in (new.name, *new.names.values())
    )


def _carry_exercises(before: Generation, after: Generation) -> None:
    """Areas invented for exercises move to the new edition, below the area that covers most of the one they were below."""
    invented = list(before.areas.exclude(operation=None).only("pk", "pcode", "parent_id", "generation_id", "level"))
    if not invented:
        return
    taken = after.areas.filter(pcode__in=[area.pcode for area in invented]).first()
    if taken is not None:
        raise BoundaryFault(
            _(
                "An area invented for an exercise has the code “%(code)s”, which this edition uses too. End that exercise first."
            )
            % {"code": taken.pcode}
        )
    top = after.areas.filter(level=0, operation=None).first()
    follower: dict[int, int] = {}
    successions = Succession.objects.filter(old__generation=before, new__generation=after)
    for row in successions.order_by("-is_same", "-share"):
        follower.setdefault(row.old_id, row.new_id)
    own = {area.pk for area in invented}
    for area in invented:
        area.generation = after
        if area.parent_id is not None and area.parent_id not in own:
            area.parent_id = follower.get(area.parent_id, top.pk if top else None)
    Area.objects.bulk_update(invented, ["generation", "parent"], batch_size=1000)


# The deepest new area that holds the settlement; outside all of them, what took the place of the one it was in.
_SETTLEMENTS_SQL = """
UPDATE places_settlement settlement SET area_id = placed.area_id
FROM (
    SELECT settlement.id, coalesce(
        (SELECT area.id FROM places_areapart part JOIN places_area area ON area.id = part.area_id
         WHERE area.generation_id = %(after)s AND area.operation_id IS NULL
           AND ST_Intersects(part.geometry, settlement.location::geometry)
         ORDER BY area.level DESC, area.id LIMIT 1),
        (SELECT new_id FROM places_succession succession JOIN places_area area ON area.id = succession.new_id
         WHERE succession.old_id = settlement.area_id AND area.generation_id = %(after)s ORDER BY share DESC LIMIT 1)
    ) AS area_id
    FROM places_settlement settlement LEFT JOIN places_area held ON held.id = settlement.area_id
    WHERE settlement.country = %(country)s OR held.generation_id = %(before)s
) placed
WHERE placed.id = settlement.id AND placed.area_id IS DISTINCT FROM settlement.area_id
"""


def _place_settlements(before: Generation | None, after: Generation) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            _SETTLEMENTS_SQL, {"after": after.pk, "before": before.pk if before else None, "country": after.country}
        )
