"""The public form: what somebody without an account offers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from komek.accounts.phones import ContactPhoneField
from komek.exchange.supply_tables import items_called
from komek.supplies.models import Item
from komek.web.fields import LocationField
from volunteers.amounts import base_amount
from volunteers.models import DonorKind, NotifyBy, PledgeKind
from volunteers.pledge_forms import date_field, quantity_field
from volunteers.refusals import NeedsConfirmation, Refused
from volunteers.robots import RobotGuard


class OfferForm(RobotGuard):
    """In the donor's words; an item of the catalogue that is named exactly is found by itself."""

    what_names = ("kind", "description", "quantity", "unit")
    when_names = ("landmark", "location", "valid_from", "valid_to", "conditions")
    who_names = ("donor_kind", "donor_name", "phone", "email", "tell", "name_is")

    kind = forms.ChoiceField(label=_("What do you offer?"), choices=PledgeKind.choices, initial=PledgeKind.GOODS)
    description = forms.CharField(
        label=_("What is it?"),
        max_length=300,
        help_text=_("For example: blankets; two lorries with drivers; a doctor."),
    )
    quantity = quantity_field(_("How much or how many?"))
    unit = forms.CharField(
        label=_("Of what measure?"), max_length=40, required=False,
        help_text=_("Pieces, kg, lorries, places … For money the currency, such as TMT."),
    )  # fmt: skip
    landmark = forms.CharField(label=_("Where is it? Address or landmark"), max_length=300, required=False)
    location = LocationField(label=_("Or a point on the map"), required=False)
    valid_from = date_field(_("From which day can it be had?"))
    valid_to = date_field(_("Until which day?"))
    conditions = forms.CharField(
        label=_("Is there anything to know?"), max_length=300, required=False,
        help_text=_("For example: it must be fetched; for a school only."),
    )  # fmt: skip
    donor_kind = forms.ChoiceField(label=_("Who offers it?"), choices=DonorKind.choices)
    donor_name = forms.CharField(label=_("Your name, or that of your company"), max_length=200, required=False)
    phone = ContactPhoneField(label=_("Phone"), required=False)
    email = forms.EmailField(label=_("E-mail"), required=False)
    tell = forms.ChoiceField(
        label=_("How shall we answer?"), required=False,
        choices=((NotifyBy.SMS, _("by SMS")), (NotifyBy.EMAIL, _("by e-mail")), (NotifyBy.NOBODY, _("call me"))),
    )  # fmt: skip
    name_is = forms.ChoiceField(
        label=_("May your name be published?"), initial="private",
        choices=(
            ("private", _("No: only for those who work with my offer")),
            ("public", _("Yes: it may be shown with what I give")),
            ("anonymous", _("I want to stay anonymous")),
        ),
    )  # fmt: skip
    confirmed = forms.BooleanField(label=_("Yes, this is right"), required=False)
    asks = False

    def add_refusal(self, refusal: Any) -> None:
        """Sentences of a refused offer, each at its field."""
        self.asks = isinstance(refusal, NeedsConfirmation)
        for name, errors in refusal.error_dict.items():
            self.add_error(name if name in self.fields else None, errors)

    def values(self) -> dict[str, Any]:
        """What ``offer_help`` takes, of a valid form."""
        given = self.cleaned_data
        item, unit = self._item(given)
        name_is = given["name_is"]
        tell = given["tell"] or NotifyBy.SMS
        if tell == NotifyBy.SMS and not given["phone"]:
            tell = NotifyBy.EMAIL
        if tell == NotifyBy.EMAIL and not given["email"]:
            tell = NotifyBy.SMS if given["phone"] else NotifyBy.NOBODY
        names = ("kind", "description", "quantity", "landmark", "location", "valid_from", "valid_to", "conditions",
                 "donor_kind", "email")  # fmt: skip
        return {
            **{name: given[name] for name in names},
            "item": item, "unit": unit, "phone": given["phone"] or "", "notify_by": tell, "language": get_language() or "",
            "donor_name": "" if name_is == "anonymous" else given["donor_name"],
            "is_public": name_is == "public", "is_anonymous": name_is == "anonymous",
            "skill": given["description"][:100] if given["kind"] == PledgeKind.PEOPLE else "",
        }  # fmt: skip

    def _item(self, given: dict[str, Any]) -> tuple[Item | None, str]:
        """The item that the words name exactly and whose measures know the unit; else none, and the words stay."""
        words, unit = given["description"].strip(), given["unit"].strip()
        if given["kind"] != PledgeKind.GOODS:
            return None, unit
        found = [item for item in items_called([words], None).get(words, []) if item.is_active]
        if len(found) != 1:
            return None, unit
        try:
            base_amount(given["kind"], found[0], given["quantity"], unit)
        except Refused as refusal:
            return (None, unit) if "unit" in refusal.message_dict else (found[0], unit)
        return found[0], unit

    def _group(self, names: tuple[str, ...]) -> list[Any]:
        return [self[name] for name in names]

    @property
    def what(self) -> list[Any]:
        return self._group(self.what_names)

    @property
    def when(self) -> list[Any]:
        return self._group(self.when_names)

    @property
    def who(self) -> list[Any]:
        return self._group(self.who_names)
