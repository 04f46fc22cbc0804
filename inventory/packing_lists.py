"""Reading a donor's packing list, as donors make them. Pure: a table of texts in, rows and remarks out.

Understood: a letterhead above the header, headers in several languages, cells merged downwards or left empty, lines of
totals, empty lines. What cannot be understood is said by row; nothing is guessed about quantities.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import openpyxl
from django.utils.translation import gettext as _
from rapidfuzz import fuzz

from komek.exchange.cells import day
from komek.exchange.faults import FileFault
from komek.exchange.readers import Table

# Headers by what they fill: English, Russian, Turkmen, Uzbek, Azerbaijani, French.
HEADERS: Mapping[str, tuple[str, ...]] = {
    "code": ("item code", "code", "sku", "article", "код", "артикул", "kody", "kod"),
    "item": ("item", "description", "description of goods", "item description", "goods", "product", "commodity", "наименование",
             "товар", "описание", "harydyň ady", "haryt", "tovar", "mahsulot", "mal", "désignation"),
    "quantity": ("quantity", "qty", "total quantity", "qty shipped", "количество", "кол-во", "mukdary", "miqdori", "miqdar",
                 "quantité"),
    "measure": ("unit", "uom", "unit of measure", "pack", "packing", "package", "единица", "ед. изм.", "ед.изм", "ölçeg birligi",
                "birlik", "vahid", "unité"),
    "number": ("batch", "batch no", "batch number", "lot", "lot no", "lot number", "серия", "партия", "партия №", "partiýa",
               "partiya", "seriya"),
    "expires_on": ("expiry", "expiry date", "exp date", "exp", "expires", "best before", "use by", "срок годности",
                   "годен до", "ýaramlylyk möhleti", "yaroqlilik muddati", "son istifadə tarixi"),
    "produced_on": ("produced", "production date", "manufactured", "mfg date", "дата производства", "дата изготовления"),
}  # fmt: skip
TOTALS = (
    "total",
    "grand total",
    "subtotal",
    "sub-total",
    "sum",
    "итого",
    "всего",
    "jemi",
    "jami",
    "cəmi",
    "toplam",
    "totaux",
)
HEADER_WITHIN = 40
LIKE_ENOUGH = 90


@dataclass(frozen=True)
class PackingRow:
    """One row of goods, as texts. row: as counted in the file, from 1."""

    row: int
    code: str = ""
    item: str = ""
    quantity: str = ""
    measure: str = ""
    number: str = ""
    expires_on: date | None = None
    produced_on: date | None = None
    fault: str = ""


@dataclass
class PackingList:
    rows: list[PackingRow] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read_packing_list(table: Table, merged: Mapping[tuple[int, int], str] | None = None) -> PackingList:
    """Rows of goods in a table. merged: (row from 1, column from 0) → text of the merged cell it lies in.

    Raises FileFault when no header names an item and a quantity.
    """
    grid: list[tuple[int, list[str]]] = [(0, table.headers), *table.rows]
    place, columns = _header(grid)
    found = PackingList(notes=list(table.notes))
    last: dict[str, str] = {}
    for number, cells in grid[place + 1 :]:
        texts = {
            name: (cells[at].strip() if at < len(cells) else "")
            or ("" if name == "quantity" else (merged or {}).get((number, at), ""))
            for name, at in columns.items()
        }
        if not any(texts.values()):
            continue
        is_same = last and all(texts.get(name, "") == last.get(name, "") for name in ("item", "code"))
        if is_same and "measure" in columns and texts["quantity"] and not texts["measure"]:
            # One more batch of the same item is counted as the one above: never silently in another unit.
            texts["measure"] = last["measure"]
            found.notes.append(
                _("Row %(row)d names no unit: “%(unit)s” of the row above was taken.")
                % {"row": number, "unit": last["measure"]}
            )
        if _is_totals(cells, texts):
            found.notes.append(_("Row %(row)d is a line of totals and was left out.") % {"row": number})
            continue
        if not (texts.get("item") or texts.get("code")):
            if texts.get("quantity") and last and (texts.get("number") or texts.get("expires_on")):
                # The item's cell is merged over its batches, or written once above them.
                texts["item"], texts["code"] = last.get("item", ""), last.get("code", "")
                texts["measure"] = texts.get("measure") or last.get("measure", "")
                found.notes.append(
                    _("Row %(row)d names no item: it was taken as one more batch of “%(item)s”.")
                    % {"row": number, "item": texts["item"] or texts["code"]}
                )
            elif texts.get("quantity"):
                found.notes.append(
                    _("Row %(row)d has a number but no item or batch: it was taken for a total and left out.")
                    % {"row": number}
                )
                continue
            else:
                continue
        elif not texts.get("quantity") and not (texts.get("number") or texts.get("expires_on")):
            found.notes.append(_("Row %(row)d has no quantity and was left out: “%(text)s”.")
                               % {"row": number, "text": (texts.get("item") or texts.get("code", ""))[:60]})  # fmt: skip
            continue
        last = texts
        found.rows.append(_row(number, texts))
    if not found.rows:
        raise FileFault(_("No row of the list names goods with a quantity. Type them in below instead."))
    return found


def merged_cells(content: bytes) -> dict[tuple[int, int], str]:
    """Texts of cells of a workbook's first sheet that are merged downwards, for each row below the first. Never of quantities:

    the caller's header decides; a quantity over several rows belongs to none of them. Empty for what is no workbook.
    """
    if not content.startswith(b"PK\x03\x04") or len(content) > 5 * 2**20:
        return {}
    book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    found: dict[tuple[int, int], str] = {}
    for sheet in book.worksheets[:1]:
        for box in sheet.merged_cells.ranges:
            value = sheet.cell(box.min_row, box.min_col).value
            text = value.date().isoformat() if hasattr(value, "date") else str(value if value is not None else "")
            for row in range(box.min_row + 1, box.max_row + 1):
                found[(row, box.min_col - 1)] = text
    return found


def _header(grid: Sequence[tuple[int, list[str]]]) -> tuple[int, dict[str, int]]:
    best: tuple[int, dict[str, int]] = (0, {})
    for place, (_number, cells) in enumerate(grid[:HEADER_WITHIN]):
        columns = _columns(cells)
        if len(columns) > len(best[1]):
            best = (place, columns)
    if "quantity" not in best[1] or not {"item", "code"} & set(best[1]):
        raise FileFault(
            _("No row of the list is a header that names the item and the quantity. Give the columns such names.")
        )
    return best


def _columns(cells: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for exact in (True, False):
        for at, cell in enumerate(cells):
            if at in found.values() or not cell.strip() or len(cell) > 60:
                continue
            # Headers of two lines or languages come joined by a slash.
            parts = [part.strip(" .:*#№").casefold() for part in (cell, *cell.replace("\n", "/").split("/"))]
            for name, words in HEADERS.items():
                alike = max(fuzz.ratio(part, word) for part in parts for word in words)
                if name not in found and alike >= (100 if exact else LIKE_ENOUGH):
                    found[name] = at
                    break
    return found


def _is_totals(cells: Sequence[str], texts: Mapping[str, str]) -> bool:
    words = [cell.strip(" .:").casefold() for cell in cells if cell.strip()]
    return bool(words) and any(
        word in TOTALS or word.startswith(("total ", "grand total", "итого ")) for word in words[:3]
    )


def _row(number: int, texts: Mapping[str, str]) -> PackingRow:
    row = PackingRow(
        number, texts.get("code", ""), texts.get("item", ""), texts.get("quantity", ""), texts.get("measure", ""),
        texts.get("number", ""),
    )  # fmt: skip
    faults = []
    for name in ("expires_on", "produced_on"):
        try:
            row = replace(row, **{name: day(texts.get(name, ""))})
        except ValueError as fault:
            faults.append(str(fault))
    if not row.quantity:
        faults.append(_("No quantity: where one cell covers several rows, write each row's own."))
    return replace(row, fault=" ".join(faults))
