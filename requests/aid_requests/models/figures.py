"""What is still needed of each line, kept by the database so that lists, maps and sums need not add up every promise."""

from __future__ import annotations

from typing import Any

import pgtrigger
from django.db import models
from django.db.models import F, Value
from django.db.models.functions import Greatest
from django.utils.translation import gettext_lazy as _

from komek.supplies.models import amount


class LineFigures(models.Model):
    """The figures of one line, in its unit. wanted: asked − received while the line is open, else 0; promised: what commitments
    that are open or on the way still hold; needed: what is left.

    Written by triggers of the two tables only (``line_triggers``, ``commitment_triggers``), once for each statement, so that COPY,
    raw SQL and two transactions at once come out right. Decisions are made by the derivation itself under a lock
    (``aid_requests.needed``), which ``bin/manage verify_needs`` compares with this.
    """

    # Without constraints: triggers keep the rows, and a line that goes takes its figures along.
    line = models.OneToOneField(
        "requests.RequestLine", models.DO_NOTHING, primary_key=True, related_name="figures", db_constraint=False
    )
    request = models.ForeignKey(
        "requests.AidRequest", models.DO_NOTHING, related_name="line_figures", db_constraint=False, db_index=False
    )
    item = models.ForeignKey(
        "supplies.Item", models.DO_NOTHING, null=True, related_name="+", db_constraint=False, db_index=False
    )
    wanted = amount(_("wanted"), default=0)
    promised = amount(_("promised"), default=0)
    needed: models.GeneratedField[Any, Any] = models.GeneratedField(
        expression=Greatest(F("wanted") - F("promised"), Value(0)),
        output_field=models.DecimalField(max_digits=20, decimal_places=6),
        db_persist=True,
    )

    class Meta:
        verbose_name = _("figures of a line")
        verbose_name_plural = _("figures of lines")
        indexes = (
            models.Index(
                fields=("request",), include=("needed",), condition=models.Q(needed__gt=0), name="requests_figures_request"
            ),
            models.Index(
                fields=("item", "request"), include=("needed",), condition=models.Q(needed__gt=0),
                name="requests_figures_item",
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.line_id}: {self.needed}"


_OF_LINE = "CASE WHEN {line}.is_open THEN {line}.quantity - {line}.received ELSE 0 END"
_LINES = f"""
INSERT INTO requests_linefigures AS kept (line_id, request_id, item_id, wanted, promised)
SELECT changed.id, changed.request_id, changed.item_id, {_OF_LINE.format(line="changed")}, 0 FROM new_rows changed ORDER BY 1
ON CONFLICT (line_id) DO UPDATE
SET request_id = excluded.request_id, item_id = excluded.item_id, wanted = excluded.wanted
WHERE (kept.request_id, kept.item_id, kept.wanted) IS DISTINCT FROM (excluded.request_id, excluded.item_id, excluded.wanted);
RETURN NULL;
"""  # noqa: S608 - nothing given
_LINES_GONE = "DELETE FROM requests_linefigures kept USING old_rows gone WHERE kept.line_id = gone.id; RETURN NULL;"

_HELD = """
SELECT line_id, {sign}GREATEST(quantity - received - short, 0) AS step FROM {rows} WHERE state IN ('open', 'on_the_way')
"""
_COMMITMENTS = """
INSERT INTO requests_linefigures AS kept (line_id, request_id, item_id, wanted, promised)
SELECT line.id, line.request_id, line.item_id, {wanted}, changed.step
FROM (SELECT line_id, sum(step) AS step FROM ({{changed}}) steps GROUP BY line_id HAVING sum(step) <> 0) changed
JOIN requests_requestline line ON line.id = changed.line_id ORDER BY line.id
ON CONFLICT (line_id) DO UPDATE SET promised = kept.promised + excluded.promised;
RETURN NULL;
""".format(wanted=_OF_LINE.format(line="line"))  # noqa: S608 - nothing given
_CAME, _WENT = _HELD.format(sign="", rows="new_rows"), _HELD.format(sign="-", rows="old_rows")


def line_triggers() -> list[pgtrigger.Trigger]:
    """Triggers of the lines: their figures come, change and go with them."""
    return [
        _trigger("insert", pgtrigger.Insert, _LINES, new="new_rows"),
        _trigger("update", pgtrigger.Update, _LINES, new="new_rows"),
        _trigger("delete", pgtrigger.Delete, _LINES_GONE, old="old_rows"),
    ]


def commitment_triggers() -> list[pgtrigger.Trigger]:
    """Triggers of the commitments: what a statement changed is added to what stands, so that two at once both count.

    Rows are taken in the order of their key, so that two imports at once wait for each other and do not block each other.
    """
    both = f"{_CAME} UNION ALL {_WENT}"
    return [
        _trigger("insert", pgtrigger.Insert, _COMMITMENTS.format(changed=_CAME), new="new_rows"),
        _trigger("update", pgtrigger.Update, _COMMITMENTS.format(changed=both), new="new_rows", old="old_rows"),
        _trigger("delete", pgtrigger.Delete, _COMMITMENTS.format(changed=_WENT), old="old_rows"),
    ]


def _trigger(name: str, operation: pgtrigger.Operation, func: str, **rows: str) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name=f"figures_{name}", level=pgtrigger.Statement, when=pgtrigger.After, operation=operation,
        referencing=pgtrigger.Referencing(**rows), func=func,
    )  # fmt: skip
