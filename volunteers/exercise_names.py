"""Invented offers and donors of Exercise Kopetdag. None is a real person, company or gift."""

from __future__ import annotations

from volunteers.models import DonorKind, PledgeKind

G, M, S, T, H, P = (
    PledgeKind.GOODS, PledgeKind.MONEY, PledgeKind.SERVICE, PledgeKind.TRANSPORT, PledgeKind.SHELTER, PledgeKind.PEOPLE,
)  # fmt: skip

OFFERS = (
    (G, "HOU-BLK", "blankets", 20, 400),
    (T, "", "lorries with drivers", 1, 6),
    (G, "SHL-TENT", "family tents", 5, 60),
    (M, "", "", 500, 20_000),
    (G, "", "winter boots, all sizes", 10, 120),
    (P, "", "surgeons", 1, 4),
    (H, "", "beds in a school hall", 10, 80),
    (G, "FOD-RICE", "rice", 100, 2000),
    (S, "", "hot meals a day", 50, 400),
    (P, "", "interpreters", 1, 8),
    (G, "", "hand-knitted socks", 20, 200),
    (T, "", "minibuses", 1, 4),
)
"""Kind, code in the catalogue, the donor's words, least and most of it."""

UNITS = {M: "TMT", S: "portions", T: "vehicles", H: "places", P: "people"}

DONORS = (
    (DonorKind.PERSON, "Maral Ataýewa"), (DonorKind.COMPANY, "Oasis Traders"), (DonorKind.PERSON, "Rustam Karimov"),
    (DonorKind.COMPANY, "Kopetdag Carpets"), (DonorKind.GOVERNMENT, "Town council of Bereket"), (DonorKind.PERSON, ""),
    (DonorKind.CAMP, "Families of the stadium"), (DonorKind.COMPANY, "Steppe Haulage"), (DonorKind.PERSON, "Aýgül Orazowa"),
)  # fmt: skip

PLACES = (
    "Market square, by the fountain", "Depot 4, ring road", "School No 12", "Behind the mosque, blue gate",
    "Railway station, platform 1",
)  # fmt: skip

REASONS = (
    "We have more than enough of this for the next weeks.",
    "It cannot be kept cool on the way.",
    "The sizes do not fit.",
)
