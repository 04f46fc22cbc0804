"""The exercise's missing are many, in several scripts, and belong together."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from django.utils import timezone

from komek.accounts.authority import standing_of
from komek.accounts.models import User
from komek.accounts.roles import Role
from komek.extensions.exercise import ExerciseContext
from komek.operations.models import Operation
from komek.places.models import Area
from komek.records.actor import SYSTEM, acting
from komek.records.models import Approval
from missing_persons import exercise
from missing_persons.models import Moderation, Person, Report, ReportedName, Status, SuggestedPair, Visibility
from missing_persons.policies import sits_at_desk
from orgs.models import Organisation


def test_a_small_exercise_holds_what_registrars_practise_on(
    exercise_operation: Operation, areas: dict[str, Area], monkeypatch: object
) -> None:
    monkeypatch.setattr(exercise, "PEOPLE", 150)  # type: ignore[attr-defined]
    exercise_operation.started_at = timezone.now() - timedelta(days=12)
    exercise_operation.save()
    context = ExerciseContext(exercise_operation, 1, Random("1"), lambda label, done, total: None)
    coordinating = Organisation.objects.create(
        name="Commission", operation=exercise_operation, coordinates_operation=True, approval=Approval.APPROVED
    )
    context.made |= {"organisations": [coordinating], "accounts": []}
    context.made["areas"] = {"affected": [areas["XX11"], areas["XX21"]]}
    with acting(SYSTEM):
        exercise.PLUGS[0].load(context)
    persons = Person.objects.filter(operation=exercise_operation)
    assert (persons.count(), Report.objects.count(), SuggestedPair.objects.count()) == (180, 190, 30)
    assert set(persons.values_list("status", flat=True)) >= {Status.MISSING, Status.ALIVE, Status.SAFE, Status.DEAD}
    assert set(ReportedName.objects.values_list("script", flat=True)) >= {"latin", "cyrillic"}
    public = persons.filter(visibility=Visibility.PUBLIC)
    assert public.exists() and not public.filter(is_child_alone=True).exists()
    assert Report.objects.filter(moderation__in=(Moderation.WAITING, Moderation.HELD)).exists()
    for pair in SuggestedPair.objects.select_related("first", "second")[:5]:
        assert pair.first.sex == pair.second.sex and pair.first.born_from <= pair.second.born_to  # type: ignore[operator]
    for account in context.made["accounts"]:
        assert sits_at_desk(standing_of(User.objects.get(email=account["email"]), exercise_operation)), account
    assert {account["role"] for account in context.made["accounts"]} == {Role.REGISTRAR, Role.PROTECTION_OFFICER}
