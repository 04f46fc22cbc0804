"""Forms for what registrars add to a person: notes, relatives, messages between the two sides."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext_lazy

from komek.accounts.authority import Action, require, visible
from komek.places.models import Area
from komek.records.actor import Actor
from komek.web.context import standing
from komek.web.fields import LookupField
from komek.web.records import RecordForm, RecordFormView
from missing_persons.family import link_family
from missing_persons.finding import found_person
from missing_persons.models import FamilyLink, Kinship, Note, NoteStatus, PassedMessage, Person, Subscription
from missing_persons.noting import add_note
from missing_persons.passing import answer_message, pass_message
from missing_persons.report_forms import MOMENT


class NoteForm(RecordForm):
    status = forms.ChoiceField(label=gettext_lazy("Status"), choices=NoteStatus.choices, required=False)
    text = forms.CharField(label=gettext_lazy("What you know"), required=False, widget=forms.Textarea({"rows": 4}))
    last_known_location = forms.CharField(
        label=gettext_lazy("Last known location"), max_length=300, required=False,
        help_text=gettext_lazy("Seen by registrars only."),
    )  # fmt: skip
    last_known_area = LookupField(label=gettext_lazy("Area"), key="places.area", model=Area, required=False)
    contact_made = forms.NullBooleanField(
        label=gettext_lazy("Has the author been in contact with the person?"), required=False
    )
    occurred_at = forms.DateTimeField(
        label=gettext_lazy("As of when"), widget=forms.DateTimeInput({"type": "datetime-local"}, MOMENT)
    )
    reported_by = forms.CharField(
        label=gettext_lazy("Who says so"), max_length=200, required=False,
        help_text=gettext_lazy("If it was not you."),
    )  # fmt: skip
    author_phone = forms.CharField(label=gettext_lazy("Their telephone"), max_length=60, required=False)


class _OfPerson(RecordFormView):
    """A form that adds something to a person. Who may is asked by the function it calls."""

    template_name = "missing_persons/step_form.html"
    button: Any = gettext_lazy("Save")
    about: Any = ""

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        if request.user.is_authenticated:
            self.person = found_person(request, kwargs["code"])
            self.look(request)
        return super().dispatch(request, *args, **kwargs)

    def look(self, request: Any) -> None:
        """Find what else the address names."""

    def heading(self) -> Any:
        return f"{self.title}: {self.person}"

    def form_context(self, form: RecordForm) -> dict[str, Any]:
        return {"person": self.person, "button": self.button, "about": self.about}


class NoteAdd(_OfPerson):
    model = Note
    form_class = NoteForm
    title = gettext_lazy("Add a note")
    saved_message = gettext_lazy("The note is written down.")
    about = gettext_lazy("The status of the person changes only when somebody verified the note.")

    def initial(self) -> dict[str, Any]:
        return {"occurred_at": timezone.localtime().replace(second=0, microsecond=0)}

    def save_record(self, form: RecordForm, by: Actor) -> Note:
        return add_note(by=by, operation=self.person.operation, person=self.person, **form.cleaned_data)


class FamilyForm(RecordForm):
    relative = LookupField(label=gettext_lazy("Relative"), key="missing_persons.person", model=Person)
    kind = forms.ChoiceField(label=gettext_lazy("Is their"), choices=Kinship.choices)


class FamilyAdd(_OfPerson):
    model = FamilyLink
    form_class = FamilyForm
    title = gettext_lazy("Add a relative")

    def save_record(self, form: RecordForm, by: Actor) -> Person:
        given = form.cleaned_data
        link_family(
            by=by, operation=self.person.operation, person=self.person, relative=given["relative"], kind=given["kind"]
        )
        return self.person


class MessageForm(RecordForm):
    text = forms.CharField(label=gettext_lazy("Message"), max_length=2000, widget=forms.Textarea({"rows": 5}))


class MessagePassed(_OfPerson):
    model = PassedMessage
    form_class = MessageForm
    title = gettext_lazy("Pass a message")
    about = gettext_lazy(
        "You read it to the person found. They decide whether to answer, and who may learn where they are."
    )

    def look(self, request: Any) -> None:
        rows = visible(Subscription.objects.filter(person=self.person).select_related("person"), standing(request))
        self.seeker = rows.filter(pk=self.kwargs["pk"]).first()
        if self.seeker is None:
            raise Http404

    def save_record(self, form: RecordForm, by: Actor) -> Person:
        pass_message(by=by, operation=self.person.operation, seeker=self.seeker, text=form.cleaned_data["text"])
        return self.person


class AnswerForm(RecordForm):
    wants_contact = forms.TypedChoiceField(
        label=gettext_lazy("What the person said"), coerce=lambda value: value == "yes",
        choices=(("yes", gettext_lazy("wants contact")), ("no", gettext_lazy("does not want contact"))),
        widget=forms.RadioSelect,
    )  # fmt: skip
    answer = forms.CharField(
        label=gettext_lazy("In their words"), max_length=2000, required=False, widget=forms.Textarea({"rows": 4})
    )
    may_tell_place = forms.BooleanField(
        label=gettext_lazy("They agree that this seeker is told where they are"), required=False
    )


class MessageAnswered(_OfPerson):
    model = PassedMessage
    form_class = AnswerForm
    title = gettext_lazy("Write down the answer")

    def look(self, request: Any) -> None:
        rows = visible(PassedMessage.objects.filter(person=self.person), standing(request))
        self.message = rows.filter(pk=self.kwargs["pk"]).first()
        if self.message is None:
            raise Http404
        require(standing(request), Action.CHANGE, self.message)

    def save_record(self, form: RecordForm, by: Actor) -> Person:
        answer_message(by=by, operation=self.person.operation, message=self.message, **form.cleaned_data)
        return self.person
