"""Letting the public see what a run brought in, afterwards and at once: nobody looks at ten thousand reports one by one."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from komek.accounts.authority import NotAllowed, standing_of
from komek.records.actor import Actor, acting
from missing_persons.models import Moderation, Person, PfifRun, Report, RunState
from missing_persons.pfif.runs import batched
from missing_persons.pfif.translating import settle
from missing_persons.policies import sits_at_desk
from missing_persons.refreshing import refresh
from missing_persons.refusals import Refused

AT_ONCE = 500
SETTLED = ("consents_to_publish", "moderation", "moderated_at", "moderated_by", "updated_at")


def release_run(run: PfifRun, *, by: Actor) -> int:
    """Publish the run's reports that still wait; deaths and children alone go on waiting. Returns how many were published.

    What somebody looked at meanwhile stays as they decided. Stopped on the way, it can be done again. Raises Refused or NotAllowed.
    """
    if by.user is None or not sits_at_desk(standing_of(by.user, run.operation)):
        raise NotAllowed(
            _("Only registrars and coordinators of the whole operation publish another registry's records.")
        )
    if run.state not in (RunState.DONE, RunState.FAILED):
        raise Refused({"__all__": _("This import is not finished, or was taken back already.")})
    by = Actor(by.user, by.channel, by.name, by.reason, batch=f"pfif {run.pk}")
    published = 0
    keys = list(run.taken.exclude(report_id=None).order_by("report_id").values_list("report_id", flat=True).distinct())
    for some in batched(keys, AT_ONCE):
        with transaction.atomic(), acting(by):
            waiting = Report.objects.filter(pk__in=some, moderation=Moderation.WAITING, tombstoned_at=None)
            reports = list(waiting.select_for_update().order_by("pk"))
            now = timezone.now()
            for report in reports:
                settle(report, publishes=True, by_id=by.user.pk, now=now)
                report.updated_at = now
            Report.objects.bulk_update(reports, SETTLED)
            persons = {report.person_id for report in reports}
            refresh(Person.objects.select_for_update().filter(pk__in=persons).order_by("pk"))
            published += sum(1 for report in reports if report.moderation == Moderation.PUBLISHED)
    run.publishes = True
    run.save(update_fields=["publishes"])
    return published
