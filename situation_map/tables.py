"""Each layer as a table, for those who cannot see a map: sorted, paged, exported as every other list."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from komek.extensions.map_layers import MapLayer
from komek.web.columns import Column
from komek.web.context import viewer_of
from komek.web.drawing import link
from komek.web.lists import ListPage
from situation_map.asking import BadAsk, FilterForm, Filters, narrowed, read_filters
from situation_map.layers import labels_of, offered_layer, property_title

TITLES = ("title", "name")


class LayerTable(ListPage):
    """The rows of one layer under the filters of the map. ``layer`` and ``filters`` are set when the view is made."""

    template_name = "situation_map/table.html"
    may_be_saved = False
    empty_text = gettext_lazy("No record of this layer that you may see has a place yet.")
    layer: MapLayer = None  # type: ignore[assignment]
    filters: Filters = Filters()

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        rows = self.queryset()
        # What every other list declares, here as the layer has it.
        self.key = f"situation_map.{self.layer.key}"  # type: ignore[misc]
        self.model, self.title = rows.model, self.layer.title  # type: ignore[misc]
        self.columns = columns_of(self.layer, rows.model)  # type: ignore[misc]

    def queryset(self) -> QuerySet[Any]:
        return narrowed(self.layer, self.layer.queryset(viewer_of(self.request)), self.filters)

    def extra_context(self) -> dict[str, Any]:
        query = self.request.GET.copy()
        for name in ("page", "sort", "size", "column", "export", "layers"):
            query.pop(name, None)
        query["layers"] = self.layer.key
        return {"filters": self.filters, "map_query": query.urlencode()}


def columns_of(layer: MapLayer, model: Any) -> tuple[Column, ...]:
    """A title that leads to the record, the layer's properties, and where it is."""
    named = next((name for name in TITLES if name in layer.properties), "")
    columns = [
        Column(
            "record", property_title(layer, model, named or "code"), lambda row: str(layer.popup(row)["title"]),
            sort=(named,) if named else (), cell=partial(_title, layer),
        )
    ]  # fmt: skip
    labels = labels_of(layer, model)
    for name in layer.properties:
        if name == named:
            continue
        value: Any = name
        if name == layer.style.by:
            value = partial(_label, name, labels)
        title = property_title(layer, model, name)
        columns.append(Column(name, title, value, sort=(name,), nowrap=name in ("code", "pcode")))
    for key, title, axis in (("latitude", "lat", 1), ("longitude", "lon", 0)):
        columns.append(Column(key, title, partial(_coordinate, layer.geometry_field, axis), default=False))
    return tuple(columns)


def _title(layer: MapLayer, row: Any) -> Any:
    shown = layer.popup(row)
    return link(shown["url"], str(shown["title"]))


def _label(name: str, labels: Any, row: Any) -> str:
    value = getattr(row, name)
    return "" if value is None else str(labels.get(str(value), value))


def _coordinate(name: str, axis: int, row: Any) -> str:
    """Degrees with a point, as every program reads them; of a shape, its middle."""
    return f"{getattr(row, name).centroid[axis]:.6f}"


@require_GET
@login_required
def table(request: HttpRequest, key: str) -> Any:
    """A layer as a table. A filter that cannot be read is said, with the form to change it."""
    viewer = viewer_of(request)
    layer = offered_layer(key, viewer)
    try:
        filters = read_filters(request.GET, viewer)
        return LayerTable.as_view(layer=layer, filters=filters)(request)
    except BadAsk as fault:
        return _refused(request, layer, fault)


def _refused(request: HttpRequest, layer: MapLayer, fault: BadAsk) -> HttpResponse:
    context = {"layer": layer, "sentence": str(fault), "form": FilterForm(request.GET, viewer_of(request))}
    return render(request, "situation_map/refused.html", context, status=400)
