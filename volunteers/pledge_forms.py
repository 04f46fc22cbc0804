"""Forms about pledges: writing one down, its steps, what came of it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from komek.accounts.phones import ContactPhoneField
from komek.places.models import Area
from komek.supplies.models import Item, plain
from komek.web.fields import LocationField, LookupField
from komek.web.records import RecordForm
from orgs.models import Organisation, Site
from volunteers.models import OPEN_USES, DonorKind, NotifyBy, PledgeKind
from volunteers.refusals import NeedsConfirmation

MOMENT = "%Y-%m-%dT%H:%M"


def quantity_field(label: Any) -> forms.DecimalField:
    return forms.DecimalField(label=label, max_digits=18, decimal_places=6, localize=False)


def date_field(label: Any, **options: Any) -> forms.DateField:
    return forms.DateField(label=label, required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"), **options)


class AsksBack(RecordForm):
    """A form that asks whether something unlikely is right. ``asks``: the question is shown now."""

    confirmed = forms.BooleanField(label=_("Yes, this is right"), required=False)
    asks = False

    def add_refusal(self, refusal: ValidationError) -> None:
        self.asks = isinstance(refusal, NeedsConfirmation)
        super().add_refusal(refusal)


class PledgeForm(AsksBack):
    """An offer, as somebody with an account writes it down."""

    what_names = ("kind", "item", "description", "quantity", "unit")
    who_names = (
        "donor_kind",
        "donor",
        "donor_name",
        "phone",
        "email",
        "language",
        "notify_by",
        "is_public",
        "is_anonymous",
    )
    where_names = ("valid_from", "valid_to", "landmark", "conditions")
    more_names = ("site", "location", "area", "skill", "occurred_at", "reported_by")

    kind = forms.ChoiceField(label=_("Kind"), choices=PledgeKind.choices, initial=PledgeKind.GOODS)
    item = LookupField(
        label=_("Item of the catalogue"), key="supplies.item", model=Item, required=False,
        help_text=_("For goods. If the catalogue does not know it, leave this empty and write what it is below."),
    )  # fmt: skip
    description = forms.CharField(label=_("In the donor's words"), max_length=300, required=False)
    quantity = quantity_field(_("Quantity"))
    unit = forms.CharField(
        label=_("Unit or pack"), max_length=40, required=False,
        help_text=_("Empty: the item's own unit. For money: the currency, such as TMT."),
    )  # fmt: skip
    donor_kind = forms.ChoiceField(label=_("Donor is"), choices=DonorKind.choices)
    donor = LookupField(label=_("Registered organisation"), key="orgs.organisation", model=Organisation, required=False)
    donor_name = forms.CharField(label=_("Or the donor's name"), max_length=200, required=False)
    phone = ContactPhoneField(label=_("Phone"), required=False)
    email = forms.EmailField(label=_("E-mail"), required=False)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES, required=False)
    notify_by = forms.ChoiceField(label=_("Told of each step by"), choices=NotifyBy.choices, initial=NotifyBy.NOBODY)
    is_public = forms.BooleanField(label=_("The donor agreed that the name may be published"), required=False)
    is_anonymous = forms.BooleanField(label=_("The donor wants to stay anonymous"), required=False)
    valid_from = date_field(_("Can be had from"))
    valid_to = date_field(_("Can be had until"), help_text=_("After this day an offer that nobody needed lapses."))
    landmark = forms.CharField(label=_("Where it is: address or landmark"), max_length=300, required=False)
    conditions = forms.CharField(
        label=_("Conditions"), max_length=300, required=False,
        help_text=_("For example: for children only; must be fetched."),
    )  # fmt: skip
    site = LookupField(label=_("At a site"), key="orgs.site", model=Site, required=False)
    location = LocationField(label=_("Or a point"), required=False)
    area = LookupField(
        label=_("Area"), key="places.area", model=Area, required=False,
        help_text=_("Left empty, it is found from the site or the point."),
    )  # fmt: skip
    skill = forms.CharField(label=_("Skill, for people"), max_length=100, required=False)
    occurred_at = forms.DateTimeField(
        label=_("When it was offered"), widget=forms.DateTimeInput({"type": "datetime-local"}, MOMENT), required=False
    )
    reported_by = forms.CharField(
        label=_("Reported by"), max_length=200, required=False, help_text=_("If it was not you: who told you.")
    )

    def __init__(self, *args: Any, record: Any = None, **kwargs: Any) -> None:
        if record is not None:
            kwargs["initial"] = {**(kwargs.get("initial") or {}), "quantity": plain(record.quantity)}
        super().__init__(*args, record=record, **kwargs)

    def values(self) -> dict[str, Any]:
        """What the functions take."""
        values = {name: value for name, value in self.cleaned_data.items() if name != "confirmed"}
        values["phone"] = values["phone"] or ""
        if values["occurred_at"] is None:
            values["occurred_at"] = self.record.occurred_at if self.record else timezone.now()  # type: ignore[attr-defined]
        return values

    @property
    def what(self) -> list[Any]:
        return [self[name] for name in self.what_names]

    @property
    def who(self) -> list[Any]:
        return [self[name] for name in self.who_names]

    @property
    def where(self) -> list[Any]:
        return [self[name] for name in self.where_names]

    @property
    def more(self) -> list[Any]:
        return [self[name] for name in self.more_names]


class ReasonForm(RecordForm):
    """A step that may or must say why."""

    reason = forms.CharField(label=_("Reason"), max_length=300, required=False, widget=forms.Textarea({"rows": 3}))


class ThankForm(RecordForm):
    words = forms.CharField(
        label=_("Words of thanks"), max_length=500, required=False, widget=forms.Textarea({"rows": 4}),
        help_text=_("The address of the report of what became of the offer is added."),
    )  # fmt: skip


class UseForm(RecordForm):
    quantity = quantity_field(_("How much was used"))
    words = forms.CharField(
        label=_("What became of it"), max_length=300, widget=forms.Textarea({"rows": 3}),
        help_text=_("For whom or where. The donor reads it."),
    )  # fmt: skip


FREE = "free"


class OfParts(RecordForm):
    """A form about a pledge or one promised part of it. With several parts nothing is chosen beforehand: a wrong one would be told to
    people who wait for it.
    """

    use = forms.ChoiceField(label=_("Which part"), error_messages={"required": _("Say which part of it this is.")})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        record: Any = self.record
        rows = record.uses.filter(state__in=OPEN_USES).select_related("pledge", "destination")
        self.parts = {str(one.pk): one for one in rows}
        if not self.parts:
            del self.fields["use"]
            return
        named = [(key, _part_in_words(one)) for key, one in self.parts.items()]
        field: Any = self.fields["use"]
        field.choices = [("", _("choose")), *named, (FREE, _("what is free of it"))]
        if len(named) == 1:
            self.initial["use"] = self.initial.get("use") or named[0][0]

    def clean_use(self) -> Any:
        """The part, or ``None`` for what is free."""
        return self.parts.get(self.cleaned_data["use"])


def _part_in_words(part: Any) -> str:
    words = f"{plain(part.quantity)} {part.pledge.unit}".strip()
    return " · ".join(filter(None, (words, part.reference, str(part.destination or ""), str(part.get_state_display()))))


class SendForm(OfParts):
    quantity = forms.DecimalField(
        label=_("How much"), max_digits=18, decimal_places=6, required=False,
        help_text=_("Of what is free; empty for all of it."),
    )  # fmt: skip


class ReceiveForm(AsksBack, OfParts):
    quantity = quantity_field(_("How much came"))
    at = forms.DateTimeField(
        label=_("When it came"), widget=forms.DateTimeInput({"type": "datetime-local"}, MOMENT), required=False
    )
    note = forms.CharField(label=_("Note"), max_length=300, required=False)
    is_last = forms.BooleanField(label=_("Nothing more of it will come"), required=False)


class CommitForm(RecordForm):
    quantity = quantity_field(_("How much"))
    reference = forms.CharField(
        label=_("For what"), max_length=200, help_text=_("The code of a request, such as R1237, or a few words.")
    )
    until = forms.DateTimeField(label=_("Held until"), widget=forms.DateTimeInput({"type": "datetime-local"}, MOMENT))


class NameItemForm(RecordForm):
    item = LookupField(label=_("Item of the catalogue"), key="supplies.item", model=Item)
