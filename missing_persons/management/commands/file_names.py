"""``bin/manage file_names``: file every person under the keys of their names anew, as after a change of the rules for keys."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from missing_persons.filing import file_everybody


class Command(BaseCommand):
    help = _("Files every missing person's names for the search anew. Searches go on meanwhile.")

    def handle(self, *args: Any, **options: Any) -> None:
        count = file_everybody()
        self.stdout.write(ngettext("%(count)d person filed.", "%(count)d persons filed.", count) % {"count": count})
