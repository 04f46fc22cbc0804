"""How many sites and activities each organisation has, kept by the database so that a list can be ordered by them."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _


class OrganisationTally(models.Model):
    """Sites and activities of one organisation in one operation (``None``: the standing register).

    Written by triggers of the two tables only (``tally_triggers``), once for each statement, so that an import of a thousand rows
    changes each tally once.
    """

    # Without constraints: a tally that a trigger writes while its organisation is being deleted stays, and harms nobody.
    organisation = models.ForeignKey("orgs.Organisation", models.CASCADE, related_name="tallies", db_constraint=False)
    operation = models.ForeignKey(
        "operations.Operation", models.CASCADE, null=True, related_name="+", db_constraint=False
    )
    sites = models.IntegerField(_("sites"), default=0, db_default=0)
    activities = models.IntegerField(_("activities"), default=0, db_default=0)

    class Meta:
        verbose_name = _("tally")
        verbose_name_plural = _("tallies")
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "operation"), nulls_distinct=False, name="orgs_tally_one_per_operation"
            ),
        )

    def __str__(self) -> str:
        return f"{self.organisation_id}: {self.sites}, {self.activities}"


_STEPS = """
INSERT INTO orgs_organisationtally AS tally (organisation_id, operation_id, {column})
SELECT changed.organisation_id, changed.operation_id, sum(changed.step) FROM ({changed}) changed
WHERE changed.organisation_id IS NOT NULL
GROUP BY 1, 2 HAVING sum(changed.step) <> 0 ORDER BY 1, 2
ON CONFLICT (organisation_id, operation_id) DO UPDATE SET {column} = tally.{column} + excluded.{column};
RETURN NULL;
"""
_CAME = "SELECT organisation_id, operation_id, 1 AS step FROM new_rows"
_WENT = "SELECT organisation_id, operation_id, -1 AS step FROM old_rows"


def tally_triggers(column: str) -> list[pgtrigger.Trigger]:
    """Triggers for a table whose rows belong to an organisation and an operation, counted in this column of the tally.

    Rows are taken in the order of their key, so that two imports at once wait for each other and do not block each other.
    """

    def trigger(name: str, operation: pgtrigger.Operation, changed: str, **rows: str) -> pgtrigger.Trigger:
        return pgtrigger.Trigger(
            name=f"tally_{name}",
            level=pgtrigger.Statement,
            when=pgtrigger.After,
            operation=operation,
            referencing=pgtrigger.Referencing(**rows),
            func=_STEPS.format(column=column, changed=changed),
        )

    return [
        trigger("insert", pgtrigger.Insert, _CAME, new="new_rows"),
        trigger("update", pgtrigger.Update, f"{_CAME} UNION ALL {_WENT}", new="new_rows", old="old_rows"),
        trigger("delete", pgtrigger.Delete, _WENT, old="old_rows"),
    ]
