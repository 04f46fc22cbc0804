"""How long files of other registries and what they changed are kept."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from komek.records.retention import DELETE, Retention, register_retention
from missing_persons.models import PfifFault, PfifRun, PfifTaken

BACK_WITHIN = timedelta(days=30)


def register() -> None:
    """Called once, when the app is ready."""
    why = _("A file of another registry is kept as long as its import may be taken back.")
    register_retention(Retention("missing_persons.pfif_file", PfifRun, BACK_WITHIN, "created_at", {"file": ""}, why))
    register_retention(Retention("missing_persons.pfif_taken", PfifTaken, BACK_WITHIN, "run__created_at", DELETE, why))
    register_retention(
        Retention(
            "missing_persons.pfif_fault",
            PfifFault,
            timedelta(days=180),
            "run__created_at",
            DELETE,
            _("What was wrong with a file may name people; whoever sent it was told by then."),
        )  # fmt: skip
    )
