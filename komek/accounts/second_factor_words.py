"""The sentences with which django-allauth refuses something about a second factor."""

from __future__ import annotations

from typing import Any

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "add_email_blocked": gettext_lazy(
            "An account with a second factor takes no new address. Take the factor off, confirm the address, then set it up again."
        ),
        "cannot_delete_authenticator": gettext_lazy("This second factor cannot be taken away."),
        "cannot_generate_recovery_codes": gettext_lazy(
            "Set up an app or a passkey first; recovery codes stand in for them."
        ),
        "incorrect_code": gettext_lazy(
            "This did not fit. Codes change every 30 seconds: type the one shown now, or try the passkey again."
        ),
        "unverified_email": gettext_lazy("Confirm your e-mail address first: open the link we sent to it."),
    }

    def generate_authenticator_name(self, user: Any, type: Authenticator.Type) -> str:
        """What a passkey is called until its owner gives it a name."""
        number = Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1
        return _("Passkey %(n)d") % {"n": number} if number > 1 else _("Passkey")
