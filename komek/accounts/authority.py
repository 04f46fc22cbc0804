"""The one place that answers "may this account do this to that record". Views, API, exports, map and SMS all ask here.

A model's room registers a ``Policy``. A policy answers two questions from the asker's ``Standing`` (the grants they hold): which rows
they may see, and whether they may do something to one record. A model without a policy is closed to everybody but
administrators of the installation.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.db import models
from django.utils.translation import gettext_lazy as _

from komek.accounts.roles import EVERY_ROLE, Role
from komek.extensions.grants import Grant, grants


class Action(models.TextChoices):
    VIEW = "view", _("see")
    ADD = "add", _("add")
    CHANGE = "change", _("change")
    DELETE = "delete", _("delete")
    APPROVE = "approve", _("approve")
    EXPORT = "export", _("export")


class NotAllowed(PermissionDenied):
    """Refused by a policy. The message is a sentence for the person who asked."""


@dataclass(frozen=True)
class Standing:
    """An account, the operation it works in, and the grants it holds there."""

    user: Any
    operation: Any
    held: tuple[Grant, ...]

    @property
    def signed_in(self) -> bool:
        return self.user is not None and bool(getattr(self.user, "is_authenticated", False))

    @property
    def operation_id(self) -> int | None:
        return getattr(self.operation, "pk", None)

    @cached_property
    def runs_every_operation(self) -> bool:
        """Administrator of the whole installation by a role that does not end with an operation."""
        return bool(getattr(self.user, "is_superuser", False)) or self.holds_everywhere(Role.ADMINISTRATOR)

    @cached_property
    def runs_installation(self) -> bool:
        """Administrator of the whole installation, in any operation; of an exercise only where there never was anything real."""
        return self.runs_every_operation or (self.holds(Role.ADMINISTRATOR) and not self.is_confined)

    @cached_property
    def is_confined(self) -> bool:
        """Works in an exercise of an installation that knows a real operation, going on or ended: what is held in the exercise
        reaches nothing that real ones use too. Between disasters an installation is as real as during one.

        Where there never was anything but exercises, as in a trial or a training, their coordinators run the installation.
        """
        if not getattr(self.operation, "is_exercise", False):
            return False
        operations = apps.get_model("operations", "Operation")
        return bool(operations._default_manager.filter(is_exercise=False).exists())

    def holds_everywhere(self, *roles: str) -> bool:
        """Whether one of ``roles`` is held for everything in every operation."""
        return any(
            grant.role in roles and grant.may_write and grant.organisation_id is None and grant.operation_id is None
            for grant in self.held
        )

    def holds(self, *roles: str, organisation_id: int | None = None, write: bool = True) -> bool:
        """Whether one of ``roles`` is held for the organisation (or for the whole operation, with ``None``)."""
        return any(
            grant.role in roles and (grant.may_write or not write) and grant.organisation_id in (None, organisation_id)
            for grant in self.held
        )

    def holds_anywhere(self, *roles: str) -> bool:
        """Whether one of ``roles`` is held in any organisation, for writing."""
        return any(grant.role in roles and grant.may_write for grant in self.held)

    def organisation_ids(self, *roles: str, write: bool = False) -> set[int]:
        """Organisations in which one of ``roles`` (any, if none named) is held."""
        wanted = roles or tuple(EVERY_ROLE)
        return {
            grant.organisation_id
            for grant in self.held
            if grant.organisation_id is not None and grant.role in wanted and (grant.may_write or not write)
        }


class Policy(Protocol):
    """Who may see and do what with one model's records.

    A policy with ``is_beyond_exercises = True`` is asked also about who runs the installation from within an exercise: its
    records, such as accounts, are those of real people wherever they practise.
    """

    def narrow(self, queryset: models.QuerySet[Any], standing: Standing) -> models.QuerySet[Any]:
        """The rows of ``queryset`` that may be seen."""
        ...

    def may(self, standing: Standing, action: str, record: Any | None) -> bool:
        """Whether ``action`` is allowed on ``record``; with ``None``, whether it can be allowed on any."""
        ...


_policies: dict[type[models.Model], Policy] = {}


def register_policy(model: type[models.Model], policy: Policy) -> None:
    """Make ``policy`` answer for ``model`` and for models that inherit from it and have none of their own."""
    _policies[model] = policy


def policy_of(model: type[models.Model]) -> Policy | None:
    """The policy of the model or of its nearest ancestor that has one."""
    for ancestor in model.__mro__:
        if ancestor in _policies:
            return _policies[ancestor]
    return None


def standing_of(user: Any, operation: Any = None) -> Standing:
    """What ``user`` holds in ``operation``. Kept on the user object for the length of a request."""
    if user is None or not getattr(user, "is_authenticated", False) or not user.may_work:
        return Standing(user=user, operation=operation, held=())
    kept: dict[Any, Any] = user.__dict__.setdefault("_standings", {})
    key = getattr(operation, "pk", None)
    if key not in kept:
        kept["every grant"] = tuple(grant for plug in grants for grant in plug.grants(user))
        held = tuple(grant for grant in kept["every grant"] if grant.operation_id in (None, key))
        kept[key] = Standing(user=user, operation=operation, held=held)
    standing: Standing = kept[key]
    return standing


def every_grant(user: Any) -> tuple[Grant, ...]:
    """What an approved account holds in any operation. Kept on the user object for the length of a request."""
    if "every grant" not in user.__dict__.get("_standings", {}):
        standing_of(user)
    found: tuple[Grant, ...] = user.__dict__.get("_standings", {}).get("every grant", ())
    return found


def may(standing: Standing, action: str, record: Any) -> bool:
    """Whether the standing allows ``action`` on a record, or on a model as such when a class is given."""
    model, instance = (record, None) if isinstance(record, type) else (type(record), record)
    policy = policy_of(model)
    if _is_above(standing, policy):
        return _same_operation(standing, instance)
    return policy is not None and _same_operation(standing, instance) and policy.may(standing, action, instance)


def require(standing: Standing, action: str, record: Any) -> None:
    """Raise NotAllowed, with a sentence, unless ``may`` says yes."""
    if not may(standing, action, record):
        raise NotAllowed(
            _("You may not %(action)s this. It belongs to another organisation or needs a role you do not hold; "
              "ask a coordinator.") % {"action": Action(action).label}
        )  # fmt: skip


def visible(queryset: models.QuerySet[Any], standing: Standing) -> models.QuerySet[Any]:
    """The rows the standing may see, in its operation only: exercise and real never mix."""
    model = queryset.model
    if any(field.name == "operation" for field in model._meta.concrete_fields):
        queryset = in_operation(queryset, standing.operation)
    policy = policy_of(model)
    if _is_above(standing, policy):
        return queryset
    return policy.narrow(queryset, standing) if policy else queryset.none()


def _is_above(standing: Standing, policy: Policy | None) -> bool:
    """Whether the standing needs no policy's leave."""
    if standing.runs_every_operation:
        return True
    return standing.runs_installation and not getattr(policy, "is_beyond_exercises", False)


def in_operation(queryset: models.QuerySet[Any], operation: Any) -> models.QuerySet[Any]:
    """Rows of an operation. A real operation also sees the standing register; an exercise sees only its own rows."""
    if operation is None:
        return queryset.filter(operation=None)
    if operation.is_exercise:
        return queryset.filter(operation=operation)
    return queryset.filter(models.Q(operation=operation) | models.Q(operation=None))


def _same_operation(standing: Standing, record: Any | None) -> bool:
    """A record of another operation is out of reach, so that practice never changes what is real."""
    owner = getattr(record, "operation_id", None)
    if record is None or not hasattr(record, "operation_id") or owner == standing.operation_id:
        return True
    return owner is None and not getattr(standing.operation, "is_exercise", False)


def grants_of(plugs: Iterable[Any], user: Any) -> list[Grant]:
    """Every grant the plugs know of for a user, for pages that list them."""
    return [grant for plug in plugs for grant in plug.grants(user)]
