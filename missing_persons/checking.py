"""What a report must say, in sentences by field. The same at every door."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone
from django.utils.translation import gettext as _

from missing_persons.ages import OLDEST, born_in_year, born_of_age
from missing_persons.models import UNIDENTIFIED, NameKind, Report, ReportKind
from missing_persons.texts import one_line, several_lines

# A clock that runs a little fast does not make a report one from the future.
CLOCK_SLACK = timedelta(minutes=10)
LONGEST_NAME = 300
LONGEST_TEXT = 10_000
MOST_NAMES = 12
HEIGHTS_CM = range(30, 260)

LINES = (
    "reported_by", "reporter_relation", "reporter_phone", "reporter_email", "source", "home_text", "last_seen_text", "build",
    "hair", "eyes", "scars", "tattoos", "clothing",
)  # fmt: skip
TEXTS = ("description", "circumstances")
EDITABLE = frozenset(
    (
        *LINES, *TEXTS, "kind", "language", "sex", "birth_date", "birth_year", "age_from", "age_to", "home_area",
        "last_seen_area", "last_seen_point", "height_cm", "languages", "company", "consents_to_publish", "occurred_at",
    )
)  # fmt: skip


@dataclass(frozen=True)
class NameGiven:
    """A name as somebody gave it: whole (``as_written``), in parts, or both. Without the whole it is put together from the parts."""

    as_written: str = ""
    given: str = ""
    patronymic: str = ""
    family: str = ""
    kind: str = NameKind.FULL


def tidy_names(names: Sequence[NameGiven]) -> tuple[list[NameGiven], dict[str, Any]]:
    """The names without blanks, control characters, empty ones and repetitions; and sentences by field."""
    found: dict[tuple[str, str], NameGiven] = {}
    for name in names:
        parts = {part: one_line(getattr(name, part)) for part in ("given", "patronymic", "family")}
        whole = one_line(name.as_written) or " ".join(filter(None, parts.values()))
        if len(whole) > LONGEST_NAME or any(len(part) > LONGEST_NAME // 2 for part in parts.values()):
            return [], {
                "names": _("The name has %(length)d characters; a name has at most %(most)d. Write the name alone; "
                           "everything else goes into the description.")
                % {"length": max(len(whole), *map(len, parts.values())), "most": LONGEST_NAME}
            }  # fmt: skip
        if any(letter.isalpha() for letter in whole):
            found.setdefault((whole, name.kind), NameGiven(whole, **parts, kind=name.kind))
    if len(found) > MOST_NAMES:
        return [], {"names": _("A report holds at most %(most)d names.") % {"most": MOST_NAMES}}
    return list(found.values()), {}


def assign(report: Report, fields: dict[str, Any]) -> None:
    """Set fields that people give, tidied. birth_year stands for the year's first and last day. Raises TypeError on others."""
    unknown = set(fields) - EDITABLE
    if unknown:
        raise TypeError(f"not fields of a report that people give: {', '.join(sorted(unknown))}")
    for name, value in fields.items():
        if name in LINES:
            value = one_line(value)
        elif name in TEXTS:
            value = several_lines(value)
        elif name == "languages":
            value = [language for one in value or () if (language := one_line(one)[:60])]
        elif name == "birth_year":
            continue
        setattr(report, name, value)
    if fields.keys() & {"birth_date", "birth_year", "age_from", "age_to", "occurred_at"}:
        _set_born(report, fields.get("birth_year"))


def _set_born(report: Report, birth_year: int | None) -> None:
    """Nonsense is left for ``faults_of`` to name."""
    ages = [age for age in (report.age_from, report.age_to) if age is not None]
    if report.birth_date is not None:
        report.born_from = report.born_to = report.birth_date
    elif birth_year is not None and 1880 <= birth_year <= timezone.localdate().year:
        report.born_from, report.born_to = born_in_year(birth_year)
    elif ages and min(ages) >= 0 and max(ages) <= OLDEST:
        low = report.age_from if report.age_from is not None else report.age_to
        high = report.age_to if report.age_to is not None else report.age_from
        if low is not None and high is not None and low <= high:
            report.born_from, report.born_to = born_of_age(low, high, timezone.localdate(report.occurred_at))
    elif birth_year is None and not ages and not _is_whole_year(report):
        report.born_from = report.born_to = None


def _is_whole_year(report: Report) -> bool:
    """Whether a year alone was given earlier: it stays when something else of the report changes."""
    return report.born_from is not None and (report.born_from, report.born_to) == born_in_year(report.born_from.year)


def faults_of(report: Report, names: Sequence[NameGiven], *, birth_year: int | None = None) -> dict[str, Any]:
    """Field → sentence, for every rule the report breaks."""
    faults: dict[str, Any] = {}
    now = timezone.now()
    if report.kind not in ReportKind.values:
        faults["kind"] = _("Say what kind of report this is.")
    elif not names and report.kind not in UNIDENTIFIED:
        faults["names"] = _(
            "Write the person's name, as you know it. If nobody knows the name, choose the report for somebody not identified."
        )
    elif not names and not (report.description or report.clothing or report.scars or report.tattoos or report.hair):
        faults["description"] = _(
            "Nobody knows the name, so describe the person: what would their family know them by?"
        )
    if report.occurred_at > now + CLOCK_SLACK:
        faults["occurred_at"] = _("This lies in the future. Give the day when the person was last seen or found.")
    faults |= _age_faults(report, birth_year)
    if report.height_cm is not None and report.height_cm not in HEIGHTS_CM:
        faults["height_cm"] = _("Give the height in centimetres, such as 172, or leave it empty.")
    for name in (*LINES, *TEXTS):
        most = LONGEST_TEXT if name in TEXTS else report._meta.get_field(name).max_length
        if len(getattr(report, name)) > (most or LONGEST_TEXT):
            faults[name] = _("This is longer than %(most)d characters. Shorten it.") % {"most": most}
    if report.reporter_email and "reporter_email" not in faults:
        try:
            validate_email(report.reporter_email)
        except ValidationError:
            faults["reporter_email"] = _("This is not an e-mail address. Check it, or leave it empty.")
    point = report.last_seen_point
    if point is not None and not (-180 <= point.x <= 180 and -90 <= point.y <= 90):
        faults["last_seen_point"] = _(
            "Longitude must be between -180 and 180 and latitude between -90 and 90. Are the two swapped?"
        )
    return faults


def _age_faults(report: Report, birth_year: int | None) -> dict[str, Any]:
    today: date = timezone.localdate()
    impossible = _("Nobody is that old. Give the age in years, between 0 and %(oldest)d, or leave it empty.") % {
        "oldest": OLDEST
    }
    for name in ("age_from", "age_to"):
        age = getattr(report, name)
        if age is not None and not 0 <= age <= OLDEST:
            return {name: impossible}
    if report.age_from is not None and report.age_to is not None and report.age_from > report.age_to:
        return {"age_to": _("The second age is smaller than the first. Write the younger age first.")}
    if birth_year is not None and not today.year - OLDEST <= birth_year <= today.year:
        return {"birth_year": _("This is no year in which somebody living now was born. Check it, or leave it empty.")}
    if report.birth_date is not None and not today.year - OLDEST <= report.birth_date.year <= today.year:
        return {"birth_date": _("This is no day on which somebody living now was born. Check it, or leave it empty.")}
    if report.birth_date is not None and report.birth_date > today:
        return {"birth_date": _("This day is yet to come. Check the date of birth.")}
    return {}
