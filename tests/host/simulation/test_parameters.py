"""What a host may set holds for a car that drives by itself, at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from host.emulate import Emulator
from host.link import Link
from host.simulation.car import SimulatedCar
from host.world import load_map
from host.world.world import World
from protocol.contract import Contract
from protocol.parameters import BY_NAME
from protocol.pilot_commands import FAULTS, MODES
from tests.host.emulated_world import HALL

pytestmark = pytest.mark.emulator


@pytest.fixture
def car(tmp_path: Path, application: Path) -> Iterator[SimulatedCar]:
    (tmp_path / "hall.toml").write_text(HALL)
    world = World(load_map(tmp_path / "hall.toml"), 3, fires_itself=False)
    with SimulatedCar(Emulator(application, sleep=False, in_world=True), world) as car:
        yield car


@pytest.fixture
def link(car: SimulatedCar, contract: Contract) -> Link:
    """A car that drives straight on for five metres, from its third second on at its usual 300 mm/s."""
    link = Link(car, contract, clock=car, random=Random(1).randbytes)
    link.hello(10)
    link.send("place", {"x": 500, "y": 1000, "heading": 0})
    link.send("waypoint", {"x": 5200, "y": 1000, "dwell": 0})
    link.send("mode", {"mode": MODES.index("patrol")})
    drive_until(car, link, 3.0)
    return link


def drive_until(car: SimulatedCar, link: Link, time_s: float) -> list[int]:
    """The car's speeds on the way."""
    speeds = []
    while car.monotonic() < time_s:
        link.next_rows(0.1)
        status = link.send("status").values
        speeds.append((status["speed_left"] + status["speed_right"]) // 2)
    return speeds


def set_parameter(link: Link, name: str, value: int) -> None:
    link.send("set", {"parameter": BY_NAME[name], "value": value})


@pytest.mark.parametrize(("name", "value"), [("speed_limit", 150), ("cruise", 150), ("cruise", 450)])
def test_a_patrol_heeds_its_speed(car: SimulatedCar, link: Link, name: str, value: int) -> None:
    assert link.send("status").values["speed_left"] == pytest.approx(300, abs=25)
    set_parameter(link, name, value)
    drive_until(car, link, 4.0)
    speeds = drive_until(car, link, 5.0)
    assert sum(speeds) / len(speeds) == pytest.approx(value, abs=20)
    assert MODES[link.send("status").values["mode"]] == "patrol"


def test_a_line_is_followed_no_faster_than_the_limit_lets_it(car: SimulatedCar, link: Link) -> None:
    set_parameter(link, "speed_limit", 100)
    set_parameter(link, "line_speed", 500)
    link.send("mode", {"mode": MODES.index("line")})
    drive_until(car, link, 3.5)  # there is no line: it goes on for a while and then looks for it
    assert max(drive_until(car, link, 4.5)) < 130


def test_a_battery_that_is_now_low_sends_the_car_home(car: SimulatedCar, link: Link) -> None:
    set_parameter(link, "low_battery", 30_000)
    drive_until(car, link, 5.0)
    assert MODES[link.send("status").values["mode"]] == "home"


def test_a_battery_that_is_now_flat_is_a_fault(car: SimulatedCar, link: Link) -> None:
    set_parameter(link, "flat_battery", 30_000)
    drive_until(car, link, 3.5)
    assert link.send("status").values["first_fault"] == 1 << FAULTS.index("battery")
    assert car.actuators.duty_left == 0 == car.actuators.duty_right
