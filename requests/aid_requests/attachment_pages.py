"""Files with a request: sending one, seeing it, taking it away; and naming the item that free words mean."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from aid_requests.attachments import add_attachment, remove_attachment
from aid_requests.finding import found_request
from aid_requests.lines import close_line, name_item, open_line
from aid_requests.models import AidRequest, Attachment, RequestLine
from aid_requests.policies import handles
from aid_requests.request_forms import AttachmentForm, NameItemForm
from komek.accounts.authority import Action, NotAllowed, require
from komek.records.actor import Actor
from komek.records.middleware import actor_of
from komek.web.context import standing
from komek.web.records import RecordForm, RecordFormView


@require_http_methods(["GET", "POST"])
@login_required
def attachment_add(http: HttpRequest, code: str) -> HttpResponse:
    """Send a photo or a PDF with a request."""
    record = found_request(http, code)
    require(standing(http), Action.ADD, Attachment(request=record, operation_id=record.operation_id))
    form = AttachmentForm(http.POST or None, http.FILES or None)
    if http.method == "POST" and form.is_valid():
        try:
            add_attachment(
                by=actor_of(http), operation=http.operation or None, request=record, **form.cleaned_data  # type: ignore[attr-defined]
            )  # fmt: skip
        except ValidationError as refusal:
            form.add_error("file", refusal.messages)
        else:
            messages.success(http, _("The file is kept with the request."))
            return redirect(record)
    status = 422 if http.method == "POST" else 200
    return render(http, "aid_requests/attachment_form.html", {"request_record": record, "form": form}, status=status)


@require_GET
@login_required
def attachment(http: HttpRequest, code: str, pk: int) -> FileResponse:
    """The file, to those who work on the request: photos show people and homes."""
    record = found_request(http, code)
    whose = standing(http)
    if not (whose.runs_installation or handles(whose, record)):
        raise NotAllowed(_("Files are for those who work on this request. Ask a coordinator."))
    found = get_object_or_404(Attachment, pk=pk, request=record)
    if not found.file.storage.exists(found.file.name):
        raise Http404(_("The file is not there any more."))
    kind = "application/pdf" if found.kind == "pdf" else "image/jpeg"
    # A document is saved, never opened inside the site: it may hold what a page must not run.
    response = FileResponse(
        found.file.open("rb"), content_type=kind, as_attachment=found.kind == "pdf",
        filename=f"{record.code}-{found.pk}.{found.kind}",
    )  # fmt: skip
    response["Cache-Control"] = "private, max-age=86400"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_POST
@login_required
def attachment_remove(http: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Take a file away."""
    record = found_request(http, code)
    found = get_object_or_404(Attachment, pk=pk, request=record)
    remove_attachment(by=actor_of(http), operation=http.operation or None, attachment=found)  # type: ignore[attr-defined]
    messages.success(http, _("The file is taken away."))
    return redirect(record)


@require_POST
@login_required
def line_openness(http: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Close a line that is not needed any more, or open it again."""
    record = found_request(http, code)
    line = get_object_or_404(RequestLine.objects.select_related("request__site"), pk=pk, request=record)
    function: Any = open_line if http.POST.get("do") == "open" else close_line
    try:
        function(by=actor_of(http), operation=http.operation or None, line=line)  # type: ignore[attr-defined]
    except ValidationError as refusal:
        messages.error(http, " ".join(refusal.messages))
    else:
        messages.success(http, _("Saved."))
    return redirect(record)


class LineItem(RecordFormView):
    """Which item of the catalogue a line in free words means."""

    model = AidRequest
    form_class = NameItemForm

    def record(self) -> AidRequest:
        found = found_request(self.request, self.kwargs["code"])
        self.line = get_object_or_404(RequestLine, pk=self.kwargs["pk"], request=found)
        return found

    def heading(self) -> Any:
        return _("What is “%(words)s” in the catalogue?") % {"words": self.line}

    def save_record(self, form: RecordForm, by: Actor) -> AidRequest:
        line = name_item(
            by=by, operation=self.request.operation or None, line=self.line, item=form.cleaned_data["item"]  # type: ignore[attr-defined]
        )  # fmt: skip
        return line.request
