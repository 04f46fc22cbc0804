"""What people are asked before relatives may be told of them. A changed text gets a new version; old ones stay, as agreed to."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

TEXTS = {
    "1": _(
        "May we tell relatives who look for you that you were seen alive and at which site you are? "
        "We tell them nothing else, and you may say no or change your mind at any time; it changes nothing in the help you get."
    ),
}
CURRENT = "1"
