"""The best answer, by HiGHS through SciPy; never worse than the greedy one.

A flow from sources over needs into tranches of needs, each worth less than the one before, so a linear programme finds the
whole optimum and, where all quantities are whole, answers in whole units. Each need is joined to its nearest sources and to
those the greedy answer uses: the greedy answer stays possible, so the optimum is at least as good.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import floor

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_array

from aid_requests.planning.greedy import greedy
from aid_requests.planning.problem import WORTH_LOST_PER_KM, Problem

NEAREST = 25
SECONDS = 8.0


@dataclass(frozen=True)
class Answer:
    """best: what is proposed; by_hand: the greedy answer; both with their worth. is_solved: the solver answered in time."""

    best: dict[tuple[int, int], float]
    by_hand: dict[tuple[int, int], float]
    worth: float
    worth_by_hand: float
    is_solved: bool


def solve(problem: Problem, *, seconds: float = SECONDS) -> Answer:
    """Share out; when the solver finds nothing in time, the greedy answer stands."""
    by_hand = greedy(problem)
    worth_by_hand = problem.worth(by_hand)
    found = _optimum(problem, by_hand, seconds) if problem.wanted and problem.held else {}
    worth = problem.worth(found) if found is not None else float("-inf")
    if found is None or worth < worth_by_hand:
        return Answer(by_hand, by_hand, worth_by_hand, worth_by_hand, found is not None)
    return Answer(found, by_hand, worth, worth_by_hand, True)


def _optimum(
    problem: Problem, by_hand: dict[tuple[int, int], float], seconds: float
) -> dict[tuple[int, int], float] | None:
    pairs = _pairs(problem, by_hand)
    needs, sources = len(problem.wanted), len(problem.held)
    cost = [WORTH_LOST_PER_KM * problem.km(need, source) for need, source in pairs]
    most = [min(problem.wanted[need].quantity, problem.held[source].quantity) for need, source in pairs]
    rows_eq, columns_eq, values_eq = [need for need, _ in pairs], list(range(len(pairs))), [1.0] * len(pairs)
    for need in range(needs):
        for size, worth in problem.tranches(need):
            rows_eq.append(need)
            columns_eq.append(len(cost))
            values_eq.append(-1.0)
            cost.append(-worth)
            most.append(size)
    shape = len(cost)
    into = coo_array((values_eq, (rows_eq, columns_eq)), shape=(needs, shape)).tocsr()
    out_of = coo_array(
        ([1.0] * len(pairs), ([source for _, source in pairs], range(len(pairs)))), shape=(sources, shape)
    ).tocsr()
    answer = linprog(
        np.array(cost), A_ub=out_of, b_ub=[one.quantity for one in problem.held], A_eq=into, b_eq=np.zeros(needs),
        bounds=np.column_stack([np.zeros(shape), most]), method="highs-ds", options={"time_limit": seconds},
    )  # fmt: skip
    if answer.x is None or answer.status != 0:
        return None
    found = {}
    for pair, quantity in zip(pairs, answer.x, strict=False):
        whole = floor(quantity / problem.step + 1e-6) * problem.step
        if whole > 0:
            found[pair] = round(whole, 6)
    return found


def _pairs(problem: Problem, by_hand: dict[tuple[int, int], float]) -> list[tuple[int, int]]:
    found = set(by_hand)
    for need in range(len(problem.wanted)):
        near = sorted(range(len(problem.held)), key=lambda source: (problem.km(need, source), source))
        found.update((need, source) for source in near[:NEAREST])
    return sorted(found)
