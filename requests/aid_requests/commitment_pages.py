"""Pages to promise by word, to give a promise back or prolong it, and to write down what came."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aid_requests.commitment_forms import CommitForm, ReceiptForm, UntilForm, in_days, promise_in_words
from aid_requests.committing import USUAL_HOLD, commit, lock_promise, prolong, release
from aid_requests.finding import found_request
from aid_requests.models import HOLDING, AidRequest, Commitment, Receipt, RequestLine
from aid_requests.needed import held_by, still_needed
from aid_requests.receipts import record_receipt, take_back_receipt
from aid_requests.request_forms import NeededReasonForm
from komek.accounts.authority import every_grant
from komek.records.actor import Actor
from komek.supplies.models import plain
from komek.web.records import RecordForm, RecordFormView
from orgs.models import Organisation


class _OnRequest(RecordFormView):
    """A form about something of a request; leads back to the request's page."""

    template_name = "aid_requests/commitment_form.html"
    button: Any = gettext_lazy("Save")

    @property
    def operation(self) -> Any:
        return self.request.operation or None  # type: ignore[attr-defined]

    def found(self) -> AidRequest:
        self.aid_request = found_request(self.request, self.kwargs["code"])
        return self.aid_request

    def found_line(self) -> RequestLine:
        rows = RequestLine.objects.select_related("item__unit")
        self.line = get_object_or_404(rows, pk=self.kwargs["pk"], request=self.found())
        self.line.request = self.aid_request
        return self.line

    def form_context(self, form: RecordForm) -> dict[str, Any]:
        return {"request_record": self.aid_request, "button": self.button}


class CommitmentAdd(_OnRequest):
    model = Commitment
    form_class = CommitForm
    saved_message = gettext_lazy("The promise is written down.")
    button = gettext_lazy("Promise")

    def record(self) -> None:
        self.found_line()

    def initial(self) -> dict[str, Any]:
        own = {grant.organisation_id for grant in every_grant(self.request.user)} - {None}
        first = Organisation.objects.filter(pk=min(own)).first() if len(own) == 1 else None
        return {"quantity": plain(still_needed(self.line)), "until": in_days(3), "organisation": first}

    def heading(self) -> str:
        return _("Promise for: %(line)s") % {"line": self.line}

    def form_context(self, form: RecordForm) -> dict[str, Any]:
        return {**super().form_context(form), "line": self.line, "needed": still_needed(self.line)}

    def save_record(self, form: RecordForm, by: Actor) -> AidRequest:
        values = {**form.cleaned_data, "contact_phone": str(form.cleaned_data["contact_phone"] or "")}
        commit(by=by, operation=self.operation, line=self.line, **values)
        return self.aid_request


class ReceiptAdd(_OnRequest):
    model = AidRequest
    form_class = ReceiptForm
    saved_message = gettext_lazy("What came is counted.")

    def record(self) -> AidRequest:
        record = self.found_line().request
        self.request.receipt_line = self.line  # type: ignore[attr-defined]
        return record

    def initial(self) -> dict[str, Any]:
        chosen = next((one for one in self._holding if str(one.pk) == self.request.GET.get("of")), None)
        if chosen is None and len(self._holding) == 1:
            (chosen,) = self._holding
        quantity = held_by(chosen) if chosen is not None else still_needed(self.line)
        moment = timezone.localtime().replace(second=0, microsecond=0)
        return {
            "quantity": plain(quantity), "commitment": chosen, "occurred_at": moment, "confirmed_by": self.request.user,
            "is_last": True,
        }  # fmt: skip

    @property
    def _holding(self) -> list[Commitment]:
        return list(self.line.commitments.filter(state__in=HOLDING).select_related("organisation", "line"))

    def heading(self) -> str:
        return _("What came of: %(line)s") % {"line": self.line}

    def form_context(self, form: RecordForm) -> dict[str, Any]:
        return {**super().form_context(form), "line": self.line, "needed": still_needed(self.line)}

    def save_record(self, form: RecordForm, by: Actor) -> AidRequest:
        values = dict(form.cleaned_data)
        values["occurred_at"] = values["occurred_at"] or None
        record_receipt(by=by, operation=self.operation, line=self.line, **values)
        return self.aid_request


class _OnCommitment(_OnRequest):
    model = Commitment

    def record(self) -> Commitment:
        rows = Commitment.objects.select_related("line__item", "organisation", "operation")
        found = get_object_or_404(rows, pk=self.kwargs["pk"], line__request=self.found())
        found.line.request = self.aid_request
        return found

    def lock_first(self) -> None:
        assert self.kept is not None
        lock_promise(self.kept)


class CommitmentRelease(_OnCommitment):
    form_class = NeededReasonForm
    saved_message = gettext_lazy("The promise is given back, and who is concerned is told.")
    button = gettext_lazy("Give back")

    def heading(self) -> str:
        return _("Give back a promise: %(promise)s") % {"promise": promise_in_words(self.kept)}

    def save_record(self, form: RecordForm, by: Actor) -> AidRequest:
        assert self.kept is not None
        release(by=by, operation=self.operation, commitment=self.kept, reason=form.cleaned_data["reason"])
        return self.aid_request


class CommitmentProlong(_OnCommitment):
    form_class = UntilForm
    saved_message = gettext_lazy("The promise holds longer.")
    button = gettext_lazy("Prolong")

    def initial(self) -> dict[str, Any]:
        assert self.kept is not None
        later = timezone.localtime(self.kept.until + USUAL_HOLD).replace(second=0, microsecond=0)
        return {"until": max(later, in_days(3))}

    def heading(self) -> str:
        return _("Prolong a promise: %(promise)s") % {"promise": promise_in_words(self.kept)}

    def form_context(self, form: RecordForm) -> dict[str, Any]:
        return {**super().form_context(form), "holds_until": self.kept and self.kept.until}

    def save_record(self, form: RecordForm, by: Actor) -> AidRequest:
        assert self.kept is not None
        prolong(by=by, operation=self.operation, commitment=self.kept, until=form.cleaned_data["until"])
        return self.aid_request


class ReceiptTakeBack(_OnRequest):
    model = AidRequest
    form_class = NeededReasonForm
    saved_message = gettext_lazy("This receipt counts no more.")
    button = gettext_lazy("Take back")

    def record(self) -> AidRequest:
        found = self.found()
        rows = Receipt.objects.select_related("line__item")
        self.receipt = get_object_or_404(rows, pk=self.kwargs["pk"], line__request=found)
        self.receipt.line.request = found
        return found

    def heading(self) -> str:
        return _("Take back a receipt: %(quantity)s %(line)s") % {
            "quantity": plain(self.receipt.quantity), "line": self.receipt.line,
        }  # fmt: skip

    def save_record(self, form: RecordForm, by: Actor) -> AidRequest:
        take_back_receipt(
            by=by, operation=self.operation, receipt=self.receipt, reason=form.cleaned_data["reason"]
        )  # fmt: skip
        return self.aid_request
