"""Rangers, line sensors, MPU-6050, battery: what is true within what such parts are good for."""

from __future__ import annotations

import math
from statistics import fmean, pstdev

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from host.world.map import Charger, Map, Start, Tape, Wall
from host.world.record import RANGE_US_PER_MM, SILENT_US, Sensors
from host.world.world import World
from tests.host.world.worlds import STOP, drive, floor, named, world

FRONT, LEFT, RIGHT = range(3)


def walled(distance_mm: float, seed: int = 1) -> World:
    """A wall so far before the front ranger."""
    face = 2100 + distance_mm
    return world(floor(walls=(Wall(((face + 20, 0), (face + 20, 4000)), 40, False),)), seed)


def heard(seen: list[Sensors], number: int) -> list[float]:
    """Distances in mm, one for each measurement, which takes 30 ms."""
    return [
        sensors.ranges_us[number] / RANGE_US_PER_MM for sensors in seen[5::6]
        if sensors.ranges_us[number] != SILENT_US
    ]


@settings(max_examples=30, deadline=None)
@given(st.floats(30, 3900), st.integers(0, 1000))
def test_a_ranger_says_how_far_a_wall_is(distance_mm: float, seed: int) -> None:
    distances = heard(drive(walled(distance_mm, seed), 0, 0, 0.6), FRONT)
    assert fmean(distances) == pytest.approx(distance_mm, abs=3)
    assert pstdev(distances) < 6


def test_a_ranger_looks_left_and_another_right() -> None:
    through = world(floor(walls=(Wall(((0, 2600), (4000, 2600)), 40, False),)))
    seen = drive(through, 0, 0, 1)
    assert fmean(heard(seen, LEFT)) == pytest.approx(2600 - 20 - 2075, abs=3)
    assert not heard(seen, RIGHT)
    assert not heard(seen, FRONT)


def test_beyond_four_metres_nothing_is_heard_and_close_up_not_less_than_20_mm() -> None:
    assert not heard(drive(walled(4030), 0, 0, 0.5), FRONT)
    assert min(heard(drive(walled(5), 0, 0, 0.5), FRONT)) == pytest.approx(20, abs=0.1)


def test_one_echo_in_a_hundred_is_lost_and_the_noise_is_three_millimetres() -> None:
    seen = drive(walled(1000), 0, 0, 120)[5::6]
    lost = sum(sensors.ranges_us[FRONT] == SILENT_US for sensors in seen)
    assert 15 < lost < 75
    pulses = [sensors.ranges_us[FRONT] for sensors in seen if sensors.ranges_us[FRONT] != SILENT_US]
    assert pstdev(pulses) / RANGE_US_PER_MM == pytest.approx(3, abs=0.3)


def test_something_aside_of_the_middle_is_in_the_cone() -> None:
    aside = Wall(((3100, 2150), (3100, 2600)), 40, False)
    assert fmean(heard(drive(world(floor(walls=(aside,))), 0, 0, 1), FRONT)) == pytest.approx(1000, abs=20)


def over_tape(left_mm: float, heading_deg: float = 0, seed: int = 1) -> tuple[int, ...]:
    """The line sensors with the tape so far left of the car's middle."""
    tape = Tape(((0, 2000 + left_mm), (9000, 2000 + left_mm)), 19, False)
    return world(floor(heading_deg=heading_deg, tape=tape), seed).step(STOP, 5000).line


@pytest.mark.parametrize(("left_mm", "darkest"), [(24, 0), (12, 1), (0, 2), (-12, 3), (-24, 4)])
def test_the_sensor_over_the_tape_is_high(left_mm: float, darkest: int) -> None:
    line = over_tape(left_mm)
    assert line[darkest] > 45_000
    assert max(range(5), key=line.__getitem__) == darkest
    assert all(reading < 15_000 for at, reading in enumerate(line) if abs(at - darkest) > 1)


@settings(max_examples=60, deadline=None)
@given(st.floats(-24, 24), st.integers(0, 1000))
def test_the_centre_of_what_is_dark_is_where_the_tape_is(left_mm: float, seed: int) -> None:
    dark = [max(0, reading - 12_000) for reading in over_tape(left_mm, seed=seed)]
    centre = sum(weight * (2 - at) * 12 for at, weight in enumerate(dark)) / sum(dark)
    assert centre == pytest.approx(left_mm, abs=6)


def test_without_tape_all_are_bright() -> None:
    assert max(world().step(STOP, 5000).line) < 15_000
    assert world().tape_distance_mm() == math.inf


def test_the_bar_looks_at_the_floor_60_mm_ahead() -> None:
    across = Tape(((2060, 0), (2060, 4000)), 19, False)
    through = world(floor(tape=across))
    assert min(through.step(STOP, 5000).line) > 45_000
    assert through.tape_distance_mm() == 0


def test_on_the_track_it_starts_over_the_tape_and_the_tape_is_told_beside_all_of_it() -> None:
    through = named("track")
    assert through.tape_distance_mm() < 1
    drive(through, 300, 300, 8)
    assert through.tape_distance_mm() > 50


def test_standing_the_imu_says_one_g_up_and_no_turn_but_for_its_bias() -> None:
    seen = drive(world(), 0, 0, 1)
    assert fmean(sensors.acceleration[2] for sensors in seen) == pytest.approx(16_384, abs=0.08 * 16_384)
    assert fmean(sensors.gyro[2] for sensors in seen) == pytest.approx(0, abs=4 * 131)
    assert 0 < pstdev(sensors.acceleration[0] for sensors in seen) < 200


def test_the_gyro_integrates_to_the_turn_once_its_bias_is_taken_off() -> None:
    through = world()
    bias = fmean(sensors.gyro[2] for sensors in drive(through, 0, 0, 2))
    seen = drive(through, -150, 150, 1.5)
    turned = sum((sensors.gyro[2] - bias) / 131 * 0.005 for sensors in seen)
    assert through.pose.heading_deg > 100
    assert turned == pytest.approx(through.pose.heading_deg, rel=0.02)


def test_accelerating_forward_is_positive_and_a_left_bend_pulls_left() -> None:
    through = world()
    bias = [fmean(values) for values in zip(*(s.acceleration for s in drive(through, 0, 0, 1)), strict=True)]
    assert fmean(s.acceleration[0] for s in drive(through, 300, 300, 0.1)) - bias[0] > 2000
    drive(through, 250, 350, 1)
    bend = fmean(s.acceleration[1] for s in drive(through, 250, 350, 1)) - bias[1]
    # 0.3 m/s at 0.67 rad/s
    assert bend / 16_384 * 9.81 == pytest.approx(0.2, abs=0.1)


def test_a_crash_is_beyond_the_scale_of_the_imu() -> None:
    seen = drive(walled(500), 600, 600, 2)
    assert min(sensors.acceleration[0] for sensors in seen) == -32_768


def test_the_battery_falls_with_driving_and_sags_under_load() -> None:
    through = world()
    rest = fmean(sensors.battery_mv for sensors in drive(through, 0, 0, 1))
    started = min(sensors.battery_mv for sensors in drive(through, 900, -900, 0.1))
    assert rest - started > 200
    drive(through, 900, -900, 120)
    assert rest - fmean(sensors.battery_mv for sensors in drive(through, 0, 0, 1)[100:]) > 5
    assert through.charge < 0.8


def test_at_the_station_it_charges_and_away_from_it_does_not() -> None:
    through = world(floor(charger=Charger(2000, 2000, 150, 2000)))
    assert through.at_charger
    before = drive(through, 0, 0, 0.1)[-1].battery_mv
    after = drive(through, 0, 0, 60)[-1].battery_mv
    assert through.charge > 0.82
    assert after > before + 30
    drive(through, 500, 500, 1)
    assert not through.at_charger
    charge = through.charge
    drive(through, 0, 0, 10)
    assert through.charge < charge


def test_a_full_battery_is_not_charged_beyond() -> None:
    on = Map("floor", (4000, 4000), Start(2000, 2000, 0, 0.999), charger=Charger(2000, 2000, 150, 5000))
    through = world(on)
    drive(through, 0, 0, 60)
    assert 0.99 < through.charge <= 1


def test_an_empty_battery_stays_empty() -> None:
    through = world(Map("floor", (4000, 4000), Start(2000, 2000, 0, 0.0)))
    assert drive(through, 0, 0, 1)[-1].battery_mv == pytest.approx(6000, abs=50)
    assert through.charge == 0
