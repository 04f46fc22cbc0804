from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VolunteersConfig(AppConfig):
    name = "volunteers"
    label = "volunteers"
    verbose_name = _("Pledges and volunteers")

    def ready(self) -> None:
        from volunteers import consent, history_parts, keeping, policies
        from volunteers.people import policies as people_policies

        policies.register()
        people_policies.register()
        keeping.register()
        history_parts.register()
        consent.register()
