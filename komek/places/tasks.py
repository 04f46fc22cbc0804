"""Checking, loading and comparing large editions in the background."""

from __future__ import annotations

from django.apps import apps
from procrastinate.contrib.django import app

from komek.accounts.models import User
from komek.places.boundary_uploads import check_upload, load_upload
from komek.places.comparing import compare_generations
from komek.places.models import BoundaryUpload, Comparison
from komek.records.actor import Actor, Channel
from komek.records.queues import LONG


@app.task(name="places.check_boundaries", queue=LONG, retry=3)
def check_boundaries(upload_id: int) -> None:
    """The dry run of large files."""
    check_upload(BoundaryUpload.objects.get(pk=upload_id))


@app.task(name="places.load_boundaries", queue=LONG, retry=3)
def load_boundaries(upload_id: int) -> None:
    """Load large files; all or nothing, so a retry starts anew."""
    load_upload(BoundaryUpload.objects.get(pk=upload_id))


@app.task(name="places.compare", queue=LONG, retry=3)
def compare(comparison_id: int, user_id: int, operation_id: int | None) -> None:
    """Compare two large editions for whoever asked."""
    comparison = Comparison.objects.select_related("before", "after").get(pk=comparison_id)
    user = User.objects.get(pk=user_id)
    operation = apps.get_model("operations", "Operation").objects.filter(pk=operation_id).first()
    compare_generations(
        by=Actor(user=user, channel=Channel.BROWSER, name=str(user)), operation=operation, before=comparison.before,
        after=comparison.after,
    )  # fmt: skip
