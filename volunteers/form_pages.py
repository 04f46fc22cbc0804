"""Pages with forms about one pledge: writing it down, changing it, and its steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from komek.accounts.authority import Action, NotAllowed, require
from komek.records.actor import Actor
from komek.records.middleware import actor_of
from komek.supplies.models import plain
from komek.web.context import standing
from komek.web.records import RecordForm, RecordFormView
from volunteers import life_cycle
from volunteers.finding import found_pledge
from volunteers.models import Pledge, PledgeUse
from volunteers.moving import free_of
from volunteers.notices import language_of, thanks_for
from volunteers.offering import change_pledge, make_pledge, name_item
from volunteers.pledge_forms import (
    CommitForm,
    NameItemForm,
    PledgeForm,
    ReasonForm,
    ReceiveForm,
    SendForm,
    ThankForm,
    UseForm,
)
from volunteers.promising import promise_pledge
from volunteers.steps import STEPS
from volunteers.uses import release_use


class _PledgePage(RecordFormView):
    model = Pledge
    template_name = "volunteers/pledge_form.html"
    form_class = PledgeForm

    @property
    def operation(self) -> Any:
        return self.request.operation or None  # type: ignore[attr-defined]


class PledgeAdd(_PledgePage):
    """Write down what somebody offers."""

    title = gettext_lazy("Write down a pledge")
    saved_message = gettext_lazy("The pledge is written down.")

    def initial(self) -> dict[str, Any]:
        return {"occurred_at": timezone.localtime().replace(second=0, microsecond=0)}

    def save_record(self, form: RecordForm, by: Actor) -> Pledge:
        assert isinstance(form, PledgeForm)
        return make_pledge(by=by, operation=self.operation, confirmed=form.cleaned_data["confirmed"], **form.values())


class PledgeChange(_PledgePage):
    def record(self) -> Pledge:
        return found_pledge(self.request, self.kwargs["code"])

    def heading(self) -> Any:
        return _("Change %(pledge)s") % {"pledge": self.kept}

    def save_record(self, form: RecordForm, by: Actor) -> Pledge:
        assert isinstance(form, PledgeForm) and self.kept is not None
        return change_pledge(
            by=by, operation=self.operation, pledge=self.kept, confirmed=form.cleaned_data["confirmed"],
            **form.values(),
        )  # fmt: skip


@dataclass(frozen=True)
class StepPage:
    """How a step is asked for: its form, its function, what is said when it is done, and what stands above the form."""

    form: type[RecordForm]
    act: Callable[..., Any]
    done: Any
    about: Any = ""


STEP_PAGES: Mapping[str, StepPage] = {
    "accept": StepPage(ReasonForm, life_cycle.accept, gettext_lazy("The pledge is accepted, and the donor is told.")),
    "decline": StepPage(
        ReasonForm, life_cycle.decline, gettext_lazy("The offer is declined, and the donor is told why."),
        gettext_lazy("The donor reads your reason. Thank them, and say why it cannot be taken."),
    ),
    "keep": StepPage(
        ReasonForm, life_cycle.keep_for_later, gettext_lazy("The offer is kept for later, and the donor is told."),
        gettext_lazy("It stays in the list of offers kept. The donor reads that it is welcome, though not now."),
    ),
    "withdraw": StepPage(ReasonForm, life_cycle.withdraw, gettext_lazy("The pledge is withdrawn.")),
    "send": StepPage(SendForm, life_cycle.send, gettext_lazy("It is on its way, and whoever asked for it is told.")),
    "receive": StepPage(ReceiveForm, life_cycle.receive, gettext_lazy("What came is written down.")),
    "use": StepPage(UseForm, life_cycle.note_use, gettext_lazy("What became of it is written down.")),
    "thank": StepPage(ThankForm, life_cycle.thank, gettext_lazy("The donor is thanked.")),
}  # fmt: skip


class PledgeStepTaken(_PledgePage):
    """One step in the life of a pledge. A press on a button goes straight through; what needs words is asked first."""

    template_name = "volunteers/step_form.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if kwargs["step"] not in STEP_PAGES:
            raise Http404
        self.page = STEP_PAGES[kwargs["step"]]
        self.form_class = self.page.form  # type: ignore[misc]
        return super().dispatch(request, *args, **kwargs)

    def record(self) -> Pledge:
        return found_pledge(self.request, self.kwargs["code"])

    def heading(self) -> Any:
        return f"{STEPS[self.kwargs['step']].title}: {self.kept}"

    def initial(self) -> dict[str, Any]:
        assert self.kept is not None
        if self.form_class is ThankForm:
            with translation.override(language_of(self.kept)):
                return {"words": thanks_for(self.kept)}
        if self.form_class is UseForm:
            return {"quantity": plain(self.kept.received - self.kept.used)}
        part = {"use": self.request.GET.get("use", "")[:20]}
        if self.form_class is ReceiveForm:
            return {"at": timezone.localtime().replace(second=0, microsecond=0), "quantity": "", **part}
        return {"quantity": "", **part}

    def form_context(self, form: RecordForm) -> dict[str, Any]:
        assert self.kept is not None
        step = self.kwargs["step"]
        if "reason" in form.fields:
            form.fields["reason"].required = STEPS[step].needs_reason  # only for the word "optional"
        return {
            "step": step, "button": STEPS[step].title, "about": self.page.about, "free": free_of(self.kept),
            "asks": getattr(form, "asks", False),
        }  # fmt: skip

    def save_record(self, form: RecordForm, by: Actor) -> Pledge:
        assert self.kept is not None
        self.saved_message = self.page.done  # type: ignore[misc]
        self.page.act(by=by, operation=self.operation, pledge=self.kept, **form.cleaned_data)
        return self.kept  # type: ignore[no-any-return]


class PledgeCommit(_PledgePage):
    """Promise a part of a pledge to a need."""

    template_name = "volunteers/step_form.html"
    form_class = CommitForm
    saved_message = gettext_lazy("It is promised, and the donor is told.")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not request.user.is_authenticated:
            return self.handle_no_permission()
        self.kept = found_pledge(request, kwargs["code"])
        require(standing(request), Action.ADD, PledgeUse)
        return super(RecordFormView, self).dispatch(request, *args, **kwargs)

    def heading(self) -> Any:
        return _("Promise a part of %(pledge)s") % {"pledge": self.kept}

    def initial(self) -> dict[str, Any]:
        assert self.kept is not None
        until = timezone.localtime() + timedelta(days=3)
        return {
            "quantity": plain(free_of(self.kept)), "until": until.replace(second=0, microsecond=0),
            "reference": self.request.GET.get("for", "")[:200],
        }  # fmt: skip

    def form_context(self, form: RecordForm) -> dict[str, Any]:
        assert self.kept is not None
        return {"button": _("Promise"), "free": free_of(self.kept), "step": "commit"}

    def save_record(self, form: RecordForm, by: Actor) -> Pledge:
        assert self.kept is not None
        promise_pledge(by=by, operation=self.operation, pledge=self.kept, **form.cleaned_data)
        return self.kept  # type: ignore[no-any-return]


class PledgeItem(_PledgePage):
    """Say which item of the catalogue an offer in free words means."""

    template_name = "volunteers/step_form.html"
    form_class = NameItemForm
    saved_message = gettext_lazy("The item is named.")

    def record(self) -> Pledge:
        return found_pledge(self.request, self.kwargs["code"])

    def heading(self) -> Any:
        return _("Which item is “%(words)s”?") % {"words": self.kept.description if self.kept else ""}

    def form_context(self, form: RecordForm) -> dict[str, Any]:
        return {"button": _("Save"), "step": "item"}

    def save_record(self, form: RecordForm, by: Actor) -> Pledge:
        assert self.kept is not None
        return name_item(by=by, operation=self.operation, pledge=self.kept, **form.cleaned_data)


@require_POST
@login_required
def use_released(http: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Give a promised part back."""
    pledge = found_pledge(http, code)
    use = get_object_or_404(PledgeUse, pledge=pledge, pk=pk)
    try:
        release_use(by=actor_of(http), operation=http.operation or None, use=use, reason=_("given back"))  # type: ignore[attr-defined]
        messages.success(http, _("This part is free again."))
    except (ValidationError, NotAllowed) as refusal:
        messages.error(http, " ".join(getattr(refusal, "messages", None) or [str(refusal)]))
    return redirect(pledge)
