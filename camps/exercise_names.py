"""Invented names for the exercise. Nobody here exists."""

from __future__ import annotations

FEMALE = (
    "Aýgül", "Maral", "Ogulnabat", "Jemal", "Sona", "Bahar", "Gözel", "Oguljan", "Dilnoza", "Nigora", "Feruza", "Zulfiya",
    "Лейла", "Айна", "Мерджен", "Огулсапар", "Günel", "Aytən", "Sevinc", "Nərgiz",
)  # fmt: skip
MALE = (
    "Myrat", "Döwlet", "Batyr", "Serdar", "Kakajan", "Amangeldi", "Rustam", "Jasur", "Bekzod", "Otabek", "Мурад", "Аман",
    "Сапар", "Довлет", "Elçin", "Rəşad", "Orxan", "Vüsal", "Begenç", "Çary",
)  # fmt: skip
# Family names: for a woman, for a man.
FAMILIES = (
    ("Annaýewa", "Annaýew"), ("Orazowa", "Orazow"), ("Garaýewa", "Garaýew"), ("Nuryýewa", "Nuryýew"),
    ("Karimova", "Karimov"), ("Rahimova", "Rahimov"), ("Yusupova", "Yusupov"), ("Мередова", "Мередов"),
    ("Атаева", "Атаев"), ("Бердыева", "Бердыев"), ("Məmmədova", "Məmmədov"), ("Əliyeva", "Əliyev"),
    ("Hojamyradowa", "Hojamyradow"), ("Saparowa", "Saparow"), ("Ergasheva", "Ergashev"), ("Durdyýewa", "Durdyýew"),
)  # fmt: skip
PLACES = ("Köne çarwa", "Ak suw", "Garagum oba", "Täze ýol", "Bag oba", "Daş köpri", "Ýaşyl depe", "Üç agaç")
CAMP_NAMES = {
    "planned": "Tent camp {n}, {place}",
    "spontaneous": "Field by the canal {n}, {place}",
    "collective": "School {n}, {place}",
    "host": "Families of quarter {n}, {place}",
    "hospital": "Hospital {n}, {place}",
    "reception": "Reception point {n}, {place}",
}
