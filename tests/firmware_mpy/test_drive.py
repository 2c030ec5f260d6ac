"""From speed and turn rate to the duties of two motors."""

from __future__ import annotations

import json
import os
import subprocess
from math import radians

import pytest

from host.emulate.unix import micropython
from protocol.parameters import BY_NAME
from tests.firmware_mpy.served import FIRMWARE, HERE, ServedFirmware


class Driver:
    """Numbers the commands."""

    def __init__(self, car: ServedFirmware) -> None:
        self.car = car

    def send(self, name: str, **values: int) -> tuple[int, int]:
        """Send a command; the duties, left and right, that follow from it."""
        self.car.command(name, **values)
        left, right = self.car.state["duties"]
        return left, right

    def set(self, parameter: str, value: int) -> tuple[int, int]:
        return self.send("set", parameter=BY_NAME[parameter], value=value)


@pytest.fixture
def driver(car: ServedFirmware) -> Driver:
    return Driver(car)


def test_straight_ahead_both_wheels_have_the_speeds_share_of_full_speed(driver: Driver) -> None:
    assert driver.send("drive", speed=300, turn=0) == (300, 300)
    assert driver.set("full_speed", 2000) == (150, 150)
    assert driver.send("drive", speed=-1000, turn=0) == (-500, -500)


def test_on_the_spot_the_wheels_turn_against_each_other(driver: Driver) -> None:
    driver.set("track_width", 200)
    expected = int(radians(90) * 100)
    assert driver.send("drive", speed=0, turn=90) == (-expected, expected)
    assert driver.send("drive", speed=0, turn=-90) == (expected, -expected)


def test_left_and_right_backward_and_forward_are_mirror_images(driver: Driver) -> None:
    left, right = driver.send("drive", speed=333, turn=77)
    assert left < right
    assert driver.send("drive", speed=333, turn=-77) == (right, left)
    assert driver.send("drive", speed=-333, turn=-77) == (-left, -right)


def test_out_of_reach_the_curve_is_kept_and_the_speed_is_not(driver: Driver) -> None:
    driver.set("turn_limit", 720)
    driver.set("track_width", 1000)
    across = radians(720) * 500
    left, right = driver.send("drive", speed=1000, turn=720)
    assert right == 1000
    assert left / right == pytest.approx((1000 - across) / (1000 + across), abs=0.002)


def test_the_largest_of_everything_stays_within_full_duty(driver: Driver) -> None:
    extremes = {"speed_limit": 3000, "turn_limit": 720, "track_width": 1000, "full_speed": 100}
    for name, value in extremes.items():
        driver.set(name, value)
    for speed, turn in ((3000, 720), (-3000, 720), (0, -720), (3000, 0)):
        duties = driver.send("drive", speed=speed, turn=turn)
        assert max(map(abs, duties)) == 1000


def test_a_lowered_limit_holds_at_once(driver: Driver) -> None:
    driver.send("drive", speed=800, turn=0)
    assert driver.set("speed_limit", 250) == (250, 250)
    assert driver.car.state["speed"] == 250


def test_stop_stops_both_motors(driver: Driver) -> None:
    driver.send("drive", speed=800, turn=100)
    assert driver.send("stop") == (0, 0)
    assert (driver.car.state["speed"], driver.car.state["turn"]) == (0, 0)


@pytest.mark.parametrize(
    "message", ["03b90b0000", "0347f40000", "030000d102", "0300002ffd", "03b80b00", "03"]
)
def test_a_refused_drive_command_changes_nothing(driver: Driver, message: str) -> None:
    before = driver.send("drive", speed=300, turn=20)
    driver.car.feed(driver.car.wire_of(bytes.fromhex(message)))
    assert driver.car.state["duties"] == list(before)
    assert driver.car.state["speed"] == 300


def test_a_cut_that_comes_while_the_motors_are_set_leaves_them_off() -> None:
    done = subprocess.run(
        [micropython(), str(HERE / "cut_meanwhile.py")],
        env={**os.environ, "MICROPYPATH": str(FIRMWARE)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == [
        [way, number, 0, 0, True, False] for way in ("set", "set_duties") for number in (0, 1)
    ]
