"""The roles people hold in an organisation, for an operation. The public holds none."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    ADMINISTRATOR = "administrator", _("administrator")
    COORDINATOR = "coordinator", _("coordinator")
    CAMP_MANAGER = "camp_manager", _("camp manager")
    REGISTRAR = "registrar", _("registrar")
    WAREHOUSE_KEEPER = "warehouse_keeper", _("warehouse keeper")
    VOLUNTEER_MANAGER = "volunteer_manager", _("volunteer manager")
    PROTECTION_OFFICER = "protection_officer", _("protection officer")
    VIEWER = "viewer", _("viewer")


MANAGERS = frozenset({Role.ADMINISTRATOR, Role.COORDINATOR})
"""Who may change what their organisation owns."""

EVERY_ROLE = frozenset(Role)
