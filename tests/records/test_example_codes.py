"""Codes in help lines, pages and documents are ones that our own reader takes: people type what they are shown."""

from __future__ import annotations

import re
from pathlib import Path

from komek.records.codes import looks_like_code

ROOT = Path(__file__).parents[2]
ROOMS = (
    "docs",
    "komek",
    "camps",
    "requests",
    "inventory",
    "volunteers",
    "missing_persons",
    "orgs",
    "README.md",
    "CONTRIBUTING.md",
)
CODE = re.compile(r"\b[CWRTPIKGOAHBM]\d{4,5}\b")
NOT_OURS = {("exercise_consignments.py", "C7781"), ("exercise_consignments.py", "O5512")}
"""Numbers that manufacturers print on goods."""


def test_every_code_that_is_shown_as_an_example_has_the_right_check_digit() -> None:
    files = [
        file for room in ROOMS for file in ([ROOT / room] if (ROOT / room).is_file() else (ROOT / room).rglob("*"))
    ]
    wrong = [
        f"{file.relative_to(ROOT)}: {code}"
        for file in files
        if file.suffix in (".py", ".html", ".md", ".txt") and "migrations" not in file.parts
        for code in CODE.findall(file.read_text(encoding="utf-8"))
        if not looks_like_code(code) and (file.name, code) not in NOT_OURS
    ]
    assert wrong == []
