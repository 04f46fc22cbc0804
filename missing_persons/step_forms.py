"""What is done to a person, a report or a note with a word of why: verify, publish, hide, erase, hold back, undo, split, join."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import Model
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from komek.accounts.authority import visible
from komek.records.actor import Actor
from komek.web.context import standing
from komek.web.fields import LookupField
from komek.web.records import RecordForm, RecordFormView
from missing_persons import erasing, joining, noting, publishing, subscribing
from missing_persons.finding import found_person
from missing_persons.models import Joining, Note, Person, Report, Subscription


class WhyForm(RecordForm):
    why = forms.CharField(label=gettext_lazy("Reason"), max_length=300, widget=forms.Textarea({"rows": 3}))


class MaybeWhyForm(RecordForm):
    why = forms.CharField(
        label=gettext_lazy("Reason"), max_length=300, required=False, widget=forms.Textarea({"rows": 3})
    )


class HowForm(RecordForm):
    why = forms.CharField(
        label=gettext_lazy("How"), max_length=300,
        help_text=gettext_lazy("Such as “spoke to them by phone” or “passport shown at the desk”."),
    )  # fmt: skip


@dataclass(frozen=True)
class Step:
    """One step. model: of what; act: the function; target, word: its arguments for the record and the words typed."""

    model: type[Model]
    act: Callable[..., Any]
    target: str
    word: str
    title: Any
    done: Any
    form: type[RecordForm] = WhyForm
    about: Any = ""


PUBLISHED = gettext_lazy("The public sees the name, the age band and the status. Never a phone, an address or a place.")
STEPS: Mapping[str, Step] = {
    "verify_report": Step(Report, noting.verify_report, "report", "how", gettext_lazy("Verify the report"),
                          gettext_lazy("The report is verified."), HowForm),
    "verify_note": Step(Note, noting.verify_note, "note", "how", gettext_lazy("Verify the note"),
                        gettext_lazy("The note is verified."), HowForm),
    "doubt_report": Step(Report, noting.doubt, "evidence", "why", gettext_lazy("Not certain any more"),
                         gettext_lazy("The report counts as not verified.")),
    "doubt_note": Step(Note, noting.doubt, "evidence", "why", gettext_lazy("Not certain any more"),
                       gettext_lazy("The note counts as not verified.")),
    "publish_report": Step(Report, publishing.publish, "record", "reason", gettext_lazy("Publish the report"),
                           gettext_lazy("The report is published."), MaybeWhyForm, PUBLISHED),
    "publish_note": Step(Note, publishing.publish, "record", "reason", gettext_lazy("Publish the note"),
                         gettext_lazy("The note is published."), MaybeWhyForm, PUBLISHED),
    "hide_report": Step(Report, publishing.keep_from_public, "record", "reason",
                        gettext_lazy("Keep the report from the public"), gettext_lazy("The public does not see it.")),
    "hide_note": Step(Note, publishing.keep_from_public, "record", "reason",
                      gettext_lazy("Keep the note from the public"), gettext_lazy("The public does not see it.")),
    "erase_report": Step(Report, erasing.erase_report, "report", "reason", gettext_lazy("Erase the report"),
                         gettext_lazy("The report is erased."), WhyForm,
                         gettext_lazy("Everything in it goes, also from the history. It cannot be brought back.")),
    "erase_note": Step(
        Note, erasing.erase_note, "note", "reason", gettext_lazy("Erase the note"), gettext_lazy("The note is erased."),
        WhyForm, gettext_lazy("Everything in it goes, also from the history. It cannot be brought back."),
    ),
    "erase_all": Step(
        Person, erasing.erase_person, "person", "reason", gettext_lazy("Erase everything about this person"),
        gettext_lazy("Everything about this person is erased."), WhyForm,
        gettext_lazy("Every report and note goes, also from the history. It cannot be brought back."),
    ),
    "hold": Step(Person, publishing.hold_back, "person", "reason", gettext_lazy("Hold back from the public"),
                 gettext_lazy("The public does not see this person.")),
    "release": Step(Person, publishing.let_go, "person", "reason", gettext_lazy("Show to the public again"),
                    gettext_lazy("What is published of this person is seen again.")),
    "undo": Step(Joining, joining.undo, "joining", "reason", gettext_lazy("Undo"), gettext_lazy("It is put back."),
                 WhyForm, gettext_lazy("What was moved goes back. What was added since stays where it was added.")),
    "prove": Step(Subscription, subscribing.prove_seeker, "subscription", "how",
                  gettext_lazy("They proved who they are"), gettext_lazy("Written down."), HowForm),
}  # fmt: skip


class StepTaken(RecordFormView):
    """One step, with its words."""

    model = Person
    template_name = "missing_persons/step_form.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if kwargs["step"] not in STEPS:
            raise Http404
        self.step = STEPS[kwargs["step"]]
        self.form_class = self.step.form  # type: ignore[misc]
        self.saved_message = self.step.done  # type: ignore[misc]
        return super().dispatch(request, *args, **kwargs)

    def record(self) -> Any:
        self.person = found_person(self.request, self.kwargs["code"])
        rows = visible(self.step.model._default_manager.filter(pk=self.kwargs["pk"]), standing(self.request))
        if self.step.model is Person:
            rows = rows.filter(pk=self.person.pk)
        elif self.step.model is not Joining:
            rows = rows.filter(person=self.person)
        found = rows.first()
        if found is None:
            raise Http404
        return found

    def heading(self) -> Any:
        return f"{self.step.title}: {self.person}"

    def form_context(self, form: RecordForm) -> dict[str, Any]:
        return {"person": self.person, "about": self.step.about, "button": self.step.title, "step": self.kwargs["step"]}

    def save_record(self, form: RecordForm, by: Actor) -> Person:
        words = {self.step.word: form.cleaned_data["why"]}
        try:
            self.step.act(by=by, operation=self.person.operation, **{self.step.target: self.kept}, **words)
        except forms.ValidationError as refusal:
            raise forms.ValidationError(refusal.messages) from refusal
        return self.person


class JoinForm(WhyForm):
    other = LookupField(
        label=gettext_lazy("The other entry"), key="missing_persons.person", model=Person,
        help_text=gettext_lazy("Its reports move here. Its code leads here from then on."),
    )  # fmt: skip

    field_order = ("other", "why")


class PersonJoin(RecordFormView):
    model = Person
    form_class = JoinForm
    template_name = "missing_persons/step_form.html"
    saved_message = gettext_lazy("Joined. It can be undone on this page.")

    def record(self) -> Person:
        return found_person(self.request, self.kwargs["code"])

    def heading(self) -> Any:
        return _("Join with another person: %(person)s") % {"person": self.kept}

    def form_context(self, form: RecordForm) -> dict[str, Any]:
        return {"person": self.kept, "button": _("Join"), "about": _("No word of any report is changed.")}

    def save_record(self, form: RecordForm, by: Actor) -> Person:
        given = form.cleaned_data
        joining.join(by=by, operation=self.kept.operation, keep=self.kept, other=given["other"], reason=given["why"])
        return self.kept  # type: ignore[no-any-return]


class SplitForm(WhyForm):
    reports = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Reports that are of somebody else"), queryset=Report.objects.none(),
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip

    field_order = ("reports", "why")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # The record's own ``reports`` are all of them; none is ticked to begin with.
        super().__init__(*args, **{**kwargs, "initial": {**(kwargs.get("initial") or {}), "reports": []}})
        field: Any = self.fields["reports"]
        person: Any = self.record
        field.queryset = person.reports.filter(tombstoned_at=None).prefetch_related("names")
        field.label_from_instance = lambda report: f"{report}: {', '.join(map(str, report.names.all()))}"


class PersonSplit(PersonJoin):
    form_class = SplitForm
    saved_message = gettext_lazy("Split. It can be undone on the page of either person.")

    def heading(self) -> Any:
        return _("Split reports off: %(person)s") % {"person": self.kept}

    def form_context(self, form: RecordForm) -> dict[str, Any]:
        about = _("They go back to the entry they first made, or to a new one, with the notes made on them.")
        return {"person": self.kept, "button": _("Split"), "about": about}

    def save_record(self, form: RecordForm, by: Actor) -> Person:
        given = form.cleaned_data
        made = joining.split(by=by, operation=self.kept.operation, reports=list(given["reports"]), reason=given["why"])
        return made.target
