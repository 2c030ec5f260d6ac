"""Each fault breaks what it says, from its time on, and nothing before."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host.world import Fault, FaultError
from host.world.faults import KINDS
from host.world.map import Mover
from host.world.record import SILENT_US
from tests.host.world.worlds import drive, floor, named, world


@pytest.mark.parametrize("side", ["left", "right"])
def test_an_encoder_stands_still_while_the_car_drives_on(side: str) -> None:
    through = world(floor(), 1, f"encoder_{side}@1")
    other = "right" if side == "left" else "left"
    before = drive(through, 300, 300, 1)[-1]
    after = drive(through, 300, 300, 1)[-1]
    assert 0 <= getattr(after, f"encoder_{side}") - getattr(before, f"encoder_{side}") < 10
    assert getattr(after, f"encoder_{other}") - getattr(before, f"encoder_{other}") > 1500
    assert through.pose.x_mm > 2400


@pytest.mark.parametrize(("number", "side", "x", "y"), [
    (0, "front", 2600, 2000), (1, "left", 2060, 2600), (2, "right", 2060, 1400)
])
def test_a_ranger_stays_at_its_last_value(number: int, side: str, x: float, y: float) -> None:
    away = (x + 2 * (x - 2000), y + 2 * (y - 2000))
    person = Mover("person", 100, ((x, y), away), 300, 0.5, False)
    on = floor(movers=(person,))
    said = [sensors.ranges_us[number] for sensors in drive(world(on, 1, f"ranger_{side}@1"), 0, 0, 2)]
    sound = [sensors.ranges_us[number] for sensors in drive(world(on, 1), 0, 0, 2)]
    assert said[:199] == sound[:199]
    assert len(dict.fromkeys(said[:199])) > 20
    assert len(dict.fromkeys(said[200:])) == 1
    assert said[-1] != SILENT_US


def test_silent_rangers_hear_nothing() -> None:
    seen = drive(named("yard", 1, "ranger_silent@0.5"), 0, 0, 1)
    assert min(seen[98].ranges_us) < SILENT_US
    assert seen[99].ranges_us == seen[-1].ranges_us == (SILENT_US,) * 3


def test_a_flat_battery_drops_to_six_volts_and_the_car_is_slower() -> None:
    through = world(floor(), 1, "battery_flat@1")
    before = drive(through, 500, 500, 1)[-20:]
    after = drive(through, 500, 500, 1)[-20:]
    assert before[0].battery_mv > 7500
    assert after[-1].battery_mv == pytest.approx(6000, abs=30)
    speed, was = (seen[-1].encoder_left - seen[0].encoder_left for seen in (after, before))
    assert speed / was == pytest.approx(0.75, abs=0.05)


@pytest.mark.parametrize(("side", "turns"), [("left", 1), ("right", -1)])
def test_a_stalled_wheel_stands_and_the_car_turns_about_it(side: str, turns: int) -> None:
    through = world(floor(), 1, f"motor_{side}@1")
    before = drive(through, 200, 200, 1)[-1]
    heading = through.pose.heading_deg
    after = drive(through, 200, 200, 0.5)[-1]
    assert abs(getattr(after, f"encoder_{side}") - getattr(before, f"encoder_{side}")) < 5
    assert (through.pose.heading_deg - heading) * turns > 20


def test_a_broken_imu_does_not_answer() -> None:
    seen = drive(world(floor(), 1, "imu@0.5"), 0, 0, 1)
    assert seen[50].imu_ok
    assert not seen[-1].imu_ok
    assert seen[-1].acceleration == seen[-1].gyro == (0, 0, 0)


@given(st.sampled_from(list(KINDS)), st.integers(0, 10_000))
def test_a_fault_is_read_back_from_its_text(kind: str, tenths: int) -> None:
    fault = Fault(kind, tenths / 10)
    assert Fault.parse(str(fault)) == fault
    assert Fault.parse(f" {kind} ") == Fault(kind, 0)


@pytest.mark.parametrize(("text", "instead"), [
    ("encoder@3", "give one of encoder_left"),
    ("", "give one of encoder_left"),
    ("imu@", "as encoder_left@3.5"),
    ("imu@soon", "as encoder_left@3.5"),
    ("imu@-1", "0 or more"),
    ("imu@nan", "0 or more"),
])
def test_a_fault_that_is_none_is_refused_with_what_to_write(text: str, instead: str) -> None:
    with pytest.raises(FaultError, match=instead):
        Fault.parse(text)


def test_a_ranger_never_sticks_at_silence() -> None:
    far = floor()  # without walls
    sound = [sensors.ranges_us[0] for sensors in drive(world(far, 1), 0, 0, 1)]
    stuck = [sensors.ranges_us[0] for sensors in drive(world(far, 1, "ranger_front@0.5"), 0, 0, 1)]
    assert set(sound) == {SILENT_US}
    assert stuck[-1] < SILENT_US
