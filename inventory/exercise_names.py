"""Invented names and amounts for the exercise's warehouses. Amounts are in each item's base unit."""

from __future__ import annotations

from typing import NamedTuple


class Goods(NamedTuple):
    """received: a usual gift; step: what it is counted in, when given out; days: from receipt to expiry, for what expires."""

    code: str
    received: int
    step: int
    days: tuple[int, ...] = ()
    is_cold: bool = False


GOODS = (
    Goods("FOD-RICE", 12000, 25, (120, 300)), Goods("FOD-FLR", 9000, 50, (60, 180)), Goods("FOD-OIL", 3600, 12, (90, 240)),
    Goods("FOD-LEN", 4000, 10, (200, 400)), Goods("FOD-CAN", 6000, 12, (300, 700)), Goods("FOD-BIS", 2500, 10, (40, 150)),
    Goods("FOD-INF", 600, 5, (50, 200)), Goods("WAT-BTL", 9000, 18, (90, 300)), Goods("WAT-CHL", 200000, 10000, (200, 500)),
    Goods("WAT-JER20", 1500, 10), Goods("HOU-BLK", 4000, 20), Goods("HOU-MAT", 1500, 5), Goods("HOU-POT", 800, 10),
    Goods("SHL-TENT", 300, 1), Goods("SHL-TARP", 1500, 5), Goods("HYG-SOAP", 3000, 10), Goods("HYG-DET", 2000, 10),
    Goods("HYG-PAD", 40000, 100), Goods("HYG-TBR", 6000, 50), Goods("HYG-TPA", 4000, 50, (300, 600)),
    Goods("HYG-TWL", 4000, 20), Goods("HYG-TIS", 12000, 50), Goods("MED-ORS", 20000, 100, (60, 400)),
    Goods("MED-PCM", 60000, 1000, (150, 600)), Goods("MED-AMX", 20000, 500, (100, 400)), Goods("MED-GLV", 10000, 100, (300, 900)),
    Goods("ENR-STV", 200, 1), Goods("ENR-LMP", 900, 10),
    Goods("MED-INS", 6000, 10, (45, 90), True), Goods("MED-MSL", 8000, 100, (30, 60), True),
)  # fmt: skip

KIT = "KIT-HYG"
KIT_NEEDS = ("HYG-SOAP", "HYG-DET", "HYG-PAD", "HYG-TBR", "HYG-TPA", "HYG-TWL", "HYG-TIS")

# By warehouse: its name, m², m³, pallet places, and whether it has a cold room. “{place}” is the district it lies in.
WAREHOUSES = (
    ("Central relief store, {place}", 2400, 900, 1200, True), ("Railway depot, {place}", 1800, 700, 900, False),
    ("School gymnasium store, {place}", 420, 260, 120, False), ("Airport transit shed, {place}", 900, 420, 400, True),
    ("Grain store, {place}", 3000, 1100, 800, False), ("Pharmacy depot, {place}", 350, 240, 90, True),
    ("Cotton mill hall 2, {place}", 2000, 800, 700, False), ("Bazaar store, {place}", 260, 230, 60, False),
    ("Customs terminal, {place}", 1200, 480, 500, False), ("Rented hall, {place}", 700, 300, 250, False),
    ("Forward base, {place}", 300, 210, 80, False), ("Veterinary station store, {place}", 240, 200, 50, False),
)  # fmt: skip

DONORS = ("Oasis Traders (exercise)", "People of Balkan (exercise)", "Alpine Parishes (exercise)")
"""Givers who are not registered as organisations."""

UNSOLICITED = (
    ("Used winter clothes, mixed sizes", 140, "useful", "Hall, left wall"),
    ("Medicines with labels nobody here reads", 35, "discard", "Quarantine"),
    ("High-heeled shoes", 60, "not_needed", "Yard"),
    ("Baby milk, small tins, expiry next month", 24, "urgent", "Receiving"),
    ("Hand-knitted blankets from a school", 18, "useful", "Hall, left wall"),
    ("Canned food without a list", 75, "unsorted", "Receiving"),
    ("Bottled water, several makes", 210, "urgent", "Yard"),
    ("Frozen fish on a lorry without cooling", 12, "discard", "Yard"),
    ("Toys and books", 40, "not_needed", "Receiving"),
    ("Boxes from the bazaar, not opened", 55, "unsorted", "Receiving"),
)
"""What it is, packages, how it was sorted, where it lies."""

DRIVERS = ("Orazmyrat Nuryýew", "Баходыр Рахимов", "Elşən Quliyev", "Сергей Павлов", "Maral Ataýewa")

NOBODYS_PHONE = "+120255501{:02d}"
"""Numbers that a form takes and that never ring: 555-0100 to 555-0199 are kept for fiction by the North American Numbering Plan."""
