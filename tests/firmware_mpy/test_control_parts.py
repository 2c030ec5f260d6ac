"""Parts of the car's control by themselves: trigonometry, medians, ratios, and integers at their limits."""

from __future__ import annotations

import math
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.firmware_mpy.control_brains import LIMIT, Brain, answered, checked_brain

ANGLES = range(-70_000, 70_000, 7)
BRAIN = checked_brain()
"""For Hypothesis, which takes no fixtures of a function."""


def values(brain: Brain, name: str, arguments: list[tuple[int, ...]]) -> list[int]:
    return in_lots(brain, "trigonometry", name, arguments)


def in_lots(brain: Brain, do: str, name: str, arguments: list[tuple[int, ...]]) -> list[int]:
    """Asked for so many at a time: MicroPython needs a heap for them."""
    found: list[int] = []
    for start in range(0, len(arguments), 500):
        found += brain.ask(do, name, arguments[start : start + 500])
    return found


def test_sines_are_within_three(brain: Brain) -> None:
    for name, exact in (("sine", math.sin), ("cosine", math.cos)):
        found = values(brain, name, [(angle,) for angle in ANGLES])
        for angle, value in zip(ANGLES, found, strict=True):
            assert abs(value - 16384 * exact(angle * math.tau / 65536)) <= 3


def test_directions_are_within_two(brain: Brain) -> None:
    steps = [-32000, -4097, -1000, -33, -1, 0, 1, 2, 7, 100, 999, 20_000, 31_999]
    places = [(x, y) for x, y in product(steps, steps) if x or y]
    places += [(round(3000 * math.cos(at / 100)), round(3000 * math.sin(at / 100))) for at in range(629)]
    for (x, y), angle in zip(places, values(brain, "direction", places), strict=True):
        assert abs(math.remainder(angle - math.atan2(y, x) / math.tau * 65536, 65536)) <= 2
    assert values(brain, "direction", [(0, 0)]) == [0]


@given(st.integers(0, LIMIT - 1))
def test_roots_are_exact(square: int) -> None:
    assert values(BRAIN, "root", [(square,)]) == [math.isqrt(square)]


@given(st.integers(-(1 << 28), 1 << 28), st.integers(-(1 << 28), 1 << 28))
def test_lengths_and_directions_of_anything(x: int, y: int) -> None:
    (length,) = values(BRAIN, "hypotenuse", [(x, y)])
    assert length <= math.hypot(x, y) <= (length + 1) * (1 + 1 / 4096)
    (angle,) = values(BRAIN, "direction", [(x, y)])
    if x or y:
        assert abs(math.remainder(angle - math.atan2(y, x) / math.tau * 65536, 65536)) <= 2


def test_medians_are_those_of_sorting(brain: Brain) -> None:
    inputs = list(product(range(3), repeat=3))
    for name in ("median3_plain", "median3_viper"):
        found = in_lots(brain, "median", name, inputs)
        assert list(found) == [sorted(each)[1] for each in inputs]
    assert brain.ask("median_heap") == 0


def test_the_ratios_are_those_of_the_car() -> None:
    def of(name: str) -> float:
        return float(BRAIN.ask("geometry", name))

    count_mm = math.pi * of("WHEEL_MM") / of("COUNTS")
    turn = of("WHEEL_MM") / (2 * of("COUNTS") * of("TRACK_MM"))
    degree = of("GYRO_PER_DEGREE")
    exact = pytest.approx
    assert of("MOVE_NUMERATOR") / of("MOVE_DENOMINATOR") == exact(count_mm / 2 * 1024, rel=1e-5)
    assert of("TURN_NUMERATOR") / of("TURN_DENOMINATOR") == exact(turn * 2**24, rel=1e-5)
    assert of("SPEED_NUMERATOR") == exact(count_mm * 16e6, rel=1e-5)
    assert 1 / of("GYRO_DENOMINATOR") == exact(2**24 / (degree * 360e6), rel=1e-4)
    assert of("GYRO_ACROSS") == exact(degree * 180 / math.pi / of("TRACK_MM"), rel=1e-2)
    across = of("ACROSS_NUMERATOR") / of("ACROSS_DENOMINATOR")
    assert across == exact(math.pi / 180 * of("TRACK_MM") / 2, rel=1e-5)
    assert of("TURN_US") == exact(360e6 / 65536, rel=1e-4)


COUNTS = st.integers(-(1 << 31), (1 << 31) - 1)
SENSES = st.tuples(
    st.sampled_from((1, 1000, 20_000, 30_000, 1 << 29)) | st.integers(-5, 100_000),
    COUNTS,
    COUNTS,
    st.lists(st.integers(0, 65_535), min_size=3, max_size=3),
    st.lists(st.integers(0, 1 << 20), min_size=3, max_size=3),
    st.integers(0, 7),
    st.lists(st.integers(0, 65_535), min_size=5, max_size=5),
    st.sampled_from((-32_768, 32_767, 2599)) | st.integers(-32_768, 32_767),
    st.booleans(),
    st.integers(0, 20_000),
)
ROUTE = st.lists(
    st.tuples(st.integers(-16_000, 16_000), st.integers(-16_000, 16_000), st.integers(0, 60_000)), max_size=32
)
EXTREMES = st.sampled_from((-3000, 3000)) | st.integers(-3000, 3000)


@settings(max_examples=300, deadline=None)
@given(
    st.integers(0, 4),
    ROUTE,
    st.lists(SENSES, min_size=1, max_size=20),
    st.tuples(EXTREMES, st.integers(-720, 720)),
    st.tuples(*[st.integers(-500_000, 500_000)] * 2, st.integers(0, 65_535)),
)
def test_no_sense_takes_an_integer_past_the_boards(
    mode: int,
    route: list[tuple[int, int, int]],
    senses: list[tuple[int, ...]],
    manual: tuple[int, int],
    pose: tuple[int, int, int],
) -> None:
    BRAIN.ask("restart")
    BRAIN.ask("forget_faults")
    BRAIN.ask("pose", *pose)
    BRAIN.ask("route", route, 2, True, [16_000, -16_000, 5])
    BRAIN.ask("order", "set_mode", mode)
    BRAIN.ask("order", "manual", *manual)
    for each in senses * 5:
        answer = answered(BRAIN.ask("step", *each))
        assert max(abs(answer.left), abs(answer.right)) <= 1000
