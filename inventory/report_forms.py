"""What reports ask for. Sent by GET, so that an address always gives the same report again."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from inventory.expiring import DAYS
from inventory.models import Batch, Bin, Warehouse
from inventory.past_stock import KNOWN_TODAY, READINGS
from inventory.seeing import in_seen_warehouses, warehouses_seen
from komek.accounts.authority import visible
from komek.records.codes import MistypedCode, parse_code
from komek.supplies.models import Item
from komek.web.context import standing, viewer_of
from komek.web.fields import LookupField
from orgs.models import Organisation

CARD_DAYS = 30
DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class ReportForm(forms.Form):
    """A form that is always filled in: what the address leaves out has its ordinary value."""

    ordinary: dict[str, Any] = {}  # noqa: RUF012

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.standing = standing(request)
        data: QueryDict = request.GET.copy()
        for name, value in self.defaults().items():
            if name not in data:
                data[name] = value
        super().__init__(data)
        for field in self.fields.values():
            if isinstance(field, LookupField):
                field.set_viewer(viewer_of(request))
        self.narrow()

    def defaults(self) -> dict[str, str]:
        """Name → text, for fields the address does not name."""
        return {}

    def narrow(self) -> None:
        """Offer only what the viewer may see."""
        if "warehouse" in self.fields:
            field: Any = self.fields["warehouse"]
            field.queryset = warehouses_seen(self.standing).order_by("name", "pk")


def _warehouse(*, required: bool = False) -> forms.ModelChoiceField:
    return forms.ModelChoiceField(
        label=gettext_lazy("Warehouse"), queryset=Warehouse.objects.none(), required=required,
        empty_label=gettext_lazy("all warehouses") if not required else gettext_lazy("choose"),
    )  # fmt: skip


def _item(*, required: bool = False) -> LookupField:
    return LookupField(key="supplies.item", model=Item, label=gettext_lazy("Item"), required=required)


class CardForm(ReportForm):
    """An item or a batch, in a warehouse or one bin of it, in a period; both days are within."""

    warehouse = _warehouse(required=True)
    item = _item()
    batch = forms.CharField(label=gettext_lazy("Batch code"), max_length=20, required=False)
    bin = forms.CharField(label=gettext_lazy("Bin"), max_length=30, required=False)
    since = forms.DateField(label=pgettext_lazy("day", "From"), widget=DAY)
    until = forms.DateField(label=gettext_lazy("Until"), widget=DAY)

    def defaults(self) -> dict[str, str]:
        today = timezone.localdate()
        return {"since": (today - timedelta(days=CARD_DAYS)).isoformat(), "until": today.isoformat()}

    def clean_batch(self) -> Batch | None:
        text = self.cleaned_data["batch"].strip()
        if not text:
            return None
        try:
            code = parse_code(text, "B")
        except MistypedCode as fault:
            raise ValidationError(str(fault)) from fault
        found = visible(Batch.objects.select_related("item__unit", "pack"), self.standing).filter(code=code).first()
        if found is None:
            raise ValidationError(_("There is no batch %(code)s here.") % {"code": code})
        return found

    def clean_bin(self) -> str:
        label: str = self.cleaned_data["bin"].strip()
        return label

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        batch, item, house = values.get("batch"), values.get("item"), values.get("warehouse")
        if batch is not None and item is not None and batch.item_id != item.pk:
            raise ValidationError(_("%(batch)s is no %(item)s. Clear one of the two.") % {"batch": batch, "item": item})
        if batch is None and item is None and not self.errors:
            raise ValidationError(_("Choose what the card is about: an item, or a batch by its code."))
        values["item"] = item or (batch.item if batch else None)
        label = values.get("bin")
        if label and house is not None:
            rows = in_seen_warehouses(Bin.objects.filter(warehouse=house), self.standing)
            values["bin"] = rows.filter(label__iexact=label).first()
            if values["bin"] is None:
                self.add_error("bin", _("%(house)s has no bin “%(bin)s”.") % {"house": house, "bin": label})
        if values.get("since") and values.get("until") and values["until"] < values["since"]:
            self.add_error("until", _("The period ends before it begins."))
        return values


class PastForm(ReportForm):
    """A moment: the end of a day, or a minute of it."""

    warehouse = _warehouse()
    item = _item()
    day = forms.DateField(label=gettext_lazy("Day"), widget=DAY)
    clock = forms.TimeField(
        label=gettext_lazy("Time"), required=False, help_text=gettext_lazy("Empty: the end of the day."),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )  # fmt: skip
    reading = forms.ChoiceField(label=gettext_lazy("Stock"), choices=READINGS)

    def defaults(self) -> dict[str, str]:
        return {"day": timezone.localdate().isoformat(), "reading": KNOWN_TODAY}

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if values.get("day") is not None:
            clock = values.get("clock")
            spot = datetime.combine(values["day"], clock or time.max)
            try:
                moment = timezone.make_aware(spot)
            except (OverflowError, ValueError):
                moment = None
            if moment is None or moment.astimezone(timezone.get_default_timezone()) > timezone.now() + timedelta(
                days=1
            ):
                self.add_error("day", _("This day is yet to come: nothing is known of it."))
            else:
                # The last minute counts whole: what happened at 14:30:40 belongs to 14:30.
                values["moment"] = moment.replace(second=59, microsecond=999_999)
        return values


class LevelsForm(ReportForm):
    warehouse = _warehouse()
    item = _item()
    below = forms.BooleanField(label=gettext_lazy("Only what is short or runs out soon"), required=False)


class ExpiringForm(ReportForm):
    warehouse = _warehouse()
    days = forms.IntegerField(label=gettext_lazy("Expires within, days"), min_value=0, max_value=3650)

    def defaults(self) -> dict[str, str]:
        return {"days": str(DAYS)}


class PipelineForm(ReportForm):
    text = forms.CharField(label=gettext_lazy("Item, code or category"), max_length=100, required=False)


class DonorForm(ReportForm):
    """A registered donor, or a name as it was written, and the donor's own reference."""

    donor = LookupField(key="orgs.organisation", model=Organisation, label=gettext_lazy("Donor"), required=False)
    donor_name = forms.CharField(label=gettext_lazy("Donor, when not registered"), max_length=200, required=False)
    gift = forms.CharField(label=gettext_lazy("Donor's reference"), max_length=100, required=False)
    batch = forms.CharField(label=gettext_lazy("Batch code"), max_length=20, required=False)

    clean_batch = CardForm.clean_batch
