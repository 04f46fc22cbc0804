from django.apps import AppConfig
from django.core import checks
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class RecordsConfig(AppConfig):
    name = "komek.records"
    label = "records"
    verbose_name = _("Records")

    def ready(self) -> None:
        from komek.records.checks import periods_are_known
        from komek.records.triggers import replace_ignore_function

        post_migrate.connect(replace_ignore_function, sender=self)
        checks.register(periods_are_known)
