"""What documents promise to list whole is listed whole."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_every_package_komek_asks_for_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    front_end = json.loads((ROOT / "package.json").read_text())
    asked = [
        *project["project"]["dependencies"],
        *(one for group in project["dependency-groups"].values() for one in group),
    ]
    names = [re.split(r"[^\w.-]", line)[0] for line in asked]
    names += [*front_end["dependencies"], *front_end["devDependencies"]]
    listed = (ROOT / "docs" / "dependencies.md").read_text().lower()
    assert [name for name in names if not re.search(rf"(?<![\w-]){re.escape(name.lower())}(?![\w-])", listed)] == []
