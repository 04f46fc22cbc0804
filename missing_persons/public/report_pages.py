"""Reporting somebody missing, somebody found, oneself safe; saving such a form and going on with it later.

Nothing typed is lost, whatever is wrong: a fault, a question to answer, another language, a photo that came with a faulty form.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from komek.web.pictures import UnusablePicture
from missing_persons.checking import LONGEST_NAME
from missing_persons.models import PublicDraft
from missing_persons.photos import ReadyPhoto, keep_photo, made_ready
from missing_persons.public.addresses import page_at
from missing_persons.public.drafts import draft_of, drop_draft, photo_in, save_draft
from missing_persons.public.forms import FORMS, PublicReportForm
from missing_persons.public.gate import Passage, pass_gate
from missing_persons.public.pages import operation_of, public_actor, public_page, show
from missing_persons.refusals import Refused
from missing_persons.reporting import report_by_public


@require_http_methods(("GET", "HEAD", "POST"))
@public_page
def report(http: HttpRequest, which: str) -> HttpResponse:
    """One of the three forms. which: a key of ``FORMS``."""
    if which not in FORMS:
        raise Http404
    if http.method != "POST":
        # Who comes from an entry need not type its name.
        return _shown(http, which, FORMS[which](initial={"name": http.GET.get("name", "")[:LONGEST_NAME]}))
    if "in_language" in http.POST:
        return _shown(http, which, FORMS[which](initial=http.POST.dict()), photo=_photo_if_any(http))
    if "save" in http.POST:
        return _saved(http, which)
    return _sent(http, which)


@require_http_methods(("GET", "HEAD"))
@public_page
def draft(http: HttpRequest, token: str) -> HttpResponse:
    """A form that was saved, as it was left. The link is the only key to it."""
    kept = draft_of(token)
    if kept is None or kept.form not in FORMS:
        raise Http404(_("No form is kept here. Forms that were not sent are deleted after a week."))
    form = FORMS[kept.form](initial={**kept.values, "draft": token})
    return _shown(http, kept.form, form, link=page_at("public_draft", token))


def _sent(http: HttpRequest, which: str) -> HttpResponse:
    form = FORMS[which](http.POST, http.FILES)
    earlier = draft_of(http.POST.get("draft", ""))
    photo = _photo(http, form)
    if not form.is_valid():
        return _shown(http, which, form, photo=photo, status=422)
    # Sent twice over a bad line it is one report; only what is new is counted.
    passage = pass_gate(http, "report", name=form.cleaned_data.get("name", ""))
    if not passage.is_open:
        return _shown(http, which, form, passage=passage, photo=photo, status=passage.status)
    try:
        made = _store(http, form, photo or photo_in(earlier), earlier)
    except Refused as refusal:
        form.add_refusal(refusal)
        return _shown(http, which, form, photo=photo, status=422)
    return HttpResponseRedirect(page_at("public_follow", code=made.code, key=made.follow_key, new="1"))


@transaction.atomic
def _store(http: HttpRequest, form: PublicReportForm, photo: ReadyPhoto | None, earlier: PublicDraft | None) -> Any:
    """The report, its photo, and no draft any more: all or nothing."""
    by = public_actor()
    made = report_by_public(
        by=by, operation=operation_of(http), kind=form.report_kind(), names=form.names(), entry_id=form.entry_id(),
        **form.values(),
    )  # fmt: skip
    if photo is not None:
        keep_photo(by=by, report=made, ready=photo, is_public_agreed=bool(form.cleaned_data.get("photo_agreed")))
    drop_draft(earlier)
    return made


def _saved(http: HttpRequest, which: str) -> HttpResponse:
    form = FORMS[which](initial=http.POST.dict())
    passage = pass_gate(http, "draft")
    if not passage.is_open:
        return _shown(http, which, form, passage=passage, status=passage.status)
    try:
        token = save_draft(
            form=which, operation=operation_of(http), values=_typed(http), photo=_photo_if_any(http),
            token=http.POST.get("draft", ""),
        )  # fmt: skip
    except Refused as refusal:
        return _shown(http, which, form, sentence=" ".join(refusal.messages), status=422)
    return HttpResponseRedirect(page_at("public_draft", token, saved="1"))


def _shown(
    http: HttpRequest, which: str, form: PublicReportForm, *, passage: Passage | None = None, link: str = "",
    photo: ReadyPhoto | None = None, sentence: str = "", status: int = 200,
) -> HttpResponse:  # fmt: skip
    """The form again. A photo that came with it is kept meanwhile, because no browser sends a file twice by itself."""
    has_photo = photo is not None
    token = http.POST.get("draft", "") or form.initial.get("draft", "")
    if photo is not None:
        try:
            token = save_draft(form=which, operation=operation_of(http), values=_typed(http), photo=photo, token=token)
        except Refused:
            has_photo = False
    elif (kept := draft_of(token)) is not None:
        has_photo = bool(kept.photo.name)
    context = {
        "form": form, "which": which, "passage": passage, "link": link, "has_photo": has_photo, "sentence": sentence,
        "draft_token": token, "form_id": "report", "is_saved": "saved" in http.GET,
        "entry": (form["entry"].value() or ""),
    }  # fmt: skip
    return show(http, "report.html", context, status=status)


def _typed(http: HttpRequest) -> dict[str, str]:
    return {name: http.POST[name] for name in http.POST if isinstance(http.POST[name], str)}


def _photo(http: HttpRequest, form: PublicReportForm) -> ReadyPhoto | None:
    """The photo that was sent; a sentence at its field when it is none."""
    picture = http.FILES.get("photo")
    if picture is None or "photo" not in form.fields:
        return None
    try:
        return made_ready(picture)
    except UnusablePicture as refusal:
        form.add_error("photo", str(refusal))
        return None


def _photo_if_any(http: HttpRequest) -> ReadyPhoto | None:
    """The same where the form is only put aside: what is no photo is told when it is sent."""
    try:
        return made_ready(http.FILES["photo"]) if "photo" in http.FILES else None
    except UnusablePicture:
        return None
