"""Forms about requests: asking, with its lines; a step with its reason; a file."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aid_requests.lines import LineDraft, LineRefused
from aid_requests.models import LineKind, NotifyBy, Priority
from aid_requests.refusals import NeedsConfirmation
from komek.accounts.phones import ContactPhoneField
from komek.places.models import Area
from komek.supplies.models import Item, plain
from komek.web.fields import LocationField, LookupField
from komek.web.records import RecordForm
from komek.web.rows import RowForm, RowLookup, RowsForm
from orgs.models import Organisation, Sector, Site

MOMENT = "%Y-%m-%dT%H:%M"


class ItemField(LookupField):
    """An item of the catalogue; or, when it knows nothing of that name, the words typed."""

    def clean(self, value: Any) -> Any:
        try:
            return super().clean(value)
        except ValidationError:
            typed = value[1] if isinstance(value, tuple) else str(value or "")
            if typed and not self._fitting(typed):
                return typed[:300]
            raise

    def _fitting(self, typed: str) -> bool:
        from komek.extensions.lookups import lookups

        plug = lookups.get(self.key)
        return plug is not None and bool(plug.find(typed, self.viewer, 1))


class LineRow(RowForm):
    needed = ("quantity",)
    aside = ("pk", "kind", "priority", "sector")
    field_order = ("pk", "item", "quantity", "unit", "kind", "priority", "wanted_by", "people", "sector", "description")

    pk = forms.IntegerField(widget=forms.HiddenInput)
    item = ItemField(
        label=gettext_lazy("What is needed"), key="supplies.item", model=Item, widget=RowLookup("supplies.item")
    )
    quantity = forms.DecimalField(label=gettext_lazy("Quantity"), max_digits=18, decimal_places=6)
    unit = forms.CharField(label=gettext_lazy("Unit or pack"), max_length=40)
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=LineKind.choices, initial=LineKind.GOODS)
    priority = forms.ChoiceField(label=gettext_lazy("Priority"), choices=Priority.choices, initial=Priority.NORMAL)
    wanted_by = forms.DateTimeField(
        label=gettext_lazy("Needed by"), widget=forms.DateTimeInput({"type": "datetime-local"}, MOMENT)
    )
    people = forms.IntegerField(label=gettext_lazy("For how many people"), min_value=1, max_value=20_000_000)
    sector = forms.ModelChoiceField(
        label=gettext_lazy("Sector"),
        queryset=Sector.objects.filter(is_active=True),
        empty_label=gettext_lazy("not given"),
    )
    description = forms.CharField(label=gettext_lazy("Details, or in your own words"), max_length=300)

    def __init__(self, *args: Any, sectors: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if sectors is not None:  # one query for all rows
            field: Any = self.fields["sector"]
            field.widget.choices = sectors

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.is_filled and not self.errors and not cleaned.get("item") and not cleaned.get("description"):
            self.add_error("item", _("Say what is needed: choose an item, or write it in your own words."))
        return cleaned

    def draft(self) -> LineDraft:
        """The line as the functions take it, of a valid row."""
        values = self.cleaned_data
        found, words = values.get("item"), (values.get("description") or "").strip()
        item = found if isinstance(found, Item) else None
        if isinstance(found, str) and found:
            words = f"{found}: {words}" if words and words != found else found
        kind = values.get("kind") or LineKind.GOODS
        skill = words[:100] if kind == LineKind.PEOPLE and item is None else ""
        return LineDraft(
            quantity=values.get("quantity") or Decimal(0), item=item, description=words, skill=skill, kind=kind,
            unit=values.get("unit") or "", priority=values.get("priority") or Priority.NORMAL,
            wanted_by=values.get("wanted_by"), people=values.get("people"), sector=values.get("sector"),
            pk=values.get("pk"),
        )  # fmt: skip


class RequestForm(RowsForm):
    """A request with its lines."""

    row_forms: ClassVar[dict[str, type[RowForm]]] = {"lines": LineRow}
    spare_rows = 1
    first = ("site", "location", "landmark", "purpose", "people")
    who = ("asked_by", "reporter_name", "reporter_phone", "reporter_email", "reporter_language", "notify_by")

    site = LookupField(
        label=gettext_lazy("Where: site"), key="orgs.site", model=Site, required=False,
        help_text=gettext_lazy("A camp, hospital or other site; or else a point, an area or a landmark below."),
    )  # fmt: skip
    location = LocationField(label=gettext_lazy("Or a point"), required=False)
    landmark = forms.CharField(label=gettext_lazy("Address or landmark"), max_length=300, required=False)
    purpose = forms.CharField(
        label=gettext_lazy("What for"), widget=forms.Textarea({"rows": 3}), required=False, max_length=4000
    )
    people = forms.IntegerField(
        label=gettext_lazy("For how many people"), min_value=1, max_value=20_000_000, required=False
    )
    asked_by = LookupField(
        label=gettext_lazy("Asked by organisation"), key="orgs.organisation", model=Organisation, required=False
    )
    reporter_name = forms.CharField(label=gettext_lazy("Name of who asks"), max_length=150, required=False)
    reporter_phone = ContactPhoneField(label=gettext_lazy("Phone"), required=False)
    reporter_email = forms.EmailField(label=gettext_lazy("E-mail"), required=False)
    reporter_language = forms.ChoiceField(label=gettext_lazy("Language"), choices=settings.LANGUAGES, required=False)
    notify_by = forms.ChoiceField(
        label=gettext_lazy("Told of each step by"), choices=NotifyBy.choices, initial=NotifyBy.NOBODY
    )
    title = forms.CharField(
        label=gettext_lazy("Short title"), max_length=200, required=False,
        help_text=gettext_lazy("Left empty, it is made from the lines."),
    )  # fmt: skip
    area = LookupField(
        label=gettext_lazy("Area"), key="places.area", model=Area, required=False,
        help_text=gettext_lazy("Left empty, it is found from the site or the point."),
    )  # fmt: skip
    responsible = LookupField(
        label=gettext_lazy("Answered for by"), key="orgs.organisation", model=Organisation, required=False,
        help_text=gettext_lazy("Left empty, the rules say who."),
    )  # fmt: skip
    occurred_at = forms.DateTimeField(
        label=gettext_lazy("When it was asked"), widget=forms.DateTimeInput({"type": "datetime-local"}, MOMENT),
        required=False,
    )  # fmt: skip
    is_released = forms.BooleanField(
        label=gettext_lazy("The public may see what is needed and roughly where"), required=False,
        help_text=gettext_lazy("Never who asks, nor how to reach them."),
    )  # fmt: skip
    reported_by = forms.CharField(
        label=gettext_lazy("Reported by"), max_length=200, required=False,
        help_text=gettext_lazy("If it was not you: who told you."),
    )  # fmt: skip
    confirmed = forms.BooleanField(label=gettext_lazy("Yes, the quantity is right"), required=False)

    asks = False

    def row_initial(self, name: str) -> list[dict[str, Any]]:
        return [
            {
                "pk": line.pk, "item": line.item_id or "", "quantity": plain(line.quantity), "unit": line.unit,
                "kind": line.kind, "priority": line.priority, "wanted_by": line.wanted_by, "people": line.people,
                "sector": line.sector_id, "description": line.description or line.skill,
            }
            for line in self._lines
        ]  # fmt: skip

    def row_options(self) -> dict[str, Any]:
        labels = {str(line.item_id): str(line.item) for line in self._lines if line.item_id}
        return {"labels": {"item": labels}, "sectors": self._sectors}

    @cached_property
    def _lines(self) -> list[Any]:
        return list(self.record.lines.select_related("item__unit").order_by("order", "pk")) if self.record else []  # type: ignore[attr-defined]

    @cached_property
    def _sectors(self) -> list[tuple[Any, str]]:
        named = [(sector.pk, str(sector)) for sector in Sector.objects.filter(is_active=True)]
        return [("", _("not given")), *named]

    def add_refusal(self, refusal: ValidationError) -> None:
        self.asks = isinstance(refusal, NeedsConfirmation)
        if isinstance(refusal, LineRefused):
            row = list(self.filled("lines"))[refusal.order]
            for name, sentence in refusal.sentences.items():
                row.add_error(name if name in row.fields else "item", sentence)
            self.add_error(None, _("Some of the rows below need correcting."))
            return
        super().add_refusal(refusal)

    def drafts(self) -> list[LineDraft]:
        """The lines, of a valid form."""
        return [row.draft() for row in self.filled("lines")]  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """What the functions take beside the lines."""
        values = {name: value for name, value in self.cleaned_data.items() if name != "confirmed"}
        if values["occurred_at"] is None:
            values["occurred_at"] = self.record.occurred_at if self.record else timezone.now()  # type: ignore[attr-defined]
        return values

    def group(self, names: tuple[str, ...]) -> list[Any]:
        return [self[name] for name in names]

    @property
    def where_and_why(self) -> list[Any]:
        return self.group(self.first)

    @property
    def asker(self) -> list[Any]:
        return self.group(self.who)

    @property
    def more(self) -> list[Any]:
        return self.group(("title", "area", "responsible", "occurred_at", "is_released", "reported_by"))


class ReasonForm(RecordForm):
    """A step that may or must say why."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=300, required=False, widget=forms.Textarea({"rows": 3})
    )


class NeededReasonForm(ReasonForm):
    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=300, widget=forms.Textarea({"rows": 3}),
        error_messages={"required": gettext_lazy("Give the reason: those after you will ask for it.")},
    )  # fmt: skip


class ForwardForm(ReasonForm):
    field_order = ("to", "reason")

    to = LookupField(label=gettext_lazy("To organisation"), key="orgs.organisation", model=Organisation)


class AttachmentForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("Photo or PDF"), widget=forms.ClearableFileInput({"accept": "image/*,application/pdf"})
    )
    caption = forms.CharField(label=gettext_lazy("What it shows"), max_length=200, required=False)


class NameItemForm(RecordForm):
    item = LookupField(label=gettext_lazy("Item of the catalogue"), key="supplies.item", model=Item)
