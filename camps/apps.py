from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CampsConfig(AppConfig):
    name = "camps"
    label = "camps"
    verbose_name = _("Camps and hospitals")

    def ready(self) -> None:
        from camps import history_parts, keeping, policies

        policies.register()
        keeping.register()
        history_parts.register()
