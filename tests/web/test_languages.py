"""Catalogues that cannot break a page: every placeholder is there, plurals have their forms, the page speaks the language."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from django.test import Client

LOCALE = Path(__file__).parents[2] / "locale"
CATALOGUES = sorted(LOCALE.glob("*/LC_MESSAGES/django.po"))


@pytest.mark.parametrize("file", CATALOGUES, ids=lambda file: file.parts[-3])
def test_a_catalogue_is_well_formed_and_its_placeholders_match(file: Path, tmp_path: Path) -> None:
    checked = subprocess.run(
        ["msgfmt", "--check-format", "--check-header", "-o", str(tmp_path / "x.mo"), str(file)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize("file", CATALOGUES, ids=lambda file: file.parts[-3])
def test_most_of_a_catalogue_is_translated(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    messages = text.count("\nmsgid ") - 1
    empty = len(re.findall(r'\nmsgstr(?:\[0\])? ""\n(?!")', text))
    assert empty < 0.06 * messages


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "word"),
    [("ru", "Войти"), ("uz", "Kirish"), ("uz-cyrl", "Кириш"), ("az", "Daxil ol"), ("tk", "Girmek")],
)
def test_the_first_page_speaks_the_language(client: Client, language: str, word: str) -> None:
    client.cookies["django_language"] = language
    assert word in client.get("/").content.decode()
