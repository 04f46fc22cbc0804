from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ExchangeConfig(AppConfig):
    name = "komek.exchange"
    label = "exchange"
    verbose_name = _("Exchange")

    def ready(self) -> None:
        from komek.exchange import policies

        policies.register()
