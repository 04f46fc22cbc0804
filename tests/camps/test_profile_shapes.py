"""The shapes of a profile: a pyramid in proportion, a sketch that keeps angles and lengths. Pure."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from camps.pyramids import pyramid
from camps.sketches import SIZE, round_length, sketch

numbers = st.none() | st.integers(0, 300_000)


def corners(path: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"(-?[\d.]+),(-?[\d.]+)", path)]


def test_the_oldest_stand_on_top_and_bars_are_in_proportion() -> None:
    shape = pyramid([("0–4", 50, 100), ("60+", None, 0)])
    assert shape is not None
    old, young = shape.bars
    assert (old.label, young.label) == ("60+", "0–4")
    assert young.male_width == 2 * young.female_width
    assert (old.female, old.female_width, old.male, old.male_width) == (None, 0, 0, 0)


def test_ages_that_nobody_told_make_no_pyramid() -> None:
    assert pyramid([("0–4", None, None), ("60+", None, None)]) is None


@given(st.lists(st.tuples(st.just("band"), numbers, numbers), min_size=1, max_size=8))
def test_no_bar_leaves_the_picture(bands: list[tuple[str, int | None, int | None]]) -> None:
    shape = pyramid(bands)
    for bar in shape.bars if shape else []:
        assert 0 <= bar.female_x <= shape.left  # type: ignore[union-attr]
        assert shape.right <= bar.male_end <= shape.width  # type: ignore[union-attr]


def test_a_square_on_the_ground_is_a_square_in_the_sketch() -> None:
    # At 60° north a degree of longitude is half as long as one of latitude.
    ring = [(10.0, 60.0), (10.002, 60.0), (10.002, 60.001), (10.0, 60.001), (10.0, 60.0)]
    drawn = sketch([ring], (10.001, 60.0005))
    assert drawn is not None
    (left, low), (right, _low), (_right, top), *_rest = corners(drawn.paths[0])
    assert abs((right - left) - (low - top)) < 0.5
    assert low > top  # north is up
    assert drawn.point is not None
    assert abs(drawn.point[0] - (left + right) / 2) < 0.2


def test_the_bar_is_as_long_as_it_says() -> None:
    metres = 1000
    ring = [(58.0, 0.0), (58.0 + metres / 111_320, 0.0), (58.0, metres / 111_320 / 2)]
    drawn = sketch([ring], None)
    assert drawn is not None
    (left, _), (right, _), _top = corners(drawn.paths[0])
    assert abs(drawn.scale_width / (right - left) - drawn.scale_m / metres) < 0.01


def test_without_a_perimeter_there_is_no_sketch() -> None:
    assert sketch([], (58.0, 38.0)) is None
    assert sketch([[(58.0, 38.0)]], None) is None


degrees = st.tuples(st.floats(-179, 179), st.floats(-89, 89))


@given(st.lists(degrees, min_size=3, max_size=12), st.none() | degrees)
def test_nothing_is_drawn_outside(ring: list[tuple[float, float]], point: tuple[float, float] | None) -> None:
    drawn = sketch([ring], point)
    if drawn is None:
        return
    every = corners(drawn.paths[0]) + ([drawn.point] if drawn.point else [])
    assert all(-0.1 <= x <= SIZE + 0.1 and -0.1 <= y <= SIZE + 0.1 for x, y in every)


@given(st.floats(1, 10**7))
def test_the_scale_is_a_round_length_that_fits(metres: float) -> None:
    length = round_length(metres)
    assert length <= metres < length * 2.5001
    assert re.fullmatch(r"[125]0*", str(length))
