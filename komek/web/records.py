"""Pages that create or change one record: who may, drafts, two people at once, and nothing typed is lost."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import ValidationError
from django.core.validators import EMPTY_VALUES
from django.db import IntegrityError, transaction
from django.db.models import Manager, Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from komek.accounts.authority import Action, require
from komek.records.actor import Actor
from komek.records.middleware import actor_of
from komek.web.context import standing, viewer_of
from komek.web.fields import LocationField, LookupField
from komek.web.lists import as_text
from komek.web.models import Draft, SentForm

CHANGED_MEANWHILE = gettext_lazy(
    "Somebody else changed this while you were typing. Their version: %(theirs)s. "
    "Look at it, correct yours if needed, and save again to keep yours."
)


DASHES = "-" * 9  # what Django shows for nothing chosen


class RecordForm(forms.Form):
    """A plain form over a record. ``initial`` comes from the record's fields of the same names.

    version: when the record was last changed, so that two people do not overwrite each other unknowingly.
    """

    version = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, request: HttpRequest, record: Model | None = None, **kwargs: Any) -> None:
        self.request, self.record = request, record
        initial = dict(kwargs.pop("initial", None) or {})
        if record is not None:
            for name in self.base_fields:
                initial.setdefault(name, getattr(record, name, None))
            initial["version"] = version_of(record)
        super().__init__(*args, initial=initial, **kwargs)
        for form_field in self.fields.values():
            if isinstance(form_field, LookupField):
                form_field.set_viewer(viewer_of(request))
            elif isinstance(form_field, LocationField):
                form_field.begin_at(getattr(request, "operation", None) or None)
            elif isinstance(form_field, forms.ModelChoiceField) and form_field.empty_label == DASHES:
                form_field.empty_label = _("choose") if form_field.required else _("not given")
                form_field.widget.choices = form_field.choices

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        typed = cleaned.pop("version", "")
        if self.record is not None and typed and typed != version_of(self.record):
            self.data = self.data.copy()
            self.data[self.add_prefix("version")] = version_of(self.record)
            raise ValidationError(CHANGED_MEANWHILE % {"theirs": self._differences(cleaned)})
        return cleaned

    def _differences(self, cleaned: dict[str, Any]) -> str:
        words = []
        for name, form_field in self.fields.items():
            theirs, mine = getattr(self.record, name, None), cleaned.get(name)
            if isinstance(theirs, Manager):
                theirs, mine = list(theirs.all()), list(mine or ())
            if name in cleaned and theirs != mine and not (theirs in EMPTY_VALUES and mine in EMPTY_VALUES):
                words.append(f"{form_field.label}: {_as_shown(form_field, theirs)}")
        return "; ".join(words) or _("the same as yours")

    def add_refusal(self, refusal: ValidationError) -> None:
        """Sentences of a refused action, each at its field when the form has it."""
        if not hasattr(refusal, "error_dict"):
            self.add_error(None, refusal)
            return
        for name, errors in refusal.error_dict.items():
            self.add_error(name if name in self.fields else None, errors)


def _as_shown(form_field: forms.Field, value: Any) -> str:
    """A record's value as its form field would name it."""
    if value in EMPTY_VALUES:
        return "–"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    choices = form_field.choices if isinstance(form_field, forms.ChoiceField) else ()
    label = next((label for known, label in choices if str(known) == str(value)), None)
    return str(label) if label is not None else str(form_field.widget.format_value(value) or as_text(value))


def version_of(record: Any) -> str:
    """The record's version as text: the moment of its last change."""
    changed: datetime | None = getattr(record, "updated_at", None)
    return changed.isoformat() if changed else ""


class RecordFormView(LoginRequiredMixin, View):
    """Create or change one record through a form and a domain function.

    Subclasses give ``form_class``, ``model``, ``title`` and ``save_record``; ``record()`` for changes. ``save_record`` may raise
    ValidationError (its sentences land at their fields) or NotAllowed.
    """

    model: ClassVar[type[Model]]
    form_class: ClassVar[type[RecordForm]]
    template_name: ClassVar[str] = "web/record_form.html"
    title: ClassVar[Any] = ""
    saved_message: ClassVar[Any] = gettext_lazy("Saved.")

    def record(self) -> Any | None:
        """The record to change, or ``None`` to create one."""
        return None

    def initial(self) -> dict[str, Any]:
        return {}

    def save_record(self, form: RecordForm, by: Actor) -> Any:
        """Call the domain function; return the record saved."""
        raise NotImplementedError

    def heading(self) -> Any:
        return self.title

    def form_context(self, form: RecordForm) -> dict[str, Any]:
        return {}

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.user.is_authenticated:
            self.kept = self.record()
            action = Action.CHANGE if self.kept is not None else Action.ADD
            require(standing(request), action, self.kept if self.kept is not None else self.model)
        return super().dispatch(request, *args, **kwargs)

    @property
    def form_key(self) -> str:
        """Names the draft: one per person, form and record."""
        return self.request.path

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        draft = Draft.objects.filter(user_id=request.user.pk, form_key=self.form_key).first()
        form = self.form_class(request=request, record=self.kept, initial=self.initial())
        if draft and request.GET.get("draft") == "restore":
            form.initial.update(_first_of(draft.data, form))
        return self._show(form, draft if request.GET.get("draft") != "restore" else None)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = self.form_class(request.POST, request.FILES, request=request, record=self.kept)
        if not form.is_valid():
            return self._show(form, None, status=422)
        try:
            address = self._save_once(form)
        except _ChangedUnderway:
            self.kept = self.record()
            return self.post(request, *args, **kwargs)
        except ValidationError as refusal:
            form.add_refusal(refusal)
            return self._show(form, None, status=422)
        Draft.objects.filter(user_id=request.user.pk, form_key=self.form_key).delete()
        messages.success(request, self.saved_message)
        return HttpResponseRedirect(address)

    def _save_once(self, form: RecordForm) -> str:
        """Save; returns the record's address. The same form sent twice, even at once, is saved once and leads to the same record."""
        key = sent_key(self.request)
        try:
            with transaction.atomic():
                # A second one waits here until the first is done, then finds its row.
                sent = SentForm.objects.create(key=key)
                self._require_unchanged()
                saved = self.save_record(form, actor_of(self.request))
                sent.address = saved.get_absolute_url()
                sent.save(update_fields=["address"])
        except IntegrityError:
            before = SentForm.objects.filter(key=key).first()
            if before is None:
                raise
            return before.address
        return sent.address

    def _require_unchanged(self) -> None:
        """Lock the record, and see whether it is still as it was when the form was checked against it."""
        if self.kept is None or not version_of(self.kept):
            return
        self.lock_first()
        rows = type(self.kept)._base_manager.select_for_update().filter(pk=self.kept.pk)
        changed = rows.values_list("updated_at", flat=True).first()
        if changed != self.kept.updated_at:
            raise _ChangedUnderway

    def lock_first(self) -> None:
        """Lock what the room's actions lock before the record itself, so that two never wait for each other in a circle."""

    def _show(self, form: RecordForm, draft: Draft | None, status: int = 200) -> HttpResponse:
        context = {
            "form": form,
            "record": self.kept,
            "heading": self.heading(),
            "draft": draft,
            "draft_url": reverse("draft"),
            "form_key": self.form_key,
            "once": self.request.POST.get("_once") or secrets.token_urlsafe(12),
            **self.form_context(form),
        }
        return render(self.request, self.template_name, context, status=status)


class _ChangedUnderway(Exception):
    """Somebody else's change came between checking a form and saving it."""


def sent_key(request: HttpRequest) -> str:
    """Tells a form sent again from another one: the sender, the page, its own number, and what was typed."""
    typed = sorted((name, values) for name, values in request.POST.lists() if name != "csrfmiddlewaretoken")
    files = [(name, file.name, file.size) for name, file in sorted(request.FILES.items())]
    number = request.POST.get("_once") or secrets.token_urlsafe(12)
    told = repr((request.user.pk, request.path, number, typed, files))
    return hashlib.sha256(told.encode()).hexdigest()


def forget_sent_forms(*, older_than: timedelta = timedelta(days=2)) -> int:
    """Throw away the traces of forms saved long ago; returns how many."""
    return SentForm.objects.filter(sent_at__lt=timezone.now() - older_than).delete()[0]


def _first_of(data: dict[str, list[str]], form: RecordForm) -> dict[str, Any]:
    """A draft's texts as initial values: what was typed, field by field.

    The version too: whoever goes on with an old draft is told what others changed since.
    """
    restored: dict[str, Any] = {}
    for name, form_field in form.fields.items():
        if isinstance(form_field, LookupField):
            picked, typed = ((data.get(key) or [""])[0] for key in (name, f"{name}_text"))
            restored[name] = picked or typed
        elif isinstance(form_field, forms.MultipleChoiceField | forms.ModelMultipleChoiceField):
            restored[name] = data.get(name, [])
        elif name in data:
            restored[name] = data[name][0]
    return restored
