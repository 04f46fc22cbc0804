"""Merging an organisation that is registered twice, with nothing lost, and undoing it.

Order of a merge: lock both entries, lowest number first; check; take over what the kept entry lacks or what was chosen;
move every row that points at the duplicate; keep its names as other names; point the duplicate at the kept entry. A row
that the kept entry already has an equal of (a uniqueness rule says so) stays with the duplicate, where it rests until
the merge is undone. Undo puts every row and every field back, except what people changed since.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from pghistory.models import Event

from komek.accounts.authority import Action, require, standing_of
from komek.records.actor import Actor, acting
from komek.records.models import Approval
from orgs.duplicates import refresh_for
from orgs.models import (
    NameKind,
    NotDuplicate,
    Organisation,
    OrganisationMerge,
    OrganisationName,
    OrganisationTally,
    PossibleDuplicate,
    Verification,
)
from orgs.naming import name_key, search_key
from orgs.refusals import Refused

CHOOSABLE = (
    "name", "acronym", "kind", "parent", "is_donor", "is_implementing", "country", "website", "logo", "about",
    "verification", "confirmed_at",
)  # fmt: skip
"""Fields for which a person may choose the duplicate's value over the kept entry's."""

_OWN_BOOKKEEPING = (OrganisationMerge, NotDuplicate, PossibleDuplicate, OrganisationTally)


@dataclass(frozen=True)
class Pointer:
    """A foreign key to organisations, anywhere in the installation."""

    model: type[models.Model]
    field: Any

    @property
    def label(self) -> str:
        return f"{self.model._meta.label}.{self.field.name}"

    def rows(self, organisation: Organisation) -> models.QuerySet[Any]:
        return self.model._base_manager.filter(**{self.field.name: organisation})


def pointers() -> Iterator[Pointer]:
    """Every foreign key that a merge moves: of this and of every other registry, many-to-many tables included."""
    for relation in Organisation._meta.get_fields(include_hidden=True):
        if not relation.auto_created or relation.concrete or relation.many_to_many:
            continue
        model = relation.related_model
        if issubclass(model, Event) or model in _OWN_BOOKKEEPING:
            continue  # history is never rewritten
        if model is Organisation and relation.field.name == "merged_into":
            continue  # an earlier merge into the duplicate still says so; ``kept_of`` follows the chain
        if relation.field.model is model:  # else inherited: its parent's table is moved
            yield Pointer(model, relation.field)


def kept_of(organisation: Organisation) -> Organisation:
    """The entry that stands for this one after all merges: itself, when it was not merged."""
    seen: set[int] = set()
    while organisation.merged_into_id is not None and organisation.pk not in seen:
        seen.add(organisation.pk)
        organisation = organisation.merged_into
    return organisation


@transaction.atomic
def merge_organisations(
    *,
    by: Actor,
    operation: Any,
    kept: Organisation,
    duplicate: Organisation,
    choices: Mapping[str, str] | None = None,
    reason: str = "",
) -> OrganisationMerge:
    """Merge ``duplicate`` into ``kept``. Raises Refused or NotAllowed.

    choices: field → ``"kept"`` or ``"duplicate"``, for fields in CHOOSABLE. Where nothing is chosen the kept entry's value stays,
    and is filled from the duplicate where it is empty.
    """
    standing = standing_of(by.user, operation)
    if kept.pk == duplicate.pk:
        raise Refused({"__all__": _("An entry cannot be merged with itself.")})
    locked = Organisation.objects.select_for_update(of=("self",)).filter(pk__in=(kept.pk, duplicate.pk)).order_by("pk")
    found = {organisation.pk: organisation for organisation in locked}
    kept, duplicate = found[kept.pk], found[duplicate.pk]
    for organisation in (kept, duplicate):
        require(standing, Action.APPROVE, organisation)
    _check(kept, duplicate, choices or {})
    with acting(by.because(reason)):
        merge = OrganisationMerge(kept=kept, duplicate=duplicate, merged_by=by.user, reason=reason[:300])
        changes = _changes(kept, duplicate, choices or {})
        moved_parent = _free_from_cycle(kept, duplicate, changes)
        _store(kept, {**changes, **moved_parent}, merge)
        for pointer in pointers():
            _move(pointer, duplicate, kept, merge)
        _keep_names(kept, duplicate, merge)
        _refresh_search_key(kept)
        Organisation.objects.filter(pk=duplicate.pk).update(merged_into=kept, updated_at=timezone.now())
        merge.save()
    refresh_for(duplicate.__class__.objects.get(pk=duplicate.pk))
    refresh_for(kept)
    return merge


@transaction.atomic
def undo_merge(*, by: Actor, operation: Any, merge: OrganisationMerge, reason: str = "") -> OrganisationMerge:
    """Bring back exactly what was before the merge; what people changed since stays changed. Raises Refused or NotAllowed."""
    merge = OrganisationMerge.objects.select_for_update(of=("self",)).get(pk=merge.pk)
    locked = Organisation.objects.select_for_update(of=("self",)).filter(pk__in=(merge.kept_id, merge.duplicate_id))
    found = {organisation.pk: organisation for organisation in locked.order_by("pk")}
    kept, duplicate = found[merge.kept_id], found[merge.duplicate_id]
    standing = standing_of(by.user, operation)
    for organisation in (kept, duplicate):
        require(standing, Action.APPROVE, organisation)
    if merge.undone_at is not None:
        raise Refused({"__all__": _("This merge was already undone.")})
    if kept.merged_into_id is not None:
        raise Refused({"__all__": _("The entry that was kept has since been merged itself. Undo that merge first.")})
    with acting(by.because(reason)):
        for label, pks in merge.created.items():
            apps.get_model(label)._base_manager.filter(pk__in=pks).delete()
        for label, pks in merge.moved.items():
            model, field = _pointer_of(label)
            model._base_manager.filter(pk__in=pks, **{field: kept.pk}).update(**{field: duplicate.pk})
        _restore(kept, merge)
        _refresh_search_key(kept)
        Organisation.objects.filter(pk=duplicate.pk).update(merged_into=None, updated_at=timezone.now())
        merge.undone_at = timezone.now()
        merge.undone_by = by.user
        merge.save(update_fields=["undone_at", "undone_by"])
    for pk in (kept.pk, duplicate.pk):
        refresh_for(Organisation.objects.get(pk=pk))
    return merge


def what_would_move(duplicate: Organisation) -> list[tuple[str, int]]:
    """(what, how many) for the page that asks for confirmation; only what there is."""
    counted = [(pointer, pointer.rows(duplicate).count()) for pointer in pointers()]
    return [(_in_words(pointer), count) for pointer, count in counted if count]


def _in_words(pointer: Pointer) -> str:
    if pointer.model._meta.auto_created:
        others = [f for f in pointer.model._meta.get_fields() if f.is_relation and f.related_model is not Organisation]
        return str(others[0].related_model._meta.verbose_name_plural) if others else pointer.label
    if pointer.model is Organisation:
        return str(_("branches"))
    return str(pointer.model._meta.verbose_name_plural)


def _check(kept: Organisation, duplicate: Organisation, choices: Mapping[str, str]) -> None:
    if duplicate.merged_into_id is not None:
        raise Refused({"__all__": _("The duplicate has already been merged. Reload the page to see where it went.")})
    if kept.merged_into_id is not None:
        raise Refused({"__all__": _("The entry to keep has itself been merged. Keep the one it was merged into.")})
    if kept.operation_id != duplicate.operation_id:
        raise Refused({"__all__": _("The two belong to different operations; exercise and real never mix.")})
    if kept.approval != Approval.APPROVED and duplicate.approval == Approval.APPROVED:
        raise Refused({"__all__": _("Keep the approved entry, or approve the other one first.")})
    if kept.coordinates_operation != duplicate.coordinates_operation:
        raise Refused({
            "__all__": _("One of the two coordinates the whole operation and the other does not. Make both the same "
                         "first, so that nobody gains or loses rights by a merge.")
        })  # fmt: skip
    for field, choice in choices.items():
        if field not in CHOOSABLE or choice not in ("kept", "duplicate"):
            raise Refused({field: _("For each field choose one of the two entries.")})


def _changes(kept: Organisation, duplicate: Organisation, choices: Mapping[str, str]) -> dict[str, Any]:
    """Field attribute → new value of ``kept``: what was chosen, and what it lacks."""
    changes: dict[str, Any] = {}
    for name in CHOOSABLE:
        attribute = Organisation._meta.get_field(name).attname
        mine, yours = getattr(kept, attribute), getattr(duplicate, attribute)
        is_empty = mine in (None, "") or not mine and name == "logo"
        if name == "verification":
            is_empty = mine == Verification.UNVERIFIED
        if name == "parent" and yours == kept.pk:
            continue
        if choices.get(name) == "duplicate" or (is_empty and name not in choices and yours):
            changes[attribute] = yours
    together = {**duplicate.external_ids, **kept.external_ids}
    if together != kept.external_ids:
        changes["external_ids"] = together
    return {name: value for name, value in changes.items() if value != getattr(kept, name)}


def _free_from_cycle(kept: Organisation, duplicate: Organisation, changes: dict[str, Any]) -> dict[str, Any]:
    """When ``kept`` stands somewhere below ``duplicate`` it takes the duplicate's place in the tree."""
    parent_id = changes.get("parent_id", kept.parent_id)
    above, seen = parent_id, set()
    while above is not None and above not in seen:
        if above == duplicate.pk:
            changes.pop("parent_id", None)
            return {"parent_id": duplicate.parent_id}
        if above == kept.pk:
            changes.pop("parent_id", None)
            return {}
        seen.add(above)
        above = Organisation.objects.filter(pk=above).values_list("parent_id", flat=True).first()
    return {}


def _store(kept: Organisation, changes: dict[str, Any], merge: OrganisationMerge) -> None:
    """Change fields of ``kept`` and write down both what they held and what they hold now."""
    merge.before = {name: _as_json(name, getattr(kept, name)) for name in changes}
    for name, value in changes.items():
        setattr(kept, name, value)
    merge.after = {name: _as_json(name, getattr(kept, name)) for name in changes}
    fields = [Organisation._meta.get_field(name).name for name in changes]
    kept.save(update_fields=[*fields, "updated_at"])


def _restore(kept: Organisation, merge: OrganisationMerge) -> None:
    restored = []
    for name, before in merge.before.items():
        if _as_json(name, getattr(kept, name)) != merge.after.get(name):
            continue  # changed since by somebody, whose word stands
        setattr(kept, name, _from_json(name, before))
        restored.append(Organisation._meta.get_field(name).name)
    kept.save(update_fields=[*restored, "updated_at"])


def _as_json(attribute: str, value: Any) -> Any:
    if attribute == "external_ids" or value is None or isinstance(value, bool | int):
        return value
    field = Organisation._meta.get_field(attribute)
    if isinstance(field, models.FileField):
        return value.name or ""
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _from_json(attribute: str, value: Any) -> Any:
    field = Organisation._meta.get_field(attribute)
    return field.to_python(value) if isinstance(field, models.DateTimeField) else value


def _move(pointer: Pointer, duplicate: Organisation, kept: Organisation, merge: OrganisationMerge) -> None:
    """Point rows at ``kept``: all at once, or one by one when a uniqueness rule stands against some of them."""
    rows = pointer.rows(duplicate)
    if pointer.model is Organisation:
        rows = rows.exclude(pk=kept.pk)
    pks = sorted(rows.values_list("pk", flat=True))
    if not pks:
        return
    change = {pointer.field.name: kept}
    moved, left = pks, []
    if not _moves(pointer, pks, change):
        moved = []
        for pk in pks:
            (moved if _moves(pointer, [pk], change) else left).append(pk)
    if moved:
        merge.moved[pointer.label] = moved
    if left:
        merge.left[pointer.label] = left


def _moves(pointer: Pointer, pks: list[Any], change: dict[str, Any]) -> bool:
    try:
        with transaction.atomic():
            pointer.model._base_manager.filter(pk__in=pks).update(**change)
    except IntegrityError:
        return False
    return True


def _pointer_of(label: str) -> tuple[type[models.Model], str]:
    model, _dot, field = label.rpartition(".")
    return apps.get_model(model), field


def _keep_names(kept: Organisation, duplicate: Organisation, merge: OrganisationMerge) -> None:
    """The duplicate's own name and acronym, and what ``kept`` was called before the merge, stay as other names."""
    before = merge.before
    wanted = [
        (NameKind.ALIAS, duplicate.name),
        (NameKind.ACRONYM, duplicate.acronym),
        (NameKind.ALIAS, before.get("name", "")),
        (NameKind.ACRONYM, before.get("acronym", "")),
    ]
    known = set(kept.other_names.values_list("name", flat=True)) | {kept.name, kept.acronym}
    made = []
    for kind, name in wanted:
        if name and name not in known:
            known.add(name)
            made.append(
                OrganisationName.objects.create(organisation=kept, kind=kind, name=name, key=name_key(name)[:250]).pk
            )
    if made:
        merge.created[OrganisationName._meta.label] = made


def _refresh_search_key(organisation: Organisation) -> None:
    names = organisation.other_names.values_list("name", flat=True)
    key = search_key([organisation.name, organisation.acronym, *names])
    Organisation.objects.filter(pk=organisation.pk).update(search_key=key)
    organisation.search_key = key
