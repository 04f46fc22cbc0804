from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OperationsConfig(AppConfig):
    name = "komek.operations"
    label = "operations"
    verbose_name = _("Operations")

    def ready(self) -> None:
        from komek.operations import history_parts, policies

        policies.register()
        history_parts.register()
