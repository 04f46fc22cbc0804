"""Catalogues that cannot break a page: every placeholder is there, plurals have their forms, the page speaks the language."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
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


def test_most_of_what_the_pages_say_is_in_every_catalogue(tmp_path: Path) -> None:
    root = LOCALE.parent
    listed = subprocess.run(
        ["git", "ls-files", "-z", "*.py", "*.html", "*.txt", "locale"],
        cwd=root, capture_output=True, text=True, check=True,
    )  # fmt: skip
    for name in filter(None, listed.stdout.split("\0")):
        if not name.startswith("tests/") and (root / name).is_file():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(root / name, tmp_path / name)
    languages = [file.parts[-3] for file in CATALOGUES]
    subprocess.run(
        [sys.executable, "manage.py", "makemessages", "--no-location", *(f"--locale={name}" for name in languages)],
        cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(tmp_path)}, capture_output=True, check=True,
    )  # fmt: skip
    for name in languages:
        counted = subprocess.run(
            ["msgfmt", "--statistics", "-o", os.devnull, f"locale/{name}/LC_MESSAGES/django.po"],
            cwd=tmp_path, env=os.environ | {"LC_ALL": "C"}, capture_output=True, text=True, check=True,
        ).stderr  # fmt: skip
        numbers = {kind: int(number) for number, kind in re.findall(r"(\d+) (translated|fuzzy|untranslated)", counted)}
        missing = numbers.get("fuzzy", 0) + numbers.get("untranslated", 0)
        assert missing < 0.06 * sum(numbers.values()), f"{name}: {missing} strings wait for a translation ({counted})"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "word"),
    [("ru", "Войти"), ("uz", "Kirish"), ("uz-cyrl", "Кириш"), ("az", "Daxil ol"), ("tk", "Girmek")],
)
def test_the_first_page_speaks_the_language(client: Client, language: str, word: str) -> None:
    client.cookies["django_language"] = language
    assert word in client.get("/").content.decode()


def test_the_sentences_we_borrow_are_those_that_django_and_allauth_say() -> None:
    """Else a translation of ours would wait for a sentence that nobody says any more."""
    import inspect

    import allauth.account.forms
    import django.contrib.auth.password_validation
    import django.core.validators
    import django.db.models.base
    import django.db.models.fields
    import django.forms.fields
    import django.forms.models

    from komek.web.borrowed_words import SENTENCES

    said = "".join(
        inspect.getsource(module)
        for module in (
            allauth.account.forms, django.contrib.auth.password_validation, django.core.validators,
            django.db.models.base, django.db.models.fields, django.forms.fields, django.forms.models,
        )
    )  # fmt: skip
    # A long sentence stands in the source in pieces: neither quotes nor spaces count.
    flat = "".join(said.replace('"', "").split())
    assert [sentence for sentence in SENTENCES if "".join(sentence.split()) not in flat] == []
