"""Accounts of the exercise that anybody may sign in with; each stands on the sign-in sheet with its password."""

from __future__ import annotations

from django.contrib.auth.hashers import make_password

from komek.accounts.models import User
from komek.accounts.roles import Role
from komek.extensions.exercise import ExerciseContext
from komek.operations.exercises import fresh_password
from komek.records.models import Approval
from orgs.models import Membership, Organisation


def open_account(
    context: ExerciseContext, name: str, email: str, role: Role, language: str, organisation: Organisation
) -> User:
    """An approved account with one role in the exercise, and a password made anew."""
    password = fresh_password()
    user, _made = User.objects.update_or_create(
        email=email,
        defaults={
            "name": name, "language": language, "password": make_password(password), "approval": Approval.APPROVED,
            "current_operation": context.operation,
        },
    )  # fmt: skip
    Membership.objects.create(
        user=user, organisation=organisation, role=role, operation=context.operation, approval=Approval.APPROVED
    )
    context.made["accounts"].append({"name": name, "email": email, "password": password, "role": str(role)})
    return user
