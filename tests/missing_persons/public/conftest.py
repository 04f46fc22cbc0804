"""Browsers of people without an account, and pictures as telephones take them."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from missing_persons.models import Person, Report
from missing_persons.publishing import publish
from tests.conftest import actor
from tests.missing_persons.conftest import Desk, Tell

Listed = Callable[..., Report]


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = str(tmp_path)
    return tmp_path


@pytest.fixture
def listed(desk: Desk, tell: Tell) -> Listed:
    """Somebody whom everybody may see: reported, and released by a registrar."""

    def make(*names: str, **fields: Any) -> Report:
        report = tell(*names, **fields)
        publish(by=actor(desk.nurjan), operation=desk.operation, record=report)
        report.refresh_from_db()
        report.person = Person.objects.get(pk=report.person_id)
        return report

    return make


@pytest.fixture
def phone() -> Client:
    """A browser of somebody."""
    return Client()


def jpeg(width: int = 400, height: int = 300, *, turned: bool = False, place: bool = False) -> SimpleUploadedFile:
    """A photo: its left half red, its right half blue. turned: held upright (EXIF 6). place: with GPS in its data."""
    image = Image.new("RGB", (width, height), "blue")
    image.paste("red", (0, 0, width // 2, height))
    exif = Image.Exif()
    if turned:
        exif[0x0112] = 6
    if place:
        exif[0x010F] = "SecretCameraMaker"
        exif.get_ifd(0x8825).update({1: "N", 2: (37.0, 57.0, 0.0), 3: "E", 4: (58.0, 23.0, 0.0)})
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif)
    return SimpleUploadedFile("photo.jpg", out.getvalue(), "image/jpeg")
