"""Whole rounds with simple drivers: the maps and routes of the repository can be driven by such a car."""

from __future__ import annotations

import math

import pytest

from host.world import Actuators, load_route
from host.world.record import Sensors
from host.world.world import World
from tests.host.world.worlds import ROOT, STEP_US, named


def towards(through: World, x_mm: float, y_mm: float) -> Actuators:
    """Turn to a place, and drive when it is ahead."""
    pose = through.pose
    bearing = math.degrees(math.atan2(y_mm - pose.y_mm, x_mm - pose.x_mm))
    off = math.remainder(bearing - pose.heading_deg, 360)
    turn = max(-250, min(round(8 * off), 250))
    speed = 400 if abs(off) < 20 else 0
    if speed == 0 and abs(turn) < 150:
        turn = int(math.copysign(150, turn))
    return Actuators(speed - turn, speed + turn)


@pytest.mark.parametrize("seed", [1, 2])
def test_the_loop_is_driven_home_without_a_collision(seed: int) -> None:
    through = named("yard", seed)
    for x, y in load_route(ROOT / "routes" / "loop.toml").line((700, 700))[1:]:
        while math.hypot(x - through.pose.x_mm, y - through.pose.y_mm) > 60:
            through.step(towards(through, x, y), STEP_US)
            assert through.time_us < 200_000_000
    assert through.contacts == []
    assert through.at_charger


def steered(seen: Sensors) -> Actuators:
    """Keep the dark in the middle."""
    dark = [max(0, reading - 14_000) for reading in seen.line]
    left_mm = sum(weight * (2 - at) * 12 for at, weight in enumerate(dark)) / max(1, sum(dark))
    return Actuators(round(350 - 8 * left_mm), round(350 + 8 * left_mm))


@pytest.mark.parametrize("seed", [1, 2])
def test_the_line_is_followed_all_around(seed: int) -> None:
    through = named("track", seed)
    seen = through.sensors
    for _ in range(6000):
        seen = through.step(steered(seen), STEP_US)
        assert through.tape_distance_mm() < 25
    assert through.collisions == 0
    # It came by the far end of the track, and back past its start.
    assert max(at.y_mm for at in through.track) > 1900
    late = [at for at in through.track if at.time_us > 20_000_000]
    assert min(math.hypot(at.x_mm - 1000, at.y_mm - 300) for at in late) < 60
