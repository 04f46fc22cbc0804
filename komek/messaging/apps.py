from django.apps import AppConfig
from django.core import checks
from django.utils.translation import gettext_lazy as _


class MessagingConfig(AppConfig):
    name = "komek.messaging"
    label = "messaging"
    verbose_name = _("Messaging")

    def ready(self) -> None:
        from komek.messaging import keeping, policies
        from komek.messaging.checks import gateway_works_as_set, verbs_are_clear

        keeping.register()
        policies.register()
        checks.register(gateway_works_as_set)
        checks.register(verbs_are_clear)
