"""A simulation that is watched: no faster than the wall's clock, and no sprints after a halt."""

from __future__ import annotations

import pytest

from host.simulation.pace import MOST_ARREARS_S, Pace


class Wall:
    """A clock that only sleeping moves, and whoever sets it."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept += seconds
        self.now += seconds


@pytest.fixture
def wall() -> Wall:
    return Wall()


@pytest.fixture
def pace(wall: Wall) -> Pace:
    pace = Pace(wall.monotonic, wall.sleep)
    pace.keep(7.0)  # whatever the simulation's clock says at first is now
    return pace


def test_virtual_time_waits_for_the_wall(wall: Wall, pace: Pace) -> None:
    pace.keep(7.5)
    assert wall.now == pytest.approx(100.5)
    wall.now += 0.2
    pace.keep(8.0)
    assert wall.now == pytest.approx(101.0)


def test_a_little_that_was_lost_is_made_up_for(wall: Wall, pace: Pace) -> None:
    wall.now += MOST_ARREARS_S / 2
    pace.keep(7.0)
    pace.keep(7.0 + MOST_ARREARS_S)
    assert wall.slept == pytest.approx(MOST_ARREARS_S / 2)
    assert pace.lost_s == 0


def test_after_a_long_halt_time_goes_on_as_fast_as_ever(wall: Wall, pace: Pace) -> None:
    wall.now += 10
    pace.keep(7.005)
    pace.keep(7.010)
    assert wall.slept == pytest.approx(0.005)
    assert pace.lost_s == pytest.approx(9.995)
