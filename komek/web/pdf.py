"""Pages as PDF, made on this machine from HTML, without the network."""

from __future__ import annotations

from django.utils.translation import gettext as _


class NoPdf(Exception):
    """This machine cannot make PDF. The message is a sentence for the person who asked."""


def pdf_of(html: str) -> bytes:
    """A PDF of a whole HTML document. Its style sheets are static files, named as the ``static`` tag names them.

    Raises NoPdf when the system's Pango library is missing: it is loaded here, so that all else works without it.
    """
    try:
        from weasyprint import HTML

        from komek.web.pdf_files import OWN, OwnFiles
    except OSError as fault:
        raise NoPdf(
            _("This server cannot make PDF files, because the Pango library is missing. Print the page instead.")
        ) from fault
    made: bytes = HTML(string=html, base_url=OWN, url_fetcher=OwnFiles()).write_pdf()
    return made
