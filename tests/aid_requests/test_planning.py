"""Sharing out: the solver is never worse than the answer by hand, takes no more than there is, and gives all some."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aid_requests.planning.problem import Held, Problem, Wanted
from aid_requests.planning.solver import solve


def random_problem(seed: int, needs: int = 40, sources: int = 8) -> Problem:
    r = Random(seed)
    wanted = [
        Wanted(
            n, r.randint(1, 300), r.choice(("life", "high", "normal", "low")), r.choice((0, r.randint(1, 900))),
            r.choice((None, r.uniform(-10, 300))), 58 + r.random() * 3, 38 + r.random(),
        )
        for n in range(needs)
    ]  # fmt: skip
    held = [Held(str(n), r.randint(0, 400), 58 + r.random() * 3, 38 + r.random()) for n in range(sources)]
    return Problem(wanted, held)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), needs=st.integers(0, 30), sources=st.integers(0, 35))
def test_the_solver_is_never_worse_than_the_answer_by_hand_and_both_are_possible(
    seed: int, needs: int, sources: int
) -> None:
    problem = random_problem(seed, needs, sources)
    answer = solve(problem)
    assert problem.faults(answer.best) == problem.faults(answer.by_hand) == []
    assert problem.worth(answer.best) >= problem.worth(answer.by_hand) - 1e-9
    assert answer.is_solved and all(quantity == int(quantity) for quantity in answer.best.values())


def test_lives_come_first_and_what_is_left_is_shared_instead_of_given_to_one() -> None:
    needs = [Wanted(0, 100, "normal"), Wanted(1, 100, "normal"), Wanted(2, 20, "life")]
    answer = solve(Problem(needs, [Held("store", 120)]))
    assert answer.best == {(0, 0): 50, (1, 0): 50, (2, 0): 20}
    assert answer.by_hand == {(2, 0): 20, (0, 0): 100} and answer.worth > answer.worth_by_hand


def test_a_unit_goes_where_it_serves_more_people_where_it_is_wanted_sooner_and_where_it_is_near() -> None:
    for one, other in (
        (Wanted(0, 10, "normal", people=500), Wanted(1, 10, "normal", people=20)),
        (Wanted(0, 10, "normal", hours_left=5), Wanted(1, 10, "normal", hours_left=900)),
        (Wanted(0, 10, "normal", 0, None, 58, 38), Wanted(1, 10, "normal", 0, None, 61, 38)),
    ):
        assert solve(Problem([other, one], [Held("store", 5, 58, 38)])).best == {(1, 0): 5}


@pytest.mark.parametrize("held", [[], [Held("empty", 0)]])
def test_where_there_is_nothing_nothing_is_shared_out(held: list[Held]) -> None:
    assert solve(Problem([Wanted(0, 10, "life")], held)).best == {}
