from django.apps import AppConfig
from django.core import checks
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "komek.accounts"
    label = "accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        from komek.accounts import consent_texts, erasing, policies
        from komek.accounts.checks import roles_are_known

        policies.register()
        consent_texts.register()
        erasing.register()
        checks.register(roles_are_known)
