"""Pages with forms about one volunteer, and about the list of skills."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from komek.records.actor import Actor
from komek.web.records import RecordForm, RecordFormView
from volunteers.models import Skill, Trusted, Volunteer
from volunteers.people import registering
from volunteers.people.forms import CheckForm, SkillForm, SkillOfForm, TrustForm, VolunteerForm
from volunteers.people.pages import found_volunteer
from volunteers.people.taxonomy import keep_skill
from volunteers.pledge_forms import ReasonForm


class _VolunteerPage(RecordFormView):
    model = Volunteer
    form_class = VolunteerForm

    @property
    def operation(self) -> Any:
        return self.request.operation or None  # type: ignore[attr-defined]


class VolunteerAdd(_VolunteerPage):
    """Register a volunteer."""

    title = gettext_lazy("Register a volunteer")
    saved_message = gettext_lazy("The volunteer is registered. Accept them when they may be asked.")

    def save_record(self, form: RecordForm, by: Actor) -> Volunteer:
        assert isinstance(form, VolunteerForm)
        return registering.register_volunteer(by=by, operation=self.operation, **form.values())


class _OfVolunteer(_VolunteerPage):
    def record(self) -> Volunteer:
        return found_volunteer(self.request, self.kwargs["code"])


class VolunteerChange(_OfVolunteer):
    def heading(self) -> Any:
        return _("Change %(who)s") % {"who": self.kept}

    def save_record(self, form: RecordForm, by: Actor) -> Volunteer:
        assert isinstance(form, VolunteerForm) and self.kept is not None
        return registering.change_volunteer(by=by, operation=self.operation, volunteer=self.kept, **form.values())


class CheckAdd(_OfVolunteer):
    """Write down that something was checked."""

    form_class = CheckForm
    saved_message = gettext_lazy("The check is written down.")

    def initial(self) -> dict[str, Any]:
        return {"checked_on": timezone.localdate()}

    def heading(self) -> Any:
        return _("A check of %(who)s") % {"who": self.kept}

    def save_record(self, form: RecordForm, by: Actor) -> Volunteer:
        assert self.kept is not None
        registering.record_check(by=by, operation=self.operation, volunteer=self.kept, **form.cleaned_data)
        return self.kept  # type: ignore[no-any-return]


class SkillOf(_OfVolunteer):
    """Write down what they can do."""

    form_class = SkillOfForm
    saved_message = gettext_lazy("The skill is written down.")

    def heading(self) -> Any:
        return _("A skill of %(who)s") % {"who": self.kept}

    def save_record(self, form: RecordForm, by: Actor) -> Volunteer:
        assert self.kept is not None
        registering.record_skill(by=by, operation=self.operation, volunteer=self.kept, **form.cleaned_data)
        return self.kept  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Step:
    """One step of a volunteer: its form, function and what is said afterwards."""

    title: Any
    act: Callable[..., Any]
    done: Any
    form: type[RecordForm] = ReasonForm


STEPS: Mapping[str, Step] = {
    "accept": Step(gettext_lazy("Accept"), registering.accept_volunteer, gettext_lazy("Accepted, and told so by text.")),
    "decline": Step(gettext_lazy("Decline kindly"), registering.decline_volunteer, gettext_lazy("Declined.")),
    "rest": Step(gettext_lazy("Let them rest"), registering.rest_volunteer, gettext_lazy("They are not asked for now.")),
    "leave": Step(gettext_lazy("They help no more"), registering.leave, gettext_lazy("Written down.")),
    "trust": Step(
        gettext_lazy("Change trust"),
        lambda *, volunteer, **given: registering.set_trust(
            volunteer=volunteer, trust=Trusted.REGISTERED if volunteer.trust == Trusted.TRUSTED else Trusted.TRUSTED, **given
        ),
        gettext_lazy("Written down."), TrustForm,
    ),
}  # fmt: skip


class VolunteerStep(_OfVolunteer):
    """A step that says why."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if kwargs["step"] not in STEPS:
            raise Http404
        self.step = STEPS[kwargs["step"]]
        self.form_class = self.step.form  # type: ignore[misc]
        self.saved_message = self.step.done  # type: ignore[misc]
        return super().dispatch(request, *args, **kwargs)

    def heading(self) -> Any:
        return f"{self.step.title}: {self.kept}"

    def save_record(self, form: RecordForm, by: Actor) -> Volunteer:
        assert self.kept is not None
        self.step.act(by=by, operation=self.operation, volunteer=self.kept, reason=form.cleaned_data["reason"])
        return self.kept  # type: ignore[no-any-return]


class SkillKeep(RecordFormView):
    """Add a skill to the list, or change one."""

    model = Skill
    form_class = SkillForm
    title = gettext_lazy("A skill")

    def record(self) -> Skill | None:
        pk = self.kwargs.get("pk")
        return get_object_or_404(Skill, pk=pk) if pk else None

    def save_record(self, form: RecordForm, by: Actor) -> Any:
        operation = self.request.operation or None  # type: ignore[attr-defined]
        return keep_skill(by=by, operation=operation, skill=self.kept, **form.cleaned_data)
