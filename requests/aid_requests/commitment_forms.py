"""Forms about promises and receipts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy, pgettext_lazy

from aid_requests.models import HOLDING, Commitment, RequestLine, Source
from aid_requests.needed import held_by
from aid_requests.refusals import NeedsConfirmation
from aid_requests.request_forms import MOMENT
from komek.accounts.phones import ContactPhoneField
from komek.supplies.models import plain
from komek.web.fields import LookupField
from komek.web.records import RecordForm
from orgs.models import Organisation

BY_WORD = [choice for choice in Source.choices if choice[0] != Source.STOCK]
"""Stock is promised on the page of offers, where it is held."""


def moment_field(label: Any, **options: Any) -> forms.DateTimeField:
    return forms.DateTimeField(
        label=label, widget=forms.DateTimeInput({"type": "datetime-local"}, MOMENT), **options
    )  # fmt: skip


def in_days(days: int) -> Any:
    """This hour in so many days, where the installation is."""
    return (timezone.localtime() + timedelta(days=days)).replace(minute=0, second=0, microsecond=0)


class CommitForm(RecordForm):
    quantity = forms.DecimalField(label=gettext_lazy("How much is promised"), max_digits=18, decimal_places=6)
    source = forms.ChoiceField(label=pgettext_lazy("source", "From"), choices=BY_WORD, initial=Source.OTHER)
    organisation = LookupField(
        label=gettext_lazy("Promised by organisation"), key="orgs.organisation", model=Organisation, required=False
    )
    title = forms.CharField(label=gettext_lazy("Or who and what, in words"), max_length=200, required=False)
    until = moment_field(
        gettext_lazy("The promise holds until"),
        help_text=gettext_lazy(
            "When nothing has come or left by then, the promise ends and everybody concerned is told."
        ),
    )
    contact_phone = ContactPhoneField(label=gettext_lazy("Phone of who promises"), required=False)
    contact_email = forms.EmailField(label=gettext_lazy("E-mail of who promises"), required=False)


class ReceiptForm(RecordForm):
    quantity = forms.DecimalField(
        label=gettext_lazy("How much came, in good order"), max_digits=18, decimal_places=6, min_value=0
    )
    commitment = forms.ModelChoiceField(
        label=gettext_lazy("Of which promise"), queryset=Commitment.objects.none(), required=False,
        empty_label=gettext_lazy("of none: it just came"),
    )  # fmt: skip
    is_last = forms.BooleanField(
        label=gettext_lazy("Nothing more of this promise will come; the rest is needed again"),
        required=False,
        initial=True,
    )
    explanation = forms.CharField(label=gettext_lazy("If less came: why"), max_length=300, required=False)
    confirmed_by = forms.CharField(label=gettext_lazy("Who counted and confirms it"), max_length=150)
    occurred_at = moment_field(gettext_lazy("When it came"), required=False)
    confirmed = forms.BooleanField(label=gettext_lazy("Yes, this is right"), required=False)
    asks = False

    def __init__(self, *args: Any, request: Any, **kwargs: Any) -> None:
        super().__init__(*args, request=request, **kwargs)
        line: RequestLine = request.receipt_line
        choice: Any = self.fields["commitment"]
        choice.queryset = line.commitments.filter(state__in=HOLDING).select_related("organisation", "line__item")
        choice.label_from_instance = promise_in_words

    def add_refusal(self, refusal: ValidationError) -> None:
        """A question is answered by a tick in a box that shows only then."""
        self.asks = isinstance(refusal, NeedsConfirmation)
        super().add_refusal(refusal)


class UntilForm(RecordForm):
    until = moment_field(gettext_lazy("The promise holds until"))


def promise_in_words(one: Any) -> str:
    """What a promise still holds, and of whom: ``50 pc Blanket, Relief``."""
    who = one.title or str(one.organisation or "") or one.get_source_display()
    what = " ".join(filter(None, (plain(held_by(one)), one.line.unit, "" if str(one.line) in who else str(one.line))))
    return f"{what}: {who}"
