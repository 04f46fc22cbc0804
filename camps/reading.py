"""Names of people at sites are read for a reason: who read which ones is written down.

``names_read`` is the one place that does it. It hands on to ``komek.accounts.log_read`` once that exists; until then a line
goes to the log of the installation, with counts and codes and never a name.
"""

from __future__ import annotations

import logging
from typing import Any

from komek import accounts

logger = logging.getLogger("camps.reading")


def names_read(*, user: Any, operation: Any, what: str, codes: list[str], reason: str = "") -> None:
    """Write down that somebody read personal data. what: the page or resource; codes: of the records shown."""
    log_read = getattr(accounts, "log_read", None)
    if log_read is not None:
        log_read(user=user, operation=operation, what=what, codes=codes, reason=reason)
        return
    logger.info(
        "names read",
        extra={"reader": getattr(user, "pk", None), "what": what, "count": len(codes), "codes": codes[:200]},
    )
