"""PDF files are made on this machine from our own files: nothing that a page names from elsewhere is fetched."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders

from komek.web.pdf import NoPdf, pdf_of
from komek.web.pdf_files import OwnFiles, RefusedAddress

OWN_CSS = "/static/camps/profile_paper.css"


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:1/x.png",
        "https://example.org/static/camps/profile.css",
        "file:///etc/passwd",
        "data:image/png;base64,AAAA",
        "ftp://komek.invalid/static/camps/profile.css",
        "https://komek.invalid/media/camps/photos/x.jpg",
        "https://komek.invalid/static/../manage.py",
        "https://komek.invalid/static/%2e%2e/%2e%2e/etc/passwd",
        "https://komek.invalid/static//etc/passwd",
        "https://komek.invalid/static/nothing.css",
        "https://komek.invalid/static/",
        "https://komek.invalid/static/a%00b",
    ],
)
def test_everything_but_our_own_static_files_is_refused(address: str) -> None:
    with pytest.raises(RefusedAddress):
        OwnFiles().fetch(address)


def test_a_static_file_of_ours_is_read_with_its_kind() -> None:
    found = OwnFiles().fetch(f"https://komek.invalid{OWN_CSS}")
    assert found.content_type == "text/css"
    assert found.read() == Path(finders.find("camps/profile_paper.css")).read_bytes()


def test_a_page_that_names_other_machines_is_made_without_asking_them(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*args: Any, **kwargs: Any) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", never)
    made = pdf_of(
        f"<link rel=stylesheet href='{OWN_CSS}'><link rel=stylesheet href='http://192.0.2.1/x.css'>"
        "<style>@import url(http://192.0.2.1/y.css); p { background: url(https://192.0.2.1/z.png) }</style>"
        "<img src='//192.0.2.1/w.png'><object data='file:///etc/passwd'></object><p>Text</p>"
    )
    assert made.startswith(b"%PDF")


def test_without_the_library_there_is_a_sentence_instead(monkeypatch: pytest.MonkeyPatch) -> None:
    real = __import__

    def lacking(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "weasyprint":
            raise OSError("cannot load library 'libpango-1.0-0'")
        return real(name, *args, **kwargs)

    monkeypatch.setattr("builtins.__import__", lacking)
    with pytest.raises(NoPdf, match="Print the page instead"):
        pdf_of("<p>Text</p>")
