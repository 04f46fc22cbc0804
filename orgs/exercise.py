"""Exercise Kopetdag: about 60 invented organisations, 150 sites, 300 activities, and people to sign in as."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any, TypeVar

from django.contrib.gis.geos import Point
from django.db.models import Model
from django.utils import timezone

from komek.accounts.models import User
from komek.accounts.roles import Role
from komek.extensions.exercise import ExerciseContext
from komek.operations.exercises import BATCH, write_records
from komek.records.actor import Channel
from komek.records.codes import next_codes
from komek.records.models import Approval
from orgs.duplicates import refresh_all
from orgs.exercise_accounts import open_account
from orgs.exercise_names import (
    ACTIVITY_TITLES,
    COORDINATION,
    FIRST_ORGANISATIONS,
    ORGANISATION_STEMS,
    PERSON_NAMES,
    SITE_NAMES,
)
from orgs.models import (
    Activity,
    ActivityStatus,
    AffectedGroup,
    Contact,
    ContactVisibility,
    Damage,
    Membership,
    NameKind,
    Opening,
    Organisation,
    OrganisationKind,
    OrganisationName,
    PeopleInNeed,
    Sector,
    Site,
    SiteKind,
    Verification,
)
from orgs.naming import name_key, search_key

Record = TypeVar("Record", bound=Model)
ORGANISATIONS, SITES, ACTIVITIES = 60, 150, 300


class OrgsExercise:
    key = "orgs"
    order = 40

    def load(self, context: ExerciseContext) -> None:
        organisations = _organisations(context)
        _people(context, organisations)
        sites = _sites(context, organisations)
        _activities(context, organisations, sites)
        _people_in_need(context)
        if context.scale == 1:  # at a benchmark's scale this is the night's work
            refresh_all()
        context.made["organisations"], context.made["sites"] = organisations, sites


def _organisations(context: ExerciseContext) -> list[Organisation]:
    count = ORGANISATIONS * context.scale
    codes = next_codes(Organisation.CODE_LETTER, count)
    sectors = list(Sector.objects.filter(is_active=True))
    random = context.random
    made: list[Organisation] = []
    for number, code in enumerate(codes):
        name, acronym, kind, names = _organisation_name(number, random)
        made.append(
            Organisation(
                code=code,
                operation=context.operation,
                name=name,
                acronym=acronym,
                kind=kind,
                coordinates_operation=number in COORDINATION,
                is_donor=kind in (OrganisationKind.DONOR, OrganisationKind.COMPANY) or random.random() < 0.1,
                is_implementing=kind != OrganisationKind.DONOR,
                country=random.choice(("TM", "TM", "UZ", "AZ", "CH", "TR")),
                website=f"https://{acronym.lower() or 'o'}{number}.example.org",
                about="Invented for the exercise.",
                approval=Approval.PENDING if number % 20 == 19 else Approval.APPROVED,
                approved_at=timezone.now(),
                verification=Verification.VERIFIED if number % 3 else Verification.UNVERIFIED,
                confirmed_at=timezone.now() - timedelta(days=random.choice((1, 2, 5, 20, 45, 75, 140))),
                occurred_at=context.operation.started_at,
                channel=Channel.COMMAND,
                search_key=search_key([name, acronym, *(other for _, _, other in names)]),
            )
        )
    write_records(context, "organisations", made)
    write_records(
        context,
        "names",
        [
            OrganisationName(organisation=owner, language=language, kind=kind, name=name, key=name_key(name))
            for number, owner in enumerate(made)
            for language, kind, name in _organisation_name(number, random)[3]
        ],
    )
    links = Organisation.sectors.through
    write_records(
        context,
        "sectors",
        [
            links(organisation_id=owner.pk, sector_id=sector.pk)
            for owner in made
            for sector in random.sample(sectors, k=min(len(sectors), random.choice((1, 1, 2, 3))))
        ],
    )
    _branches(made)
    _contacts(context, made)
    return made


def _organisation_name(number: int, random: Any) -> tuple[str, str, str, Sequence[tuple[str, str, str]]]:
    """Name, acronym, kind and other names (language, kind, name) of the ``number``-th organisation."""
    if number < len(FIRST_ORGANISATIONS):
        return FIRST_ORGANISATIONS[number]
    stem, kind = ORGANISATION_STEMS[number % len(ORGANISATION_STEMS)]
    name = f"{stem} {number // len(ORGANISATION_STEMS) + 1}"
    acronym = "".join(word[0] for word in stem.split() if word[0].isupper())[:5] + str(number)
    return name, acronym, kind, ((("en", NameKind.ALIAS, f"{stem} No {number}"),) if number % 7 == 0 else ())


def _branches(made: list[Organisation]) -> None:
    """Every tenth organisation is a branch of the one four before it."""
    children = [made[number] for number in range(10, len(made), 10)]
    for child in children:
        child.parent = made[made.index(child) - 4] if len(made) < 1000 else made[6]
    Organisation.objects.bulk_update(children, ["parent"], batch_size=BATCH)


def _contacts(context: ExerciseContext, organisations: list[Organisation]) -> None:
    visibilities = (ContactVisibility.PARTNERS, ContactVisibility.PUBLIC, ContactVisibility.ORGANISATION)
    random = context.random
    write_records(
        context,
        "contacts",
        [
            Contact(
                organisation=owner,
                person=random.choice(PERSON_NAMES),
                position=random.choice(("Duty officer", "Head of office", "Logistics", "Field team leader")),
                # +99300… is not an assigned Turkmen range: nobody's phone rings in an exercise.
                phone=f"+99300{100000 + number % 900000}",
                email=f"contact{number}@example.org",
                visibility=visibilities[number % 3],
            )
            for number, owner in enumerate(organisations)
        ],
    )


def _people(context: ExerciseContext, organisations: list[Organisation]) -> None:
    """The people somebody may sign in as: one per role that this registry knows."""
    sheet = (
        ("Aýgül Orazowa", "coordinator@kopetdag.example.org", Role.COORDINATOR, 0, "tk"),
        ("Мурад Аннаев", "manager@kopetdag.example.org", Role.COORDINATOR, 6, "ru"),
        ("Dilnoza Karimova", "viewer@kopetdag.example.org", Role.VIEWER, 7, "uz"),
        ("Elçin Məmmədov", "administrator@kopetdag.example.org", Role.ADMINISTRATOR, 1, "az"),
    )
    for name, email, role, place, language in sheet:
        open_account(context, name, email, role, language, organisations[place])
    waiting, _ = User.objects.update_or_create(
        email="waiting@kopetdag.example.org", defaults={"name": "Ogulnabat Garaýewa"}
    )
    Membership.objects.create(
        user=waiting, organisation=organisations[6], role=Role.CAMP_MANAGER, operation=context.operation
    )


def _sites(context: ExerciseContext, organisations: list[Organisation]) -> list[Site]:
    count = SITES * context.scale
    districts = context.made["areas"]["affected"]
    runners = [organisation for organisation in organisations if organisation.approval == Approval.APPROVED]
    random = context.random
    kinds = [kind for kind in SITE_NAMES for _ in range(SITE_NAMES[kind][1])]
    made: list[Site] = []
    for number, code in enumerate(next_codes(Site.CODE_LETTER, count)):
        kind = kinds[number % len(kinds)]
        district = districts[number % len(districts)]
        name = f"{SITE_NAMES[kind][0]} {district.name.removesuffix(' (exercise)')} {number // len(districts) + 1}"
        damage = random.choice(
            (Damage.NONE, Damage.LIGHT, Damage.LIGHT, Damage.SEVERE, Damage.DESTROYED, Damage.UNKNOWN)
        )
        made.append(
            Site(
                code=code,
                operation=context.operation,
                organisation=random.choice(runners),
                kind=kind,
                name=name,
                location=_near(district.centre, random),
                area=district,
                landmark=random.choice(
                    ("beside the bazaar", "by the railway station", "old stadium", "at the canal", "")
                ),
                capacity=random.choice((None, 50, 120, 300, 800, 2000)),
                capacity_unit="" if kind == SiteKind.OFFICE else ("m²" if kind == SiteKind.WAREHOUSE else "people"),
                opening=random.choice((Opening.OPEN,) * 8 + (Opening.PLANNED, Opening.CLOSED)),
                damage=damage,
                damage_assessed_at=None
                if damage == Damage.UNKNOWN
                else context.operation.started_at + timedelta(days=1),
                confirmed_at=timezone.now() - timedelta(days=random.choice((0, 1, 1, 2, 3, 70))),
                occurred_at=context.operation.started_at,
                channel=Channel.COMMAND,
                search_key=search_key([name]),
            )
        )
    write_records(context, "sites", made)
    return made


def _near(centre: Point, random: Any) -> Point:
    """A point within some ten kilometres of an area's centre, rounded to about 10 m."""
    return Point(
        round(centre.x + random.uniform(-0.08, 0.08), 4), round(centre.y + random.uniform(-0.06, 0.06), 4), srid=4326
    )


def _activities(context: ExerciseContext, organisations: list[Organisation], sites: list[Site]) -> None:
    count = ACTIVITIES * context.scale
    random = context.random
    sectors = [sector for sector in Sector.objects.filter(is_active=True) if sector.key in ACTIVITY_TITLES]
    areas = context.made["areas"]["affected"]
    # The last third of the areas has almost nobody, so that the matrix has gaps to find.
    busy = areas[: max(1, 2 * len(areas) // 3)]
    doers = [o for o in organisations if o.is_implementing and o.approval == Approval.APPROVED]
    donors = [o for o in organisations if o.is_donor and o.approval == Approval.APPROVED]
    sites_by_area: dict[int, list[Site]] = {}
    for site in sites:
        sites_by_area.setdefault(site.area_id or 0, []).append(site)
    statuses = (ActivityStatus.ONGOING,) * 6 + (ActivityStatus.PLANNED,) * 2 + (
        ActivityStatus.COMPLETED, ActivityStatus.SUSPENDED
    )  # fmt: skip
    began = context.operation.started_at.date()

    def rows() -> Iterator[Activity]:
        for number, code in enumerate(next_codes(Activity.CODE_LETTER, count)):
            sector = sectors[number % len(sectors)]
            area = random.choice(busy if random.random() < 0.97 else areas)
            starts_on = began + timedelta(days=random.randint(0, 12))
            status = random.choice(statuses)
            targeted = random.choice((100, 250, 600, 1500, 4000))
            reached = 0 if status == ActivityStatus.PLANNED else int(targeted * random.uniform(0.1, 0.95))
            girls, boys, women = int(reached * 0.2), int(reached * 0.21), int(reached * 0.27)
            yield Activity(
                code=code,
                operation=context.operation,
                organisation=random.choice(doers),
                funded_by=random.choice(donors) if donors and random.random() < 0.4 else None,
                sector=sector,
                title=random.choice(ACTIVITY_TITLES[sector.key]),
                status=status,
                area=area,
                site=random.choice(sites_by_area[area.pk])
                if area.pk in sites_by_area and random.random() < 0.5
                else None,
                starts_on=starts_on,
                ends_on=starts_on + timedelta(days=random.choice((5, 14, 30))) if random.random() < 0.8 else None,
                affected_group=random.choice(AffectedGroup.values),
                targeted=targeted,
                reached=reached,
                reached_girls=girls,
                reached_boys=boys,
                reached_women=women,
                reached_men=reached - girls - boys - women,
                confirmed_at=timezone.now() - timedelta(days=random.choice((0, 1, 2, 4, 80))),
                occurred_at=context.operation.started_at + timedelta(hours=random.randint(2, 90)),
                channel=Channel.COMMAND,
            )

    write_records(context, "activities", rows(), count)


def _people_in_need(context: ExerciseContext) -> None:
    random = context.random
    water = Sector.objects.filter(key="wash").first()
    needs = []
    for area in context.made["areas"]["affected"]:
        people = random.choice((900, 2500, 6000, 14000, 32000))
        for sector, number in ((None, people), (water, int(people * 0.8))):
            needs.append(
                PeopleInNeed(
                    operation=context.operation,
                    area=area,
                    sector=sector,
                    people=number,
                    source="Rapid assessment (exercise)",
                    occurred_at=context.operation.started_at + timedelta(days=2),
                    channel=Channel.COMMAND,
                )
            )
    write_records(context, "people in need", needs)


PLUGS = [OrgsExercise()]
