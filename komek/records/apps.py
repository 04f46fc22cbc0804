from django.apps import AppConfig
from django.core import checks
from django.utils.translation import gettext_lazy as _


class RecordsConfig(AppConfig):
    name = "komek.records"
    label = "records"
    verbose_name = _("Records")

    def ready(self) -> None:
        from komek.records.checks import periods_are_known

        checks.register(periods_are_known)
