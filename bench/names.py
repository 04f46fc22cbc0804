"""Finding people by name: recall, precision, time and memory, at several sizes of the register.

    DATABASE_URL=postgis://… bin/manage migrate
    DATABASE_URL=postgis://… uv run bench/names.py [--sizes 100000,1000000] [--questions 500]

Fills an operation of the database of DATABASE_URL, which should hold nothing real, with invented people (``name_lists.py``), each
written in one of seven orthographies; a second run uses what the first made. Then asks for some of them as somebody else would write
them: another orthography and script, the words in another order, the patronymic present or not, marks left off, a slip of the finger,
an initial, a compound name split; most with an age, give or take two years. Prints:

- recall at 20 (the person asked for is among the answers), by what differs, of the questions in full that at most 20 people fit:
  where more share the given and family name, the sex and the age asked for, no answer of 20 can hold them all; how often they are
  the first;
  precision (the share of answers to the public whose given and family name are the same names, however written);
- the same for the hand-made list ``labelled_names.txt``, each of whose spellings is a person among the others;
- time of a search by the clock, and processor time of this process and of its database connection;
- the same for questions that find nothing, and for suggested pairs; memory of this process.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import sys
import time
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "komek.settings")
os.environ.setdefault("KOMEK_SECRET_KEY", "bench")
os.environ.setdefault("KOMEK_DB_POOL", "0")

from bench import name_lists as lists  # noqa: E402
from bench.processor_time import backend_pid  # noqa: E402

SLUG = "bench-names"
NOW = "2026-03-01T00:00:00Z"
COLUMNS = (
    "id", "code", "operation_id", "display_name", "sex", "born_from", "born_to", "visibility", "occurred_at", "entered_at",
    "updated_at", "channel", "reported_by", "home_text", "last_seen_text", "is_child_alone", "status", "status_source",
    "is_held_back", "held_back_because",
)  # fmt: skip
# Which orthography a record is written in, and a question asked in: shares of a hundred.
WRITTEN = [lists.RUSSIAN] * 40 + [lists.TURKMEN] * 22 + [lists.UZBEK] * 14 + [lists.UZBEK_CYRILLIC] * 6
WRITTEN += [lists.AZERBAIJANI] * 8 + [lists.ENGLISH] * 8 + [lists.PERSIAN] * 2
CYRILLIC = (lists.RUSSIAN, lists.UZBEK_CYRILLIC)
VOWELS = "aeiouyäöüəıаеёиоуыэюяўӣ"

ROWS = {
    "male": lists.male(Random(1)),
    "female": lists.female(Random(2)),
    "family": lists.families(Random(3)),
}
# Common names are common: the row of rank r is drawn with weight 1 / (r + 4).
WEIGHTS = {kind: list(accumulate(1 / (rank + 4) for rank in range(len(found)))) for kind, found in ROWS.items()}


@dataclass(frozen=True)
class Somebody:
    """An invented person: rows of ``ROWS``, and how their record is written."""

    number: int
    sex: str
    given: int
    father: int
    family: int
    born: date
    language: int
    has_patronymic: bool
    family_first: bool

    @property
    def namesake(self) -> tuple[str, int, int]:
        return self.sex, self.given, self.family


def base(size: int) -> int:
    """Where the keys of the people of a register of this size begin; those of the hand-made list come just before."""
    return 80_000_000 + 10 * size


def somebody(number: int) -> Somebody:
    """The person of a number, the same each time."""
    random = Random(number * 2_654_435_761 % 2**32)
    sex = "male" if random.random() < 0.5 else "female"

    def one(kind: str) -> int:
        return random.choices(range(len(ROWS[kind])), cum_weights=WEIGHTS[kind])[0]

    return Somebody(
        number, sex, one(sex), one("male"), one("family"), date(1935, 1, 1) + timedelta(days=random.randrange(32_000)),
        random.choice(WRITTEN), random.random() < 0.5, random.random() < 0.4,
    )  # fmt: skip


def form(row: list[str], language: int) -> str:
    """A name in an orthography, or in the nearest that writes it."""
    order = [language, *((lists.RUSSIAN, lists.ENGLISH) if language in CYRILLIC else (lists.ENGLISH, lists.TURKMEN))]
    return next((row[one] for one in (*order, lists.RUSSIAN) if row[one]), row[0])


def ends(stem: str, language: int, *, female: bool) -> str:
    """A family name with the ending its language gives it."""
    vowel = unicodedata.normalize("NFC", stem)[-1:].lower() in VOWELS
    if language == lists.PERSIAN:
        return stem + "\u200cاف" if any("\u0600" < letter < "\u06ff" for letter in stem) else stem + "ov"
    if language in CYRILLIC:
        return stem + ("ев" if vowel else "ов") + ("а" if female else "")
    if language == lists.TURKMEN:
        return stem + ("ýew" if vowel else "ow") + ("a" if female else "")
    return stem + ("yev" if vowel else "ov") + ("a" if female else "")


def fathers(name: str, language: int, *, female: bool) -> str:
    vowel = name[-1:].lower() in VOWELS
    if language == lists.RUSSIAN:
        return name + ("е" if vowel else "о") + ("вна" if female else "вич")
    if language == lists.TURKMEN:
        return f"{name} {'gyzy' if female else 'ogly'}"
    if language == lists.UZBEK:
        return f"{name} {'qizi' if female else 'o‘g‘li'}"
    if language == lists.UZBEK_CYRILLIC:
        return f"{name} {'қизи' if female else 'ўғли'}"
    if language == lists.AZERBAIJANI:
        return f"{name} {'qızı' if female else 'oğlu'}"
    if language == lists.ENGLISH:
        return name + ("ye" if vowel else "o") + ("vna" if female else "vich")
    return f"بن {name}"


def written(one: Somebody, language: int, *, patronymic: bool, family_first: bool) -> list[str]:
    """The words of somebody's name in an orthography."""
    female = one.sex == "female"
    given = form(ROWS[one.sex][one.given], language)
    family = ends(form(ROWS["family"][one.family], language), language, female=female)
    middle = [fathers(form(ROWS["male"][one.father], language), language, female=female)] if patronymic else []
    return [family, given, *middle] if family_first else [given, *middle, family]


@dataclass(frozen=True)
class Question:
    """What is asked, for whom, and what differs from the record."""

    one: Somebody
    name: str
    age: tuple[date, date] | None
    differs: frozenset[str]


def question(one: Somebody, random: Random) -> Question:
    language = random.choice(WRITTEN)
    differs = {
        "script"
        if _script(language) != _script(one.language)
        else "orthography"
        if language != one.language
        else "same"
    }
    patronymic, family_first = random.random() < 0.4, random.random() < 0.5
    if patronymic != one.has_patronymic:
        differs.add("patronymic")
    if family_first != one.family_first:
        differs.add("order")
    words = written(one, language, patronymic=patronymic, family_first=family_first)
    kind = random.random()
    place = random.randrange(2)
    if kind < 0.15 and len(words[place]) >= 5:
        words[place] = slip(words[place], random)
        differs.add("slip")
    elif kind < 0.25 and language in (lists.TURKMEN, lists.AZERBAIJANI):
        words = [bare(word) for word in words]
        differs.add("marks left off")
    elif kind < 0.30:
        at = 1 if family_first else 0
        words[at] = words[at][:1] + "."
        differs.add("initial")
    elif kind < 0.36:
        words, was_split = split(words)
        differs |= {"split"} if was_split else set()
    age = None
    if random.random() < 0.7:
        year = one.born.year + random.choice((-1, 0, 0, 1))
        age = (date(year - 2, 1, 1), date(year + 2, 12, 31))
    else:
        differs.add("no age")
    return Question(one, " ".join(words), age, frozenset(differs))


def _script(language: int) -> str:
    return "cyrillic" if language in CYRILLIC else "arabic" if language == lists.PERSIAN else "latin"


def slip(word: str, random: Random) -> str:
    at = random.randrange(1, len(word) - 1)
    letter = random.choice(word.lower())
    return random.choice(
        (word[:at] + word[at + 1 :], word[:at] + letter + word[at:], word[:at] + letter + word[at + 1 :],
         word[:at] + word[at + 1] + word[at] + word[at + 2 :])
    )  # fmt: skip


def bare(word: str) -> str:
    plain = word.translate(str.maketrans("əıƏİ", "eieI"))
    return "".join(letter for letter in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(letter))


def split(words: list[str]) -> tuple[list[str], bool]:
    """The first compound name as two words."""
    for i, word in enumerate(words):
        for first in lists._FIRST.split():
            if word.startswith(first) and len(word) - len(first) > 3:
                return [*words[:i], first, word[len(first) :], *words[i + 1 :]], True
    return words, False


def fill(operation: Any, size: int) -> None:
    """People up to ``size``."""
    from django.db import connection

    from missing_persons.models import Person, SearchEntry

    have = SearchEntry.objects.filter(operation=operation, person__gte=base(size)).count()
    if have >= size:
        return
    began = time.perf_counter(), time.process_time()
    for start in range(have, size, 50_000):
        people = [somebody(number) for number in range(start, min(size, start + 50_000))]
        store([(base(size) + one.number, name_of(one), one.sex, one.born) for one in people], operation)
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {Person._meta.db_table}")
        cursor.execute(f"VACUUM ANALYZE {SearchEntry._meta.db_table}")
    wall, processor = time.perf_counter() - began[0], time.process_time() - began[1]
    print(f"{size - have:,} people filed: {wall:.0f} s, processor (this process) {processor:.0f} s")


def store(people: list[tuple[int, str, str, date | None]], operation: Any) -> None:
    """Key, name, sex and birth date of people, by COPY, with history and other triggers off; and what they are filed under."""
    from django.db import connection

    from komek.records.codes import make_code
    from missing_persons.filing import row_of, store_rows, written_form
    from missing_persons.models import Person

    others = [one for one in Person._meta.local_concrete_fields if not one.null and one.column not in COLUMNS]
    columns = ", ".join((*COLUMNS, *(one.column for one in others)))
    usual = [one.get_db_prep_save(one.get_default(), connection) for one in others]
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        with cursor.copy(f"COPY {Person._meta.db_table} ({columns}) FROM STDIN") as copy:
            for key, name, sex, born in people:
                copy.write_row((
                    key, make_code("P", key), operation.pk, name, sex, born, born, "public", NOW, NOW, NOW, "command",
                    "", "", "", False, "missing", "", False, "", *usual,
                ))  # fmt: skip
        store_rows(
            row_of(
                Person(pk=key, operation_id=operation.pk, visibility="public", sex=sex, born_from=born, born_to=born),
                [written_form(whole=name)],
            )
            for key, name, sex, born in people
        )
        cursor.execute("SET session_replication_role = DEFAULT")


def name_of(one: Somebody) -> str:
    return " ".join(written(one, one.language, patronymic=one.has_patronymic, family_first=one.family_first))


def questions(size: int, count: int) -> Iterator[Question]:
    random = Random(11)
    for number in random.sample(range(size), count):
        yield question(somebody(number), random)


def ask(operation: Any, size: int, count: int) -> None:
    from missing_persons.searching import Query, find_people

    asked = list(questions(size, count))

    def search(one: Question, public: bool = False) -> list[Any]:
        born = one.age or (None, None)
        return find_people(Query(one.name, one.one.sex, *born), operation=operation, public=public)

    for one in asked[:30]:
        search(one)
    meter = Meter()
    found = [[hit.person_id - base(size) for hit in meter.time(partial(search, one))] for one in asked]
    print(f"\n{size:,} people, {count} questions; milliseconds: median and 95 %")
    meter.tell("search")
    judge(size, asked, found)
    whole = [one for one in asked if "initial" not in one.differs and one.age][::3]
    shown = [(one, hit.person_id - base(size)) for one in whole for hit in search(one, public=True)]
    right = sum(somebody(number).namesake == one.one.namesake for one, number in shown)
    print(f"precision of {len(shown)} answers to the public {right / max(1, len(shown)):.3f}")
    nobody = [
        Question(one.one, " ".join(word[::-1] for word in one.name.split()), one.age, one.differs)
        for one in asked[: count // 2]
        if "initial" not in one.differs
    ]
    meter = Meter()
    for one in nobody:
        meter.time(partial(search, one, public=True))
    meter.tell("search for nobody")
    suggest(operation, size, count // 5)
    labelled(operation, base(size) - 1000)


def judge(size: int, asked: list[Question], found: list[list[int]]) -> None:
    """Prints recall. People who fit a question are counted among all, by name, sex and age."""
    bearers: dict[tuple[str, int, int], list[date]] = {one.one.namesake: [] for one in asked}
    for one in map(somebody, range(size)):
        if one.namesake in bearers:
            bearers[one.namesake].append(one.born)
    all_by: Counter[str] = Counter()
    found_by: Counter[str] = Counter()
    first, missed = 0, []
    for one, numbers in zip(asked, found, strict=True):
        if "initial" in one.differs:
            all_by["an initial"] += 1
            continue
        fitting = [born for born in bearers[one.one.namesake] if one.age is None or one.age[0] <= born <= one.age[1]]
        if len(fitting) > 20:
            all_by["too many namesakes"] += 1
            continue
        is_found = one.one.number in numbers
        for difference in {*one.differs, "all"}:
            all_by[difference] += 1
            found_by[difference] += is_found
        first += numbers[:1] == [one.one.number]
        if not is_found:
            missed.append(f"{name_of(one.one)} | {one.name} | {', '.join(sorted(one.differs))} | {len(numbers)}")
    fair = max(1, all_by["all"])
    print(f"recall at 20 {found_by['all'] / fair:.3f} of {fair}; the first {first / fair:.3f}; "
          f"not counted: {all_by['too many namesakes']} that more than 20 fit, {all_by['an initial']} with an initial")  # fmt: skip
    kinds = [(kind, n) for kind, n in all_by.most_common() if kind not in ("all", "too many namesakes", "an initial")]
    print("  " + "; ".join(f"{kind} {found_by[kind] / n:.3f} ({n})" for kind, n in kinds))
    if os.environ.get("SHOW_MISSED"):
        print("\n".join(missed))


def labelled(operation: Any, first: int) -> None:
    """Prints recall of the hand-made list: every spelling of a person asks for every other."""
    from missing_persons.models import Person
    from missing_persons.searching import Query, find_people

    lines = (ROOT / "bench" / "labelled_names.txt").read_text(encoding="utf-8").splitlines()
    groups = [[name.strip() for name in line.split("|")] for line in lines if line and not line.startswith("#")]
    numbered, number = [], 0
    for group in groups:
        numbered.append([(number + i, name) for i, name in enumerate(group)])
        number += len(group)
    if not Person.objects.filter(pk=first).exists():
        store([(first + i, name, "unknown", None) for group in numbered for i, name in group], operation)
    asked = found = shown = right = 0
    for group in numbered:
        own = {first + i for i, _name in group}
        for i, name in group:
            hits = find_people(Query(name), operation=operation, public=True)
            others = own - {first + i}
            keys = {hit.person_id for hit in hits}
            asked, found = asked + len(others), found + len(others & keys)
            listed = {key for key in keys if first <= key < first + number}
            shown, right = shown + len(listed), right + len(listed & own)
            if os.environ.get("SHOW_MISSED") and others - keys:
                print(name, "misses", [spelling for j, spelling in group if first + j in others - keys])
    print(f"labelled list: {len(groups)} people, {number} spellings, recall at 20 {found / asked:.3f} of {asked}, "
          f"precision among the list {right / max(1, shown):.3f}")  # fmt: skip


def suggest(operation: Any, size: int, count: int) -> None:
    from missing_persons.models import Person
    from missing_persons.searching import suggest_for

    numbers = Random(13).sample(range(size), count)
    meter = Meter()
    for number in numbers:
        meter.time(partial(suggest_for, Person.objects.get(pk=base(size) + number)))
    meter.tell("suggested pairs")


class Meter:
    """Times each of many calls: by the clock, and by processor time of this process and of its database connection."""

    def __init__(self) -> None:
        from django.db import connection

        # Nanoseconds on the processor; the kernel's other count goes by hundredths of a second.
        self.schedule = Path(f"/proc/{backend_pid(connection)}/schedstat")
        self.rows: list[tuple[float, float, float]] = []

    def now(self) -> tuple[float, float, float]:
        return time.perf_counter(), time.process_time(), int(self.schedule.read_text().split()[0]) / 1e9

    def time(self, call: Any) -> Any:
        before = self.now()
        answer = call()
        self.rows.append(tuple(1000 * (b - a) for a, b in zip(before, self.now(), strict=True)))
        return answer

    def tell(self, what: str) -> None:
        clock, web, database = zip(*self.rows, strict=True)
        both = [one + other for one, other in zip(web, database, strict=True)]

        def told(figures: Any) -> str:
            return f"{statistics.median(figures):5.1f} {sorted(figures)[int(len(figures) * 0.95)]:6.1f}"

        print(
            f"{what:18}  clock {told(clock)}   processor {told(both)}   of it web {told(web)}, database {told(database)}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="100000,1000000")
    parser.add_argument("--questions", type=int, default=500)
    options = parser.parse_args()
    import django

    django.setup()
    from komek.operations.models import Operation

    for size in map(int, options.sizes.split(",")):
        operation, _made = Operation.objects.get_or_create(
            slug=f"{SLUG}-{size}", defaults={"name": f"Bench: {size} names"}
        )
        fill(operation, size)
        ask(operation, size, options.questions)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"memory of this process, at most: {peak:.0f} MB; load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
