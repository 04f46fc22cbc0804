"""Finding organisations that are registered twice. Scoring is pure (``orgs.likeness``); this module reads and remembers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from komek.accounts.authority import Action, Standing, in_operation, may, require, standing_of
from komek.records.actor import Actor, acting
from komek.records.models import Approval
from orgs.likeness import LIKELY, REASONS, Likeness, Profile, candidate_pairs, likeness, profile
from orgs.models import Contact, NameKind, NotDuplicate, Organisation, OrganisationName, PossibleDuplicate
from orgs.naming import name_key
from orgs.refusals import Refused

_COMPARED_AT_MOST = 60


@dataclass(frozen=True)
class Similar:
    """An organisation already registered that looks like the one asked about."""

    organisation: Organisation
    likeness: Likeness

    @property
    def reasons(self) -> list[str]:
        return reason_sentences(self.likeness.reasons)


def reason_sentences(reasons: Iterable[Any]) -> list[str]:
    """Stored reasons in words."""
    return [str(REASONS[key] % {"value": _shown(key, value)}) for key, value in reasons if key in REASONS]


def _shown(key: str, value: str) -> str:
    """Likeness of names is kept as a share of one, and read as percent."""
    return f"{float(value):.0%}" if key == "names" else value


def open_organisations() -> QuerySet[Any]:
    """Organisations that take part in the search: not merged away, not refused."""
    return Organisation.objects.filter(merged_into=None).exclude(approval=Approval.REFUSED)


def similar_to(candidate: Profile, *, rows: QuerySet[Any], limit: int = 8) -> list[Similar]:
    """Those among ``rows`` that look like ``candidate``, likeliest first. A handful of queries, whatever their number."""
    found = _alike_rows(rows.exclude(pk=candidate.pk), candidate)
    profiles = profiles_of(found)
    scored = [(likeness(candidate, profiles[row.pk]), row) for row in found]
    likely = [Similar(row, alike) for alike, row in scored if alike.score >= LIKELY]
    return sorted(likely, key=lambda similar: (-similar.likeness.score, similar.organisation.pk))[:limit]


def _alike_rows(rows: QuerySet[Any], candidate: Profile) -> list[Organisation]:
    """Rows whose names share trigrams with the candidate's, or that share its website, phone or acronym."""
    found: dict[int, Organisation] = {}
    for key in sorted({key for key, _forms in candidate.keys})[:6]:
        nearest = (
            rows.filter(search_key__trigram_word_similar=key)
            .annotate(near=TrigramWordSimilarity(key, "search_key"))
            .order_by("-near", "pk")[:_COMPARED_AT_MOST]
        )
        found.update((row.pk, row) for row in nearest)
    sure = Q(pk__in=Contact.objects.filter(phone__in=candidate.phones).values("organisation_id"))
    for acronym in candidate.acronyms | candidate.initials:
        sure |= Q(search_key__contains=name_key(acronym)) & Q(acronym__iexact=acronym)
    if candidate.host:
        sure |= Q(website__icontains=candidate.host)
    if candidate.phones or candidate.acronyms or candidate.initials or candidate.host:
        found.update((row.pk, row) for row in rows.filter(sure)[:_COMPARED_AT_MOST])
    return list(found.values())


def profiles_of(organisations: Iterable[Organisation]) -> dict[int, Profile]:
    """What each organisation is compared by. Two queries beside the organisations themselves."""
    organisations = list(organisations)
    pks = [organisation.pk for organisation in organisations]
    names: dict[int, list[str]] = defaultdict(list)
    acronyms: dict[int, list[str]] = defaultdict(list)
    phones: dict[int, list[str]] = defaultdict(list)
    others = OrganisationName.objects.filter(organisation_id__in=pks)
    for pk, kind, name in others.values_list("organisation_id", "kind", "name"):
        (acronyms if kind == NameKind.ACRONYM else names)[pk].append(name)
    contacts = Contact.objects.filter(organisation_id__in=pks).exclude(phone="")
    for pk, phone in contacts.values_list("organisation_id", "phone"):
        phones[pk].append(str(phone))
    return {
        organisation.pk: profile(
            pk=organisation.pk,
            names=[organisation.name, *names[organisation.pk]],
            acronyms=[organisation.acronym, *acronyms[organisation.pk]],
            website=organisation.website,
            phones=phones[organisation.pk],
            external_ids=organisation.external_ids,
            operation_id=organisation.operation_id,
        )
        for organisation in organisations
    }


@transaction.atomic
def refresh_for(organisation: Organisation) -> int:
    """Look again for duplicates of one organisation. Returns how many wait for a person."""
    PossibleDuplicate.objects.filter(Q(first=organisation) | Q(second=organisation)).delete()
    if organisation.merged_into_id is not None or organisation.approval == Approval.REFUSED:
        return 0
    mine = profiles_of([organisation])[organisation.pk]
    rows = open_organisations().filter(operation_id=organisation.operation_id).exclude(pk=organisation.pk)
    others = profiles_of(_alike_rows(rows, mine))
    decided = _decided_pairs([organisation.pk])
    found = _waiting(((mine, other) for other in others.values()), decided)
    PossibleDuplicate.objects.bulk_create(found, ignore_conflicts=True)
    return len(found)


@transaction.atomic
def refresh_all() -> int:
    """Look for duplicates among all organisations, after a bulk import for example. Returns how many pairs wait."""
    fields = ("pk", "name", "acronym", "website", "external_ids", "operation_id")
    profiles = list(profiles_of(open_organisations().only(*fields)).values())
    found = _waiting(candidate_pairs(profiles), _decided_pairs())
    PossibleDuplicate.objects.all().delete()
    PossibleDuplicate.objects.bulk_create(found, batch_size=2000)
    return len(found)


def _waiting(pairs: Iterable[tuple[Profile, Profile]], decided: set[tuple[int, int]]) -> list[PossibleDuplicate]:
    found = []
    for one, other in pairs:
        first, second = sorted((one.pk, other.pk))
        if (first, second) in decided:
            continue
        alike = likeness(one, other)
        if alike.score >= LIKELY:
            found.append(
                PossibleDuplicate(
                    first_id=first, second_id=second, score=alike.score, reasons=[list(pair) for pair in alike.reasons]
                )
            )
    return found


def _decided_pairs(pks: list[int] | None = None) -> set[tuple[int, int]]:
    decided = NotDuplicate.objects.all()
    if pks is not None:
        decided = decided.filter(Q(first_id__in=pks) | Q(second_id__in=pks))
    return set(decided.values_list("first_id", "second_id"))


def waiting_pairs(standing: Standing) -> QuerySet[Any]:
    """Pairs that wait for this person's decision, likeliest first. Only coordinators of the operation decide."""
    if not may(standing, Action.APPROVE, Organisation):
        return PossibleDuplicate.objects.none()
    organisations = in_operation(open_organisations(), standing.operation)
    return PossibleDuplicate.objects.filter(first__in=organisations, second__in=organisations).select_related(
        "first__parent", "second__parent"
    )


@transaction.atomic
def not_the_same(*, by: Actor, operation: Any, one: Organisation, other: Organisation) -> None:
    """Remember that two organisations are different; the pair is not shown again. Raises NotAllowed or Refused."""
    standing = standing_of(by.user, operation)
    require(standing, Action.APPROVE, one)
    require(standing, Action.APPROVE, other)
    if one.pk == other.pk:
        raise Refused({"__all__": _("This is one and the same entry.")})
    first, second = sorted((one, other), key=lambda organisation: organisation.pk)
    with acting(by):
        NotDuplicate.objects.get_or_create(first=first, second=second, defaults={"decided_by": by.user})
        PossibleDuplicate.objects.filter(first=first, second=second).delete()
