"""What the car in the world tells of itself: rows, log, and why it does not drive."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest

from host.emulate import Emulator
from host.link import CommandRefusedError, Link
from host.simulation.car import SimulatedCar
from host.world import Fault, load_map
from host.world.world import World
from protocol.contract import Contract
from protocol.messages import Status
from protocol.parameters import BY_NAME
from protocol.pilot_commands import FAULTS, MODES
from protocol.schema import Row

pytestmark = pytest.mark.emulator

YARD = """
size_mm = [3000, 2000]
[start]
x_mm = 500
y_mm = 500
[[walls]]
points_mm = [[20, 20], [2980, 20], [2980, 1980], [20, 1980]]
closed = true
"""


@pytest.fixture
def car(tmp_path: Path, application: Path) -> Iterator[SimulatedCar]:
    """At (500, 500), looking along x; its left encoder dies after 4 s."""
    (tmp_path / "yard.toml").write_text(YARD)
    world = World(load_map(tmp_path / "yard.toml"), 3, [Fault.parse("encoder_left@4")], fires_itself=False)
    with SimulatedCar(Emulator(application, sleep=False, in_world=True), world) as car:
        yield car


@pytest.fixture
def link(car: SimulatedCar, contract: Contract) -> Link:
    link = Link(car, contract, clock=car, random=Random(1).randbytes)
    link.hello(10)
    link.send("set", {"parameter": BY_NAME["rows_per_frame"], "value": 1})
    link.send("rate", {"hz": 50})
    return link


def told(link: Link, row: Row) -> dict[str, float]:
    channels = link.contract.schema.channels
    return {c.name: value * c.scale for c, value in zip(channels, row.values, strict=True)}


def rows_until(car: SimulatedCar, link: Link, time_s: float) -> list[dict[str, float]]:
    rows = []
    while car.monotonic() < time_s:
        rows += [told(link, row) for row in link.next_rows(0)]
    return rows


def test_rows_say_where_the_car_is_what_it_senses_and_how_the_board_fares(
    car: SimulatedCar, link: Link
) -> None:
    link.send("place", {"x": 500, "y": 500, "heading": 0})
    link.send("drive", {"speed": 200, "turn": 0})
    last = rows_until(car, link, 3.5)[-1]
    pose = car.world.pose
    assert last["x"] == pytest.approx(pose.x_mm, abs=30)
    assert last["x"] > 600
    assert last["y"] == pytest.approx(500, abs=30)
    assert last["heading"] == pytest.approx(0, abs=5)
    assert last["wheel_left"] == pytest.approx(200, abs=30)
    assert last["range_front"] == pytest.approx(2980 - pose.x_mm - 100, abs=60)
    assert last["range_left"] == pytest.approx(1980 - 500 - 75, abs=60)
    assert MODES[int(last["mode"])] == "manual"
    assert last["faults"] == 0
    assert abs(last["gyro_z"]) < 10
    assert abs(last["accel_x"]) < 0.5
    assert 0 < last["cpu_load"] < 100
    assert last["stack_used"] > 500
    assert last["heap_free"] > 5_000
    assert last["jitter"] < 10_000


def test_a_fault_is_in_the_rows_and_the_log_and_forbids_driving_until_it_is_cleared(
    car: SimulatedCar, link: Link
) -> None:
    while car.monotonic() < 5:
        with suppress(CommandRefusedError):  # from the fault on
            link.send("drive", {"speed": 200, "turn": 0})
    last = rows_until(car, link, 5.5)[-1]
    assert int(last["faults"]) == 1 << FAULTS.index("encoder_left")
    assert MODES[int(last["mode"])] == "idle"
    assert (last["duty_left"], last["duty_right"]) == (0, 0)
    texts = [line.text for line in link.log_lines()]
    assert texts == ["started", "mode: manual", "fault: ENCODER_LEFT", "mode: idle"]
    assert last["log_lines"] == len(texts)
    assert link.log_lines() == []
    with pytest.raises(CommandRefusedError) as refusal:
        link.send("drive", {"speed": 100, "turn": 0})
    assert refusal.value.reply.status is Status.FAULTY
    link.send("drive", {"speed": 0, "turn": 0})
    link.send("clear")
    link.send("drive", {"speed": 100, "turn": 0})
