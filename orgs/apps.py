from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrgsConfig(AppConfig):
    name = "orgs"
    label = "orgs"
    verbose_name = _("Organisations")

    def ready(self) -> None:
        from orgs import history_parts, policies

        policies.register()
        history_parts.register()
