"""What an account asks consent for."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from komek.accounts.consents import ConsentPurpose, register_purpose

ACCOUNT = "accounts.account"


def register() -> None:
    """Called once, when the app is ready."""
    register_purpose(
        ConsentPurpose(
            key=ACCOUNT,
            title=_("Having an account"),
            text=_(
                "My name, e-mail, phone and reason are kept so that a coordinator can decide about my account and I can sign in. "
                "Coordinators see them. What I enter is kept with my name beside it. I may have my account deleted at any time."
            ),
            version="1",
            kept_until=_("This lasts as long as your account. To take it back, delete your account."),
        )
    )
