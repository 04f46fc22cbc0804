from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InventoryConfig(AppConfig):
    name = "inventory"
    label = "inventory"
    verbose_name = _("Inventory")

    def ready(self) -> None:
        from inventory import history_parts, keeping, policies

        policies.register()
        history_parts.register()
        keeping.register()
