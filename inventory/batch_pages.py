"""The form that corrects a batch."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inventory.batches import change_batch
from inventory.finding import found_batch
from inventory.models import Batch
from komek.records.actor import Actor
from komek.web.fields import LookupField
from komek.web.records import RecordForm, RecordFormView
from orgs.models import Organisation


def _day(label: Any) -> forms.DateField:
    return forms.DateField(label=label, required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))


class BatchForm(RecordForm):
    number = forms.CharField(label=gettext_lazy("Batch number"), max_length=60, required=False)
    expires_on = _day(gettext_lazy("Expires on"))
    expiry_is_unknown = forms.BooleanField(label=gettext_lazy("Expiry not known"), required=False)
    reason = forms.CharField(
        label=gettext_lazy("Why the expiry date changes"), max_length=300, required=False,
        help_text=gettext_lazy("Such as: misread, extended by the maker (paper of …)."),
    )  # fmt: skip
    produced_on = _day(gettext_lazy("Produced on"))
    donor = LookupField(label=gettext_lazy("Donor"), key="orgs.organisation", model=Organisation, required=False)
    donor_name = forms.CharField(label=gettext_lazy("Donor, when not registered"), max_length=200, required=False)
    gift = forms.CharField(label=gettext_lazy("Donor's reference"), max_length=100, required=False)
    owner = LookupField(label=gettext_lazy("Owner"), key="orgs.organisation", model=Organisation, required=False)
    unit_value = forms.DecimalField(
        label=gettext_lazy("Value of one unit"), min_value=0, max_digits=14, decimal_places=4, required=False
    )
    currency = forms.CharField(label=gettext_lazy("Currency"), max_length=3, required=False)
    note = forms.CharField(label=gettext_lazy("Note"), max_length=300, required=False)


class BatchChange(RecordFormView):
    model = Batch
    form_class = BatchForm

    def record(self) -> Batch:
        return found_batch(self.request, self.kwargs["code"])

    def heading(self) -> Any:
        return _("Correct %(batch)s") % {"batch": self.kept}

    def save_record(self, form: RecordForm, by: Actor) -> Batch:
        assert isinstance(self.kept, Batch)
        operation = self.request.operation or None  # type: ignore[attr-defined]
        return change_batch(by=by, operation=operation, batch=self.kept, **form.cleaned_data)
