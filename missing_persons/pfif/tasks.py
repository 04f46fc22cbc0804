"""Bringing in, pulling and taking back by themselves, in the background."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from komek.records.actor import Actor, Channel
from missing_persons.models import PfifRun, Repository, RunState
from missing_persons.pfif.pulling import pull
from missing_persons.pfif.releasing import release_run
from missing_persons.pfif.reversing import reverse_run
from missing_persons.pfif.runs import actor_of_run, carry_out

SILENT_FOR = timedelta(minutes=3)


@app.task(name="missing_persons.pfif_run", retry=3)
def work_on_run(run_id: int) -> None:
    """Bring a file in, or take it back; a retry goes on where the last try stopped."""
    run = PfifRun.objects.select_related("operation", "owner").get(pk=run_id)
    if run.state == RunState.REVERSING:
        reverse_run(run, by=Actor(user=None, channel=Channel.COMMAND, name="Komek"))
    elif run.state in (RunState.WAITING, RunState.RUNNING, RunState.FAILED):
        carry_out(run, by=actor_of_run(run))


@app.task(name="missing_persons.pfif_release", retry=3)
def work_on_release(run_id: int, user_id: int) -> None:
    """Publish what a large run brought in."""
    run = PfifRun.objects.select_related("operation").get(pk=run_id)
    if not run.publishes and run.state in (RunState.DONE, RunState.FAILED):
        release_run(run, by=Actor(user=get_user_model().objects.get(pk=user_id), channel=Channel.BROWSER))


def start_release(run: PfifRun, user_id: int) -> None:
    """Let the worker publish a run's records."""
    task = work_on_release.configure(queueing_lock=f"pfif release {run.pk}", lock=f"pfif run {run.pk}")
    with suppress(AlreadyEnqueued), transaction.atomic():
        task.defer(run_id=run.pk, user_id=user_id)


def start(run: PfifRun) -> None:
    """Let the worker take a run up."""
    with suppress(AlreadyEnqueued), transaction.atomic():
        work_on_run.configure(queueing_lock=f"pfif run {run.pk}", lock=f"pfif run {run.pk}").defer(run_id=run.pk)


@app.task(name="missing_persons.pfif_pull")
def pull_repository(repository_id: int) -> None:
    """One pull of one registry."""
    repository = Repository.objects.select_related("operation").filter(pk=repository_id, is_pulled=True).first()
    if repository is not None and repository.operation.ended_at is None:
        pull(repository)


@app.periodic(cron="*/5 * * * *")
@app.task(name="missing_persons.pfif_pull_all", queueing_lock="missing_persons.pfif_pull_all", pass_context=False)
def pull_all(timestamp: int) -> None:
    """Every five minutes: what is new at the other registries."""
    for pk in Repository.objects.filter(is_pulled=True, operation__ended_at=None).values_list("pk", flat=True):
        with suppress(AlreadyEnqueued), transaction.atomic():
            pull_repository.configure(queueing_lock=f"pfif pull {pk}", lock=f"pfif pull {pk}").defer(repository_id=pk)


@app.periodic(cron="* * * * *")
@app.task(name="missing_persons.pfif_go_on", queueing_lock="missing_persons.pfif_go_on", pass_context=False)
def go_on(timestamp: int) -> None:
    """Every minute: runs of files that nobody works on any more."""
    go_on_with_stopped()


def go_on_with_stopped(now: datetime | None = None) -> int:
    """Take up runs that a crash or a power cut stopped; returns how many."""
    states = (RunState.WAITING, RunState.RUNNING, RunState.REVERSING)
    silent = PfifRun.objects.filter(state__in=states, beat_at__lt=(now or timezone.now()) - SILENT_FOR)
    stopped = list(silent.filter(repository=None).exclude(file="", state__in=(RunState.WAITING, RunState.RUNNING)))
    for run in stopped:
        run.beat_at = timezone.now()
        run.save(update_fields=["beat_at"])
        start(run)
    return len(stopped)
