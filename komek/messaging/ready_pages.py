"""Pages where ready answers are written, in each language, and codes for phones are made."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from komek.accounts.authority import Action, require, standing_of, visible
from komek.accounts.models import User
from komek.accounts.phones import one_form
from komek.messaging.inbox_pages import standing_in
from komek.messaging.joining import make_join_code
from komek.messaging.models import CannedReply
from komek.records.actor import Actor, acting
from komek.records.middleware import actor_of


class ReadyForm(forms.Form):
    """A title, and the answer in each language of the installation; one language at least."""

    title = forms.CharField(label=gettext_lazy("Title"), max_length=80)

    def __init__(self, *args: Any, ready: CannedReply | None = None, **kwargs: Any) -> None:
        self.ready = ready
        initial = {"title": ready.title if ready else ""}
        for code, words in (ready.words if ready else {}).items():
            initial[f"words_{code}"] = words
        super().__init__(*args, initial=initial, **kwargs)
        for code, name in settings.LANGUAGES:
            self.fields[f"words_{code}"] = forms.CharField(
                label=name, required=False, max_length=600, widget=forms.Textarea(attrs={"rows": 2, "lang": code})
            )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.words():
            raise ValidationError(_("Write the answer in one language at least."))
        same = CannedReply.objects.filter(title=cleaned.get("title", ""))
        if same.exclude(pk=self.ready.pk if self.ready else None).exists():
            self.add_error("title", _("There is a ready answer with this title. Give another one."))
        return cleaned

    def words(self) -> dict[str, str]:
        found = {code: self.cleaned_data.get(f"words_{code}", "").strip() for code, _name in settings.LANGUAGES}
        return {code: words for code, words in found.items() if words}


@transaction.atomic
def keep_ready(
    *, by: Actor, operation: Any, title: str, words: dict[str, str], ready: CannedReply | None = None
) -> CannedReply:
    """Write a ready answer, new or changed. Raises NotAllowed."""
    kept = ready or CannedReply()
    require(standing_of(by.user, operation), Action.CHANGE, kept)
    kept.title, kept.words = title, words
    with acting(by):
        kept.save()
    return kept


@transaction.atomic
def drop_ready(*, by: Actor, operation: Any, ready: CannedReply) -> None:
    """Take a ready answer away. Raises NotAllowed."""
    require(standing_of(by.user, operation), Action.DELETE, ready)
    with acting(by):
        ready.delete()


@login_required
def ready_answers(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """All ready answers, with the form for a new one or for the one that was chosen."""
    standing_in(request)
    ready = get_object_or_404(CannedReply, pk=pk) if pk else None
    form = ReadyForm(request.POST or None, ready=ready)
    given: dict[str, Any] = {"by": actor_of(request), "operation": request.operation or None}  # type: ignore[attr-defined]
    if request.method == "POST" and ready is not None and "drop" in request.POST:
        drop_ready(**given, ready=ready)
        messages.success(request, _("The ready answer is gone."))
        return redirect("messaging:ready")
    if request.method == "POST" and form.is_valid():
        keep_ready(**given, title=form.cleaned_data["title"], words=form.words(), ready=ready)
        messages.success(request, _("Kept."))
        return redirect("messaging:ready")
    context = {"form": form, "ready": ready, "all": CannedReply.objects.all()}
    return render(request, "messaging/ready.html", context, status=422 if form.errors else 200)


class JoinForm(forms.Form):
    """Whose phone it is: the account's e-mail address or number."""

    account = forms.CharField(label=gettext_lazy("E-mail or phone of the account"), max_length=150)

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        self.request = request
        super().__init__(*args, **kwargs)

    def clean_account(self) -> User:
        typed = self.cleaned_data["account"].strip()
        which = Q(email__iexact=typed)
        with suppress(ValidationError):
            which |= Q(phone=one_form(typed))
        standing = standing_of(self.request.user, self.request.operation or None)  # type: ignore[attr-defined]
        found: User | None = visible(User.objects.all(), standing).filter(which).first()
        if found is None:
            raise ValidationError(_("No account that you see has this address or number."))
        return found


@login_required
def join_code(request: HttpRequest) -> HttpResponse:
    """A one-time code that a volunteer sends from their phone to bind it to their account."""
    standing_in(request)
    form, made = JoinForm(request.POST or None, request=request), None
    if request.method == "POST" and form.is_valid():
        try:
            made = make_join_code(
                by=actor_of(request),
                user=form.cleaned_data["account"],
                operation=request.operation or None,  # type: ignore[attr-defined]
            )
        except ValidationError as refusal:
            form.add_error("account", refusal.messages[0])
    return render(request, "messaging/join.html", {"form": form, "made": made}, status=422 if form.errors else 200)
