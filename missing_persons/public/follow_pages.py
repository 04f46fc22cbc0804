"""Following a report by its code and key. Codes follow each other, so the code alone opens nothing.

A wrong key, a wrong code and a code nobody has give the same answer.
"""

from __future__ import annotations

from textwrap import wrap
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from komek.records.codes import MistypedCode, parse_code
from komek.web.following import is_key
from missing_persons.models import LOOKED_FOR, Moderation, NoteStatus, Report, ReportKind
from missing_persons.noting import add_note_by_public
from missing_persons.public.addresses import page_at, sealed
from missing_persons.public.forms import day_field, moment_of, words
from missing_persons.public.gate import pass_gate
from missing_persons.public.limits import STOP, asker_of, count_use
from missing_persons.public.pages import public_actor, public_page, show
from missing_persons.public.people import public_persons, status_words
from missing_persons.refusals import Refused
from missing_persons.reporting import correct_own_report

STAGES = {
    Moderation.WAITING: gettext_lazy("A registrar looks at your report. Until then nobody else sees it."),
    Moderation.HELD: gettext_lazy("A registrar looks at your report with care. Nobody else sees it."),
    Moderation.HIDDEN: gettext_lazy("Registrars work with your report; it cannot be found by others."),
}
NOT_MORE = "-"


class NewsForm(forms.Form):
    """What the reporter learnt since."""

    what = forms.ChoiceField(
        label=gettext_lazy("What do you know now?"), required=False,
        choices=(("", gettext_lazy("something to add")),
                 (NoteStatus.BELIEVED_ALIVE, gettext_lazy("the person is alive and safe")),
                 (NoteStatus.BELIEVED_MISSING, gettext_lazy("the person is still missing"))),
    )  # fmt: skip
    day = day_field(gettext_lazy("Since which day do you know it?"))
    text = words(gettext_lazy("In your words"), gettext_lazy("Only registrars read it."))

    def __init__(self, *arguments: Any, report: Report, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.report = report

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        day = cleaned.get("day")
        is_found = cleaned.get("what") == NoteStatus.BELIEVED_ALIVE and self.report.kind in LOOKED_FOR
        if is_found and day and moment_of(day).date() < self.report.occurred_at.date():
            self.add_error("day", _("The day found lies before the day since which they are missing. Check both."))
        if not self.errors and not cleaned.get("what") and not cleaned.get("text"):
            self.add_error("text", _("Write what you know."))
        return cleaned


@require_http_methods(("GET", "HEAD"))
@public_page
def follow(http: HttpRequest) -> HttpResponse:
    """Asks for code and key, or shows what became of the report."""
    code, key = http.GET.get("code", "").strip(), _key_in(http.GET)
    if not code and not key:
        return show(http, "follow_start.html")
    try:
        canonical = parse_code(code, "P")
    except MistypedCode as fault:
        return show(http, "follow_start.html", {"code": code, "key": key, "fault": str(fault)}, status=422)
    report = _report_of(canonical, key)
    if report is None:
        fault_words = _(
            "No report has this code and this key. Look at the message or the paper you got; both must be whole."
        )
        status = 404
        if count_use("follow", asker_of(http)) == STOP:
            fault_words, status = _("That was wrong many times. Wait an hour, then try again."), 429
        return show(http, "follow_start.html", {"code": code, "key": "", "fault": fault_words}, status=status)
    return _shown(http, report, NewsForm(report=report))


@require_http_methods(("POST",))
@public_page
def follow_answer(http: HttpRequest) -> HttpResponse:
    """The reporter adds news, or takes back that the report may be found."""
    report = _report_of(http.POST.get("code", ""), _key_in(http.POST))
    if report is None:
        raise Http404(_("Nothing is here. The address may be old or not whole; search again."))
    here = HttpResponseRedirect(page_at("public_follow", code=report.code, key=report.follow_key))
    if http.POST.get("answer") == "hide":
        correct_own_report(by=public_actor(_("who reported")), report=report, consents_to_publish=False)
        messages.success(http, _("Your report cannot be found by others any more. Registrars still work with it."))
        return here
    if "in_language" in http.POST:
        return _shown(http, report, NewsForm(initial=http.POST.dict(), report=report))
    form = NewsForm(http.POST, report=report)
    if not form.is_valid():
        return _shown(http, report, form, status=422)
    passage = pass_gate(http, "report")
    if not passage.is_open:
        return _shown(http, report, form, passage=passage, status=passage.status)
    given = form.cleaned_data
    when = {"occurred_at": moment_of(given["day"])} if given["day"] else {}
    try:
        add_note_by_public(
            by=public_actor(_("who reported")), person=report.person, report=report, status=given["what"],
            text=given["text"], reported_by=report.reported_by, **when,
        )  # fmt: skip
    except Refused as refusal:
        form.add_error(None, refusal.messages)
        return _shown(http, report, form, status=422)
    messages.success(http, _("Thank you. A registrar looks at it."))
    return here


def _shown(
    http: HttpRequest, report: Report, form: NewsForm, *, passage: Any = None, status: int = 200
) -> HttpResponse:
    person = report.person
    context = {
        "report": report, "code": report.code, "key": report.follow_key, "form": form, "passage": passage,
        "name": next((name.as_written for name in report.names.all()), ""),
        "stage": _("Your report can be found by who searches the name.")
        if report.moderation == Moderation.PUBLISHED else STAGES[Moderation(report.moderation)],
        "status": status_words(person) if public_persons().filter(pk=person.pk).exists() else "",
        "may_hide": report.consents_to_publish, "is_new": "new" in http.GET, "is_own": report.kind == ReportKind.SAFE,
        "form_id": "news" if http.method == "POST" else "", "key_parts": wrap(report.follow_key, 4),
        "tell_address": page_at("public_tell", sealed("follow", report.pk)),
    }  # fmt: skip
    return show(http, "follow.html", context, status=status)


def _key_in(given: Any) -> str:
    """As it stands on paper: with blanks between, perhaps in capitals."""
    return "".join(given.get("key", "").split()).lower()


def _report_of(code: str, key: str) -> Report | None:
    """The report with this code and key. The key is compared whether there is a report or not."""
    rows = Report.objects.select_related("person", "made_person", "operation").prefetch_related("names")
    report = rows.filter(made_person__code=code[:20], tombstoned_at=None).first()
    return report if is_key(key, report.follow_key if report else NOT_MORE) and report else None
