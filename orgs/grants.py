"""Plug for the ``grants`` socket: memberships, as roles."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from komek.extensions.grants import Grant
from komek.records.models import Approval
from orgs.models import Membership


class MembershipGrants:
    key = "orgs.memberships"

    def grants(self, user: Any) -> Iterable[Grant]:
        """Approved memberships in force today. A parent organisation sees its branches but does not change them.

        A membership without an operation holds in every operation, except that an organisation which belongs to one
        operation (an invented one of an exercise) gives nothing outside it.
        """
        today = timezone.localdate()
        memberships = list(
            Membership.objects.filter(
                Q(ends_on=None) | Q(ends_on__gte=today),
                user=user,
                approval=Approval.APPROVED,
                starts_on__lte=today,
                organisation__approval=Approval.APPROVED,
                organisation__merged_into=None,
            ).values_list(
                "role",
                "operation_id",
                "organisation_id",
                "organisation__operation_id",
                "organisation__coordinates_operation",
            )
        )
        branches = branch_ids([organisation_id for _role, _operation_id, organisation_id, *_of_it in memberships])
        for role, own_operation_id, organisation_id, its_operation_id, coordinates in memberships:
            operation_id = own_operation_id or its_operation_id
            yield Grant(role, organisation_id, operation_id)
            if coordinates:
                yield Grant(role, None, operation_id)
            for branch_id in branches.get(organisation_id, ()):
                yield Grant(role, branch_id, operation_id, may_write=False)


def branch_ids(organisation_ids: list[int]) -> dict[int, list[int]]:
    """Organisation → all organisations below it, at any depth. One query."""
    if not organisation_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH RECURSIVE below(root, id) AS (
                SELECT parent_id, id FROM orgs_organisation WHERE parent_id = ANY(%s)
                UNION
                SELECT below.root, branch.id FROM below JOIN orgs_organisation branch ON branch.parent_id = below.id
            ) SELECT root, id FROM below WHERE id <> root
            """,
            [organisation_ids],
        )
        found: dict[int, list[int]] = {}
        for root, branch in cursor.fetchall():
            found.setdefault(root, []).append(branch)
        return found


PLUGS = [MembershipGrants()]
