"""“Tell me when there is news”: a telephone or an e-mail address, confirmed by a code, ended by one press or one word."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from missing_persons.models import Person, Report, Subscription
from missing_persons.public.addresses import page_at, sealed, unsealed
from missing_persons.public.forms import line
from missing_persons.public.gate import pass_gate
from missing_persons.public.limits import STOP, asker_of, count_use
from missing_persons.public.pages import public_actor, public_page, show
from missing_persons.public.people import public_persons
from missing_persons.refusals import Refused
from missing_persons.subscribing import confirm, subscribe, unsubscribe


class TellForm(forms.Form):
    """One of the two is enough."""

    phone = line(
        gettext_lazy("Telephone for SMS"),
        gettext_lazy("With the country's number, such as +993 65 123456."),
        most=60,
        kind="tel",
    )
    email = line(gettext_lazy("Or e-mail"), most=254, kind="email")
    name = line(gettext_lazy("Your name"), most=200)
    relation = line(gettext_lazy("What you are to them"), gettext_lazy("Mother, brother, neighbour …"), most=100)


@require_http_methods(("GET", "HEAD", "POST"))
@public_page
def tell_me(http: HttpRequest, seal: str) -> HttpResponse:
    """Asks where to send news of a person who was found by name, or of one's own report."""
    person, report = _about(seal)
    if http.method != "POST":
        given = {"phone": report.reporter_phone, "email": report.reporter_email} if report else {}
        return _shown(http, TellForm(initial=given))
    if "in_language" in http.POST:
        return _shown(http, TellForm(initial=http.POST.dict()))
    form = TellForm(http.POST)
    if not form.is_valid():
        return _shown(http, form, status=422)
    passage = pass_gate(http, "tell", name=person.code)
    if not passage.is_open:
        return _shown(http, form, passage=passage, status=passage.status)
    try:
        made = subscribe(
            by=public_actor(), person=person, report=report, language=get_language() or "", **form.cleaned_data
        )
    except Refused as refusal:
        for name, faults in refusal.error_dict.items():
            form.add_error(name if name in form.fields else None, faults)
        return _shown(http, form, status=422)
    return HttpResponseRedirect(page_at("public_tell_code", sealed("told", made.pk)))


@require_http_methods(("GET", "HEAD", "POST"))
@public_page
def tell_code(http: HttpRequest, seal: str) -> HttpResponse:
    """Where the code that was sent is typed."""
    kept = Subscription.objects.select_related("person").filter(pk=unsealed("told", seal), ended_at=None).first()
    if kept is None:
        raise Http404(_("This was ended. You are not told any more."))
    context: dict[str, Any] = {"is_done": kept.confirmed_at is not None and not kept.code_hash}
    if http.method == "POST" and not context["is_done"]:
        if count_use("follow", asker_of(http)) == STOP:
            context["fault"] = _("That was wrong many times. Wait an hour, then try again.")
        elif confirm(by=public_actor(), subscription=kept, code=http.POST.get("code", "")):
            return HttpResponseRedirect(page_at("public_tell_code", seal))
        else:
            context["fault"] = _("That is not the code, or it is older than half an hour. Ask for a new one.")
    return show(http, "tell_code.html", context, status=422 if context.get("fault") else 200)


@require_http_methods(("GET", "HEAD", "POST"))
@public_page
def tell_no_more(http: HttpRequest, key: str) -> HttpResponse:
    """The link in each message: one press. Opened by a program that looks at links, it ends nothing."""
    is_done = http.method == "POST"
    if is_done:
        unsubscribe(by=public_actor(), stop_key=key)
    return show(http, "tell_no_more.html", {"is_done": is_done})


def _about(seal: str) -> tuple[Person, Report | None]:
    """The public person of a search's seal, or the person of one's own report; 404 for anything else."""
    try:
        person: Person | None = public_persons().filter(pk=unsealed("person", seal)).first()
        report = None
    except Http404:
        report = Report.objects.select_related("person").filter(pk=unsealed("follow", seal), tombstoned_at=None).first()
        person = report.person.current if report else None
    if person is None:
        raise Http404(_("Nothing is here. The address may be old or not whole; search again."))
    return person, report


def _shown(http: HttpRequest, form: Any, *, passage: Any = None, status: int = 200) -> HttpResponse:
    return show(http, "tell.html", {"form": form, "passage": passage, "form_id": "tell"}, status=status)
