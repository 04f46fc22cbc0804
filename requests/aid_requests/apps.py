from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RequestsConfig(AppConfig):
    name = "aid_requests"
    label = "requests"
    verbose_name = _("Requests")

    def ready(self) -> None:
        from aid_requests import history_parts, keeping, policies

        policies.register()
        keeping.register()
        history_parts.register()
