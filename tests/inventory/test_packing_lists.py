"""A donor's packing list as donors make it: letterheads, merged cells, totals; the rest is said by row, nothing is guessed."""

from __future__ import annotations

import io
from datetime import date

import openpyxl
import pytest

from inventory.packing_lists import merged_cells, read_packing_list
from komek.exchange.faults import FileFault
from komek.exchange.readers import open_table


def workbook(rows: list[list[object]], merges: tuple[str, ...] = ()) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for box in merges:
        book.active.merge_cells(box)
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def read(content: bytes) -> tuple[list[tuple[str, str, str, date | None]], str, list[str]]:
    found = read_packing_list(open_table(content), merged_cells(content))
    rows = [(row.item, row.quantity, row.number, row.expires_on) for row in found.rows]
    return rows, " ".join(found.notes), [row.fault for row in found.rows if row.fault]


HEAD = ["No", "Description of goods", "Batch No.", "Expiry date", "Qty", "Unit"]


def test_a_letterhead_merged_cells_and_totals_are_no_trouble() -> None:
    rows, notes, faults = read(
        workbook(
            [
                ["HELPING HANDS INTERNATIONAL"], ["Packing list 17", None, None, "Date", date(2026, 11, 1)], [], HEAD,
                [1, "Rice", "A1", date(2027, 5, 1), 40, "sack of 25 kg"],
                [None, None, "A2", None, 20, None],
                [2, "Blanket", None, None, 300, "pc"], ["Subtotal", None, None, None, 360], [None, None, None, None, 360],
                ["GRAND TOTAL", None, None, None, 360],
            ],
            ("A1:F1", "B5:B6", "D5:D6"),
        )
    )  # fmt: skip
    assert rows == [
        ("Rice", "40", "A1", date(2027, 5, 1)), ("Rice", "20", "A2", date(2027, 5, 1)), ("Blanket", "300", "", None),
    ]  # fmt: skip
    assert faults == []
    for words in (
        "Row 6 names no unit: “sack of 25 kg”",
        "Row 8 is a line of totals",
        "Row 9 has a number but no item",
        "Row 10 is a line of totals",
    ):
        assert words in notes


def test_a_quantity_merged_over_two_batches_belongs_to_neither_unsaid() -> None:
    rows, _notes, faults = read(
        workbook([HEAD, [1, "Rice", "A1", None, 60, "kg"], [2, "Rice", "A2", None, None, "kg"]], ("E2:E3",))
    )
    assert rows[1][1] == "" and "write each row's own" in faults[0]


def test_russian_headers_with_semicolons_are_read_and_an_impossible_day_is_said() -> None:
    text = "Наименование;Количество;Ед. изм.;Партия;Срок годности\nРис;100;кг;П-1;31.02.2027\nИтого;100;;;\n"
    rows, _notes, faults = read(text.encode("cp1251"))
    assert rows == [("Рис", "100", "П-1", None)] and "no such day" in faults[0]


@pytest.mark.parametrize(
    ("text", "said"),
    [("a,b\n1,2\n", "No row of the list is a header"), ("Item,Quantity\nTotal,5\n", "No row of the list names goods")],
)
def test_a_list_without_a_header_or_goods_is_refused_in_a_sentence(text: str, said: str) -> None:
    with pytest.raises(FileFault, match=said):
        read(text.encode())
