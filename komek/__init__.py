"""Komek, a disaster management information system.

The folder ``requests/`` is a source root, not a package (see docs/decisions/0001-requests-folder.md). It is put on
``sys.path`` here, and only here: settings, wsgi, asgi and the type checker all reach this module first.
"""

import sys
from pathlib import Path

_requests_root = str(Path(__file__).resolve().parent.parent / "requests")
if _requests_root not in sys.path:
    sys.path.append(_requests_root)
