"""The list of skills: what comes with Komek, and how those who answer for helpers keep it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from komek.accounts.authority import Action, require, standing_of
from komek.records.actor import Actor, acting
from volunteers.models import Skill
from volunteers.refusals import Refused

FILE = Path(__file__).with_name("skills.json")


class ShippedSkills:
    key = "volunteers.skills"
    order = 50

    def load(self, report: Callable[[str], None]) -> None:
        """Add what is missing; what an installation changed or took out of use stays as it is."""
        shipped = json.loads(FILE.read_text(encoding="utf-8"))
        known = set(Skill.objects.values_list("key", flat=True)) | set(Skill.objects.values_list("name", flat=True))
        fresh = [row for row in shipped["skills"] if row["key"] not in known and row["name"] not in known]
        for row in fresh:
            Skill.objects.create(**row, source=f"{shipped['source']}; {shipped['version']}"[:200])
        if fresh:
            report(f"Skills: {len(fresh)}")


@transaction.atomic
def keep_skill(
    *, by: Actor, operation: Any, name: str, group: str = "", asks_evidence: bool = False, is_active: bool = True,
    skill: Skill | None = None,
) -> Skill:  # fmt: skip
    """Add a skill, or change one; what nobody uses any more is taken out of use and stays readable. Raises Refused, NotAllowed."""
    require(standing_of(by.user, operation), Action.CHANGE if skill else Action.ADD, skill or Skill)
    row = Skill.objects.select_for_update().get(pk=skill.pk) if skill else Skill()
    name = " ".join(name.split())
    if not name:
        raise Refused({"name": _("Give the skill a name.")})
    row.key = row.key or slugify(name, allow_unicode=False)[:40] or f"skill-{Skill.objects.count() + 1}"
    row.name, row.group = name[:100], group.strip()[:60]
    row.asks_evidence, row.is_active = asks_evidence, is_active
    try:
        with transaction.atomic(), acting(by):
            row.save()
    except IntegrityError as fault:
        raise Refused({"name": _("There is a skill of this name already.")}) from fault
    return row
