"""Wheels, encoders, walls: what the car does with what it is told."""

from __future__ import annotations

import math
from statistics import pstdev

import pytest

from host.world import Actuators
from host.world.map import Mover, Obstacle, Wall
from host.world.solids import Capsule
from tests.host.world.worlds import STOP, drive, floor, named, world

COUNTS_PER_MM = 1440 / (math.pi * 65)


@pytest.mark.parametrize("seed", range(5))
def test_driven_straight_the_encoders_say_how_far_it_came_to_a_hundredth(seed: int) -> None:
    through = world(seed=seed)
    last = drive(through, 400, 400, 5)[-1]
    pose = through.pose
    gone = math.hypot(pose.x_mm - 2000, pose.y_mm - 2000)
    assert gone > 1500
    assert (last.encoder_left + last.encoder_right) / 2 / COUNTS_PER_MM == pytest.approx(gone, rel=0.01)


def test_wheels_slip_a_little_so_that_encoders_alone_do_not_know_where_the_car_is() -> None:
    through = world(floor(x_mm=500))
    drive(through, 300, 300, 1)
    off = []
    for _ in range(20):
        before, was = through.pose, through.sensors
        seen = drive(through, 300, 300, 0.5)[-1]
        gone = math.dist(through.pose[:2], before[:2])
        counted = (seen.encoder_left + seen.encoder_right - was.encoder_left - was.encoder_right) / 2
        off.append(counted / COUNTS_PER_MM / gone - 1)
    assert 0.001 < pstdev(off) < 0.015


def test_wheels_differ_so_that_the_same_duty_does_not_drive_straight() -> None:
    headings = []
    for seed in range(10):
        through = world(seed=seed)
        drive(through, 400, 400, 3)
        headings.append(abs(through.pose.heading_deg))
    assert max(headings) > 3
    assert len(set(headings)) > 5


def test_full_duty_at_eight_volts_is_a_metre_a_second_within_three_hundredths() -> None:
    through = world(seed=3)
    drive(through, 1000, 1000, 1)
    before = through.step(STOP, 0)
    after = drive(through, 1000, 1000, 1)[-1]
    assert before.battery_mv == pytest.approx(8000, abs=60)
    for counts in (after.encoder_left - before.encoder_left, after.encoder_right - before.encoder_right):
        assert counts / COUNTS_PER_MM == pytest.approx(1000 * before.battery_mv / 8000, rel=0.04)


def test_a_motor_reaches_63_percent_of_its_speed_in_80_ms() -> None:
    through = world()
    seen = [sensors.encoder_left for sensors in drive(through, 300, 300, 1)]
    final = seen[-1] - seen[-21]
    speeds = [seen[at] - seen[at - 4] for at in range(4, len(seen))]
    reached = next(at for at, speed in enumerate(speeds) if speed * 5 >= 0.632 * final)
    # speeds[0] is the mean of steps 1 to 4, whose middle is 15 ms after the start.
    assert 15 + reached * 5 == pytest.approx(80, abs=15)


def test_backward_counts_down() -> None:
    through = world()
    last = drive(through, -400, -400, 2)[-1]
    assert last.encoder_left < -3000
    assert last.encoder_right < -3000
    assert through.pose.x_mm < 1500


def test_on_the_spot_it_turns_left_and_stays_where_it_is() -> None:
    through = world()
    before = through.pose
    last = drive(through, -200, 200, 1)[-1]
    after = through.pose
    turned = (last.encoder_right - last.encoder_left) / COUNTS_PER_MM / 150
    assert math.degrees(turned) == pytest.approx(after.heading_deg, rel=0.03)
    assert 90 < after.heading_deg < 180
    assert math.hypot(after.x_mm - before.x_mm, after.y_mm - before.y_mm) < 10


def test_below_the_dead_band_it_does_not_start() -> None:
    through = world()
    assert drive(through, 50, -50, 1)[-1].encoder_left == 0
    assert drive(through, 100, 100, 1)[-1].encoder_left > 100


def test_without_duty_it_coasts_to_a_stand_in_150_ms() -> None:
    through = world()
    drive(through, 600, 600, 1)
    before = through.step(STOP, 0).encoder_left
    coasting = drive(through, 0, 0, 1)
    assert coasting[9].encoder_left - before > 50
    assert coasting[32].encoder_left == coasting[-1].encoder_left


def test_a_wall_stops_it_and_is_one_collision() -> None:
    through = world(floor(walls=(Wall(((3000, 1000), (3000, 3000)), 40, False),)))
    drive(through, 400, 400, 6)
    assert through.pose.x_mm == pytest.approx(2880, abs=3)
    assert through.collisions == 1
    assert through.contacts[0].thing == "walls[0]"
    stalled = drive(through, 400, 400, 1)
    assert stalled[-1].encoder_left - stalled[0].encoder_left < 50


def test_a_wall_that_was_left_counts_again() -> None:
    through = world(floor(walls=(Wall(((3000, 1000), (3000, 3000)), 40, False),)))
    drive(through, 400, 400, 4)
    drive(through, -400, -400, 1)
    drive(through, 400, 400, 4)
    assert through.collisions == 2


def test_at_full_duty_against_a_wall_the_wheels_spin() -> None:
    through = world(floor(walls=(Wall(((3000, 1000), (3000, 3000)), 40, False),)))
    drive(through, 1000, 1000, 4)
    spinning = drive(through, 1000, 1000, 1)
    assert spinning[-1].encoder_left - spinning[0].encoder_left > 1000
    assert through.pose.x_mm < 2890


def test_somebody_who_walks_moves_from_his_time_on_and_runs_into_the_car() -> None:
    person = Mover("person", 150, ((2000, 3500), (2000, 500)), 500, 1.0, False)
    through = world(floor(movers=(person,)))
    walker = through.room.walkers[0]
    drive(through, 0, 0, 1)
    assert walker.place == (2000, 3500)
    drive(through, 0, 0, 1)
    assert walker.place == pytest.approx((2000, 3000), abs=1)
    assert through.collisions == 0
    drive(through, 0, 0, 2)
    assert [contact.thing for contact in through.contacts] == ["person"]
    drive(through, 0, 0, 5)
    assert walker.place == pytest.approx((2000, 500), abs=1)


def test_who_repeats_walks_back() -> None:
    person = Mover("person", 150, ((5000, 3000), (5000, 2000)), 1000, 0.0, True)
    through = world(floor(movers=(person,)))
    drive(through, 0, 0, 1.5)
    assert through.room.walkers[0].place == pytest.approx((5000, 2500), abs=1)
    drive(through, 0, 0, 1)
    assert through.room.walkers[0].place == pytest.approx((5000, 2500), abs=1)


def test_an_obstacle_is_run_into_as_well() -> None:
    post = Obstacle("post", Capsule((2600, 2000), (2600, 2000), 60))
    through = world(floor(obstacles=(post,)))
    drive(through, 300, 300, 4)
    assert through.contacts[0].thing == "post"


def test_the_closed_door_is_closed() -> None:
    through = named("closed_door")
    drive(through, 300, 300, 10)
    assert through.contacts[0].thing == "door"
    assert through.pose.x_mm < 2000


def test_its_track_begins_at_the_start_and_ends_where_it_is() -> None:
    through = world()
    drive(through, 300, 300, 1)
    assert through.track[0] == (0, 2000, 2000, 0)
    assert through.track[-1] == (1_000_000, *through.pose)
    assert len(through.track) == 21


@pytest.mark.parametrize("duties", [(1001, 0), (0, -1001)])
def test_a_duty_that_no_motor_has_is_refused(duties: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="give -1000 to 1000"):
        Actuators(*duties)


def test_time_does_not_go_back() -> None:
    with pytest.raises(ValueError, match="does not go back"):
        world().step(STOP, -1)
