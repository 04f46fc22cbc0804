from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "komek.accounts"
    label = "accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        from komek.accounts import policies

        policies.register()
