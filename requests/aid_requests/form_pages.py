"""Pages with forms about one request: asking, drafts, changing it, and its steps."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from aid_requests import endings, life_cycle
from aid_requests.asking import change_request, discard_draft, save_draft, submit_draft, submit_request
from aid_requests.claiming import claim, let_go
from aid_requests.false_reports import mark_false
from aid_requests.finding import found_request
from aid_requests.models import AidRequest, RequestState
from aid_requests.needs import contact_of
from aid_requests.request_forms import ForwardForm, ReasonForm, RequestForm
from aid_requests.steps import STEPS
from komek.accounts.authority import NotAllowed, visible
from komek.records.actor import Actor
from komek.records.codes import MistypedCode, parse_code
from komek.records.middleware import actor_of
from komek.web.context import standing
from komek.web.records import RecordForm, RecordFormView
from komek.web.rows import RowsFormView
from orgs.models import Site

TAKEN = {
    "verify": gettext_lazy("The request is verified."),
    "accept": gettext_lazy("The request is accepted."),
    "forward": gettext_lazy("The request is forwarded, and who asked is told."),
    "refuse": gettext_lazy("The request is refused, and who asked is told why."),
    "cancel": gettext_lazy("The request is cancelled."),
    "close": gettext_lazy("Receipt is confirmed and the request is closed."),
    "reopen": gettext_lazy("The request is open again."),
    "false": gettext_lazy("The report is marked as false."),
}


class _RequestFormView(RowsFormView):
    model = AidRequest
    form_class = RequestForm
    template_name = "aid_requests/request_form.html"

    @property
    def operation(self) -> Any:
        return self.request.operation or None  # type: ignore[attr-defined]

    @property
    def keeps_draft(self) -> bool:
        return self.request.POST.get("keep") == "draft"


class RequestAdd(_RequestFormView):
    """Ask for support, or keep a draft of it."""

    title = gettext_lazy("Ask for support")
    saved_message = gettext_lazy("The request is submitted. Whoever answers for it sees it now.")

    def initial(self) -> dict[str, Any]:
        mine = self.request.user.memberships.filter(organisation__operation=self.operation).first()  # type: ignore[union-attr]
        first = {
            "asked_by": mine.organisation if mine else None,
            "occurred_at": timezone.localtime().replace(second=0, microsecond=0),
            **contact_of(self.request.user),
        }
        return {**first, "site": self._site_asked_for()}

    def _site_asked_for(self) -> Site | None:
        try:
            code = parse_code(self.request.GET.get("site", ""), "CW")
        except MistypedCode:
            return None
        found: Site | None = visible(Site.objects.filter(code=code), standing(self.request)).first()
        return found

    def form_context(self, form: RecordForm) -> dict[str, Any]:
        return {**super().form_context(form), "may_keep_draft": True}

    def save_record(self, form: RecordForm, by: Actor) -> AidRequest:
        assert isinstance(form, RequestForm)
        lines, values = form.drafts(), form.values()
        if self.keeps_draft:
            self.saved_message = _("The draft is kept. Only you see it until you submit it.")  # type: ignore[misc]
            return save_draft(by=by, operation=self.operation, lines=lines, **values)
        return submit_request(
            by=by, operation=self.operation, lines=lines, confirmed=form.cleaned_data["confirmed"], **values
        )


class RequestChange(_RequestFormView):
    """Change a request or go on with a draft."""

    def record(self) -> AidRequest:
        return found_request(self.request, self.kwargs["code"])

    def heading(self) -> Any:
        return _("Change %(request)s") % {"request": self.kept}

    @property
    def is_draft(self) -> bool:
        return self.kept is not None and self.kept.state == RequestState.DRAFT

    def form_context(self, form: RecordForm) -> dict[str, Any]:
        return {**super().form_context(form), "may_keep_draft": self.is_draft}

    def save_record(self, form: RecordForm, by: Actor) -> AidRequest:
        assert isinstance(form, RequestForm) and self.kept is not None
        lines, values, sure = form.drafts(), form.values(), form.cleaned_data["confirmed"]
        if not self.is_draft:
            return change_request(
                by=by, operation=self.operation, request=self.kept, lines=lines, confirmed=sure, **values
            )
        draft = save_draft(by=by, operation=self.operation, request=self.kept, lines=lines, **values)
        if self.keeps_draft:
            return draft
        self.saved_message = _("The request is submitted. Whoever answers for it sees it now.")  # type: ignore[misc]
        return submit_draft(by=by, operation=self.operation, request=draft, confirmed=sure)


class RequestStepTaken(RecordFormView):
    """One step in the life of a request. A press on a button goes straight through; what needs a reason is asked first."""

    model = AidRequest
    template_name = "aid_requests/step_form.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if kwargs["step"] not in TAKEN:
            raise Http404
        self.form_class = ForwardForm if kwargs["step"] == "forward" else ReasonForm  # type: ignore[misc]
        return super().dispatch(request, *args, **kwargs)

    def record(self) -> AidRequest:
        return found_request(self.request, self.kwargs["code"])

    @property
    def step(self) -> str:
        return str(self.kwargs["step"])

    def heading(self) -> Any:
        title = _("Mark as a false report") if self.step == "false" else STEPS[self.step].title
        return f"{title}: {self.kept}"

    def form_context(self, form: RecordForm) -> dict[str, Any]:
        needs_reason = self.step == "false" or STEPS[self.step].needs_reason
        form.fields["reason"].required = needs_reason  # only for the word "optional"; the function asks for it
        return {"step": self.step, "button": STEPS[self.step].title if self.step in STEPS else _("Mark as false")}

    def lock_first(self) -> None:
        assert self.kept is not None
        endings.goods_first(request=self.kept)

    def save_record(self, form: RecordForm, by: Actor) -> AidRequest:
        assert self.kept is not None
        self.saved_message = TAKEN[self.step]  # type: ignore[misc]
        operation = self.request.operation or None  # type: ignore[attr-defined]
        if self.step == "false":
            return mark_false(by=by, operation=operation, request=self.kept, reason=form.cleaned_data["reason"])
        function: Any = getattr(life_cycle, self.step)
        taken: AidRequest = function(by=by, operation=operation, request=self.kept, **form.cleaned_data)
        return taken


@require_POST
@login_required
def claim_request(http: HttpRequest, code: str) -> HttpResponse:
    """Claim a request, take it over, or let go of it."""
    record = found_request(http, code)
    by, operation = actor_of(http), http.operation or None  # type: ignore[attr-defined]
    try:
        if http.POST.get("do") == "let_go":
            let_go(by=by, operation=operation, request=record)
            messages.success(http, _("Others may take this request now."))
        else:
            claim(by=by, operation=operation, request=record, take_over=http.POST.get("do") == "take_over")
            messages.success(http, _("You work on this request now. Others see it."))
    except ValidationError as refusal:
        messages.error(http, " ".join(refusal.messages))
    return redirect(record)


@require_POST
@login_required
def discard(http: HttpRequest, code: str) -> HttpResponse:
    """Throw a draft away."""
    record = found_request(http, code)
    try:
        discard_draft(by=actor_of(http), operation=http.operation or None, request=record)  # type: ignore[attr-defined]
    except (ValidationError, NotAllowed) as refusal:
        messages.error(http, " ".join(getattr(refusal, "messages", None) or [str(refusal)]))
        return redirect(record)
    messages.success(http, _("The draft is thrown away."))
    return HttpResponseRedirect(reverse("requests:requests"))
