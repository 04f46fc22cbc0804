"""Pages to write, publish and close appeals."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.forms import BoundField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from aid_requests.appealing import MOST_WORDS, close_appeal, publish_appeal, save_appeal
from aid_requests.lines import in_words
from aid_requests.models import Appeal, RequestLine
from aid_requests.needed import open_lines
from aid_requests.released import released
from komek.accounts.authority import Action, may, visible
from komek.records.actor import Actor
from komek.records.middleware import actor_of
from komek.web.context import standing
from komek.web.fields import LookupField
from komek.web.records import RecordForm, RecordFormView
from orgs.models import Organisation

MOST_LINES = 300
MAIN = ("title", "text", "organisation", "lines")


class AppealForm(RecordForm):
    title = forms.CharField(label=gettext_lazy("Title"), max_length=200)
    text = forms.CharField(
        label=gettext_lazy("Text"), widget=forms.Textarea({"rows": 5}), required=False, max_length=MOST_WORDS
    )
    organisation = LookupField(
        label=gettext_lazy("Appeal of organisation"), key="orgs.organisation", model=Organisation, required=False
    )
    lines = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Needs"), queryset=RequestLine.objects.none(), required=False,
        widget=forms.CheckboxSelectMultiple, help_text=gettext_lazy("Only needs that the requester released are here."),
    )  # fmt: skip

    def __init__(self, *args: Any, request: HttpRequest, record: Appeal | None = None, **kwargs: Any) -> None:
        super().__init__(*args, request=request, record=record, **kwargs)
        operation = request.operation or None  # type: ignore[attr-defined]
        rows = released(RequestLine.objects.filter(request__operation=operation))
        keys = set(open_lines(rows).order_by("request__rank", "pk").values_list("pk", flat=True)[:MOST_LINES])
        keys |= set(record.lines.values_list("pk", flat=True)) if record else set()
        choice: Any = self.fields["lines"]
        choice.queryset = RequestLine.objects.filter(pk__in=keys).select_related("item", "request__area")
        choice.label_from_instance = _line_in_words
        for code, language in settings.LANGUAGES:
            own = (record.texts if record else {}).get(code, {})
            self.fields[f"title_{code}"] = forms.CharField(
                label=_("Title in %(language)s") % {"language": language}, max_length=200, required=False,
                widget=forms.TextInput({"lang": code}), initial=own.get("title", ""),
            )  # fmt: skip
            self.fields[f"text_{code}"] = forms.CharField(
                label=_("Text in %(language)s") % {"language": language}, max_length=MOST_WORDS, required=False,
                widget=forms.Textarea({"rows": 4, "lang": code}), initial=own.get("text", ""),
            )  # fmt: skip
        if record is not None:
            self.initial.update(
                title=record.title, text=record.text, organisation=record.organisation, lines=record.lines.all()
            )

    def texts(self) -> dict[str, dict[str, str]]:
        """Title and text by language, of a valid form."""
        return {
            code: {"title": self.cleaned_data[f"title_{code}"], "text": self.cleaned_data[f"text_{code}"]}
            for code, _language in settings.LANGUAGES
        }

    def main_fields(self) -> list[BoundField]:
        return [self[name] for name in MAIN if name != "lines"]

    def languages(self) -> list[tuple[str, list[BoundField], bool]]:
        """Language, its fields, and whether they stand open: something is written, or wrong."""
        found = []
        for code, language in settings.LANGUAGES:
            fields = [self[f"title_{code}"], self[f"text_{code}"]]
            found.append((str(language), fields, any(field.value() or field.errors for field in fields)))
        return found


class AppealEdit(RecordFormView):
    model = Appeal
    form_class = AppealForm
    template_name = "aid_requests/appeal_form.html"
    saved_message = gettext_lazy("The appeal is kept. Everybody sees it once it is published.")

    def record(self) -> Appeal | None:
        slug = self.kwargs.get("slug")
        return get_object_or_404(visible(Appeal.objects.all(), standing(self.request)), slug=slug) if slug else None

    def heading(self) -> str:
        return _("Change the appeal") if self.kept else _("New appeal")

    def save_record(self, form: RecordForm, by: Actor) -> Appeal:
        operation = self.request.operation or None  # type: ignore[attr-defined]
        assert isinstance(form, AppealForm)
        values = {name: form.cleaned_data[name] for name in MAIN}
        return save_appeal(by=by, operation=operation, appeal=self.kept, texts=form.texts(), **values)


@require_GET
@login_required
def appeals(http: HttpRequest) -> HttpResponse:
    """All appeals of the operation, also those not published."""
    rows = visible(Appeal.objects.select_related("organisation"), standing(http))
    context = {"appeals": rows, "may_add": may(standing(http), Action.ADD, Appeal)}
    return render(http, "aid_requests/appeals.html", context)


@require_POST
@login_required
def appeal_do(http: HttpRequest, slug: str) -> HttpResponse:
    """Publish or close an appeal."""
    appeal = get_object_or_404(visible(Appeal.objects.all(), standing(http)), slug=slug)
    by, operation = actor_of(http), http.operation or None  # type: ignore[attr-defined]
    try:
        if http.POST.get("do") == "close":
            close_appeal(by=by, operation=operation, appeal=appeal)
            messages.success(http, _("The public does not see this appeal any more."))
        else:
            publish_appeal(by=by, operation=operation, appeal=appeal)
            messages.success(http, _("Everybody sees this appeal now."))
    except ValidationError as refusal:
        messages.error(http, " ".join(refusal.messages))
    return redirect(appeal)


def _line_in_words(line: RequestLine) -> str:
    return ", ".join(filter(None, (in_words(line), line.request.code, str(line.request.area or ""))))
