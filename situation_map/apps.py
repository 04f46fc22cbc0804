from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SituationMapConfig(AppConfig):
    name = "situation_map"
    label = "situation_map"
    verbose_name = _("Situation map")
