from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PlacesConfig(AppConfig):
    name = "komek.places"
    label = "places"
    verbose_name = _("Places")

    def ready(self) -> None:
        from komek.places import policies

        policies.register()
