"""Pages of the exchange with other registries: bring a file in, what became of it, take it back, and whose feeds are pulled."""

from __future__ import annotations

import csv
import logging
from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from komek.accounts.authority import NotAllowed, Standing
from komek.accounts.roles import MANAGERS
from komek.records.middleware import actor_of
from komek.records.spreadsheets import harmless
from komek.web.context import standing
from missing_persons.models import PfifFault, PfifRun, Repository, RunState
from missing_persons.pfif import tasks
from missing_persons.pfif.outcomes import outcomes
from missing_persons.pfif.pulling import keep_repository
from missing_persons.pfif.records import Fault
from missing_persons.pfif.releasing import release_run
from missing_persons.pfif.runs import actor_of_run, begin_run, carry_out, own_domain
from missing_persons.pfif.sentences import sentence
from missing_persons.policies import sits_at_desk
from missing_persons.refusals import Refused

log = logging.getLogger(__name__)

AT_ONCE_BELOW = 256 * 1024  # bytes; larger files are brought in by the worker
SHOWN = 100
RELEASED_AT_ONCE = 500


class FileForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("File"), help_text=gettext_lazy("PFIF 1.1 to 1.4, or a feed of it, as XML.")
    )
    domain = forms.CharField(
        label=gettext_lazy("Domain of the registry it comes from"),
        help_text=gettext_lazy(
            "What stands before the slash in the numbers of its records, such as people.example.org."
        ),
        max_length=253,
    )
    passes_on = forms.BooleanField(
        label=gettext_lazy("It hands on records of other registries too"),
        help_text=gettext_lazy("These are taken, but never change what came from their home."),
        required=False,
    )
    publishes = forms.BooleanField(
        label=gettext_lazy("The public may see these records"),
        help_text=gettext_lazy("Deaths and children alone wait for a protection officer all the same."),
        required=False,
    )


class RepositoryForm(forms.ModelForm):  # type: ignore[type-arg]
    persons_url = forms.URLField(
        label=gettext_lazy("Address of its feed of persons"), required=False, assume_scheme="https"
    )
    notes_url = forms.URLField(
        label=gettext_lazy("Address of its feed of notes"), required=False, assume_scheme="https"
    )

    class Meta:
        model = Repository
        fields = ("name", "domain", "persons_url", "notes_url", "access_key", "passes_on", "publishes", "is_pulled")
        widgets = {"access_key": forms.PasswordInput(render_value=False, attrs={"autocomplete": "off"})}

    def validate_unique(self) -> None:
        """``keep_repository`` says it."""

    def validate_constraints(self) -> None:
        """``keep_repository`` says it."""


@login_required
@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """Bring a file in; earlier imports; the registries whose feeds are pulled."""
    whose = _at_desk(request)
    form = FileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data.pop("file")
        try:
            run = begin_run(
                by=actor_of(request), operation=_operation(request), file_name=file.name, file=file, **form.cleaned_data
            )
        except Refused as refused:
            _say(form, refused)
        else:
            _begin(run, file.size)
            return redirect(run)
    runs = PfifRun.objects.filter(operation=_operation(request)).select_related("owner", "repository")
    repositories = Repository.objects.filter(operation=_operation(request))
    context = {
        "form": form, "runs": runs[:30], "repositories": repositories, "may_change": _coordinates(whose),
        "own_domain": own_domain(), "operation_slug": getattr(_operation(request), "slug", ""),
    }  # fmt: skip
    return render(request, "missing_persons/pfif/index.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
def repository(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Write down or change another registry."""
    whose = _at_desk(request)
    if not _coordinates(whose):
        raise NotAllowed(_("Only coordinators decide which other registries are pulled."))
    known = get_object_or_404(Repository, pk=pk, operation=_operation(request)) if pk else None
    form = RepositoryForm(request.POST or None, instance=known or Repository())
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        if known is not None and not given["access_key"]:
            given.pop("access_key")  # left empty: it stays, since it is not shown
        kept = get_object_or_404(Repository, pk=known.pk) if known else None
        try:
            keep_repository(by=actor_of(request), operation=_operation(request), repository=kept, **given)
        except Refused as refused:
            _say(form, refused)
        else:
            messages.success(request, _("Saved."))
            return redirect("missing_persons:pfif")
    context = {"form": form, "known": known}
    return render(request, "missing_persons/pfif/repository.html", context, status=422 if form.errors else 200)


@login_required
@require_GET
def run_page(request: HttpRequest, pk: int) -> HttpResponse:
    """What became of an import, and what was wrong with it by line."""
    run = _run(request, pk)
    if request.headers.get("HX-Target") == "progress":
        if not run.is_running:
            return HttpResponse(status=204, headers={"HX-Refresh": "true"})
        return render(request, "missing_persons/pfif/progress.html", {"run": run})
    page = Paginator(run.faults.all(), SHOWN).get_page(request.GET.get("page"))
    for fault in page.object_list:
        fault.said = said(fault)  # type: ignore[attr-defined]
    may_reverse = run.state in (RunState.DONE, RunState.FAILED) and run.taken.exists()
    context = {
        "run": run, "outcomes": outcomes(run), "page": page, "may_reverse": may_reverse,
        "may_release": may_reverse and not run.publishes, "may_go_on": run.state == RunState.FAILED and bool(run.file),
    }  # fmt: skip
    return render(request, "missing_persons/pfif/run.html", context)


@login_required
@require_GET
def faults(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """All that was wrong, as CSV, for whoever made the file."""
    run = _run(request, pk)

    def lines() -> Iterator[str]:
        writer = csv.writer(_Echo())
        yield "\ufeff" + str(writer.writerow([_("line"), _("record"), _("left out"), _("what is wrong")]))
        for fault in run.faults.iterator():
            is_lost = _("yes") if fault.is_lost else _("no")
            yield str(
                writer.writerow(harmless(cell) for cell in (str(fault.line), fault.record_id, is_lost, said(fault)))
            )

    answer = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="pfif-{run.pk}.csv"'
    return answer


@login_required
@require_POST
def reverse(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an import back, in the background."""
    run = _run(request, pk)
    if run.state in (RunState.DONE, RunState.FAILED):
        PfifRun.objects.filter(pk=run.pk).update(state=RunState.REVERSING)
        tasks.start(run)
    else:
        messages.warning(request, _("This import is not finished, or was taken back already."))
    return redirect(run)


@login_required
@require_POST
def release(request: HttpRequest, pk: int) -> HttpResponse:
    """Let the public see what an import brought in: a few at once, many in the background."""
    run = _run(request, pk)
    if run.taken.count() <= RELEASED_AT_ONCE:
        try:
            published = release_run(run, by=actor_of(request))
        except Refused as refused:
            messages.warning(request, " ".join(refused.messages))
        else:
            said_so = ngettext("%(n)d record is published.", "%(n)d records are published.", published)
            messages.success(request, said_so % {"n": published})
    else:
        tasks.start_release(run, request.user.pk)
        messages.success(request, _("The records are being published. This takes a while; you may leave this page."))
    return redirect(run)


@login_required
@require_POST
def go_on(request: HttpRequest, pk: int) -> HttpResponse:
    """Go on with an import that stopped."""
    run = _run(request, pk)
    if run.state == RunState.FAILED and run.file:
        PfifRun.objects.filter(pk=run.pk).update(state=RunState.WAITING)
        tasks.start(run)
    return redirect(run)


def said(fault: PfifFault) -> str:
    """The fault in words."""
    return sentence(Fault(fault.line, fault.kind, fault.values))


class _Echo:
    def write(self, text: str) -> str:
        return text


def _begin(run: PfifRun, size: int) -> None:
    """Small files at once, others by the worker."""
    if size >= AT_ONCE_BELOW:
        tasks.start(run)
        return
    try:
        carry_out(run, by=actor_of_run(run))
    except Exception:  # noqa: BLE001 - the run's page says it, which is more than an error page could
        log.exception("import %s of another registry's records stopped", run.pk)


def _at_desk(request: HttpRequest) -> Standing:
    whose = standing(request)
    if not sits_at_desk(whose):
        raise NotAllowed(
            _("Only registrars and coordinators of the whole operation exchange records with other registries.")
        )
    return whose


def _coordinates(whose: Standing) -> bool:
    return bool(whose.runs_installation or whose.holds(*MANAGERS))


def _operation(request: HttpRequest) -> Any:
    return request.operation or None  # type: ignore[attr-defined]


def _run(request: HttpRequest, pk: int) -> PfifRun:
    _at_desk(request)
    return get_object_or_404(
        PfifRun.objects.select_related("owner", "repository"), pk=pk, operation=_operation(request)
    )


def _say(form: Any, refused: ValidationError) -> None:
    for name, sentences in refused.message_dict.items():
        form.add_error(name if name in form.fields else None, sentences)
