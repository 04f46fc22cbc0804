"""The answer by hand: the most pressing need first, each from the nearest source that has some left."""

from __future__ import annotations

from aid_requests.planning.problem import Problem


def greedy(problem: Problem) -> dict[tuple[int, int], float]:
    """What a tired dispatcher would do; shown beside the solver's answer."""
    left = [one.quantity for one in problem.held]
    order = sorted(range(len(problem.wanted)), key=lambda need: (-problem.weights[need], need))
    found: dict[tuple[int, int], float] = {}
    for need in order:
        wanted = problem.wanted[need].quantity
        some = [source for source, quantity in enumerate(left) if quantity > 0]
        for source in sorted(some, key=lambda source: (problem.km(need, source), source)):
            if wanted <= 0:
                break
            taken = min(wanted, left[source])
            found[(need, source)] = taken
            wanted -= taken
            left[source] -= taken
    return found
