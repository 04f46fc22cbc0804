from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MissingPersonsConfig(AppConfig):
    name = "missing_persons"
    label = "missing_persons"
    verbose_name = _("Missing persons")

    def ready(self) -> None:
        from missing_persons import consent, history_parts, keeping, policies
        from missing_persons.pfif import keeping as pfif_keeping

        policies.register()
        keeping.register()
        pfif_keeping.register()
        history_parts.register()
        consent.register()
