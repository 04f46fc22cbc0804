from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SuppliesConfig(AppConfig):
    name = "komek.supplies"
    label = "supplies"
    verbose_name = _("Supplies")

    def ready(self) -> None:
        from komek.supplies import history_parts, policies

        policies.register()
        history_parts.register()
