"""The car's control drives in a small world: straight, along routes and lines, around obstacles, home."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest

from tests.firmware_mpy.control_brains import Brain, PipedBrain
from tests.firmware_mpy.control_drive import ASIDE, HOME, IDLE, LINE, PATROL, WAIT, Drive, is_idle
from tests.firmware_mpy.control_world import World, oval

SEEDS = range(10)
HALF_CAR_MM = 110
HALF_WIDTH_MM = 75
SQUARE = [(2000, 0, 0), (2000, 1500, 500), (0, 1500, 0)]
SQUARE_PATH = [(0.0, 0.0), (2000.0, 0.0), (2000.0, 1500.0), (0.0, 1500.0), (0.0, 0.0)]


@pytest.mark.parametrize("seed", range(4))
def test_straight_ahead_is_straight_and_as_fast_as_commanded(brain: Brain, seed: int) -> None:
    drive = Drive(brain, World(seed=seed, slip=0))
    drive.manual(300, 0)
    drive.run(50)
    x, y = drive.world.x, drive.world.y
    drive.run(500)
    assert drive.world.x - x == pytest.approx(3000, rel=0.01)
    assert abs(drive.world.y - y) < 30
    assert drive.answers[-1].x == pytest.approx(drive.world.x, abs=5)


@pytest.mark.parametrize("turn", [90, -45])
def test_a_commanded_turn_is_turned(brain: Brain, turn: int) -> None:
    drive = Drive(brain, World(seed=3))
    drive.manual(0, turn)
    drive.run(200)
    drive.order("manual", 0, 0)
    drive.run(50)
    assert math.degrees(drive.world.heading) == pytest.approx(4 * turn, abs=12)
    said = drive.answers[-1].heading * 360 / 65536
    assert math.remainder(said - math.degrees(drive.world.heading), 360) == pytest.approx(0, abs=1)


@pytest.mark.parametrize("battery_mv", [6700, 8000, 8400])
def test_the_speed_does_not_depend_on_the_battery(brain: Brain, battery_mv: int) -> None:
    drive = Drive(brain, World(seed=1, battery_mv=battery_mv))
    drive.manual(400, 0)
    drive.run(30)
    speeds = [answer.speed_left for answer in drive.answers[-10:]]
    assert sum(speeds) / len(speeds) == pytest.approx(400, rel=0.05)


def test_speed_changes_no_faster_than_allowed_and_does_not_overshoot(brain: Brain) -> None:
    drive = Drive(brain, World(seed=2))
    drive.manual(600, 0)
    drive.run(100)
    speeds = [answer.speed_right for answer in drive.answers[-100:]]
    assert max(speeds) < 640
    assert max(after - before for before, after in pairwise(speeds)) < 50


@pytest.mark.parametrize("seed", SEEDS)
def test_a_route_is_driven_close_to_its_lines_and_ends_at_home(checked: Brain, seed: int) -> None:
    drive = Drive(checked, World(seed=seed))
    drive.patrol(SQUARE)
    answer = drive.run(3000, is_idle)
    assert (answer.mode, answer.faults) == (IDLE, 0)
    assert drive.cross_track_rms(SQUARE_PATH) < 30
    for x, y, _ in SQUARE:
        assert min(math.dist(place, (x, y)) for place in drive.track) < 70
    assert math.hypot(drive.world.x, drive.world.y) < 70
    assert math.remainder(drive.world.heading, math.tau) == pytest.approx(0, abs=0.1)


def test_micropython_and_this_python_drive_alike_and_no_step_takes_heap(piped: Brain, checked: Brain) -> None:
    drives = [Drive(brain, World(seed=7, circles=[(1200, 0, 100)])) for brain in (piped, checked)]
    for drive in drives:
        drive.patrol(SQUARE, laps=2)
        drive.run(4000, is_idle)
    ours, theirs = ([each[:-1] for each in drive.answers] for drive in drives)
    assert ours == theirs


def test_laps_are_driven_and_the_car_dwells(brain: Brain) -> None:
    drive = Drive(brain, World(seed=5))
    drive.patrol([(500, 0, 1000), (500, 400, 0)], laps=3, returns_home=False)
    drive.run(3000, is_idle)
    targets = [answer.at for answer in drive.answers]
    assert sum(a == 1 and b == 2 for a, b in pairwise(targets)) == 3
    at_rest = [answer for answer in drive.answers[100:] if not answer.left and not answer.right]
    assert len(at_rest) > 3 * 25
    assert math.dist((drive.world.x, drive.world.y), (500, 400)) < 70


def test_a_route_takes_32_waypoints_within_the_arena(brain: Brain) -> None:
    brain.ask("restart")
    taken = brain.ask("route", [(16001, 0, 0)] + [(at, -at, 0) for at in range(33)], 1, True, [0, 0, 0])
    assert list(taken) == [False] + [True] * 32 + [False]


@pytest.mark.parametrize("seed", range(4))
def test_a_line_is_followed_all_around(checked: Brain, seed: int) -> None:
    tape = oval(1500, 400)
    drive = Drive(checked, World(seed=seed, tape=tape))
    assert drive.order("set_mode", LINE)
    drive.run(400)
    answer = drive.run(2600, lambda _: math.hypot(drive.world.x, drive.world.y) < 60)
    assert answer.faults == 0
    assert math.hypot(drive.world.x, drive.world.y) < 60
    assert drive.cross_track_rms(tape) < 10


def test_a_line_that_ends_is_searched_and_then_a_fault(brain: Brain) -> None:
    drive = Drive(brain, World(seed=1, tape=[(0, 0), (1000, 0)]))
    drive.order("set_mode", LINE)
    drive.run(150)
    assert drive.until_fault(400)[0] == {"LINE_LOST"}
    assert drive.world.x == pytest.approx(970, abs=60)
    assert not drive.order("set_mode", LINE)
    drive.order("clear")
    assert drive.order("set_mode", LINE)


@pytest.mark.parametrize("seed", range(4))
def test_the_car_stops_for_an_obstacle_and_goes_on_when_it_is_gone(checked: Brain, seed: int) -> None:
    drive = Drive(checked, World(seed=seed, circles=[(1500, 0, 100)]))
    drive.patrol([(2500, 0, 0)], returns_home=False)
    drive.run(1000, lambda answer: answer.phase == WAIT)
    drive.run(100)
    assert drive.world.x == pytest.approx(1500 - 100 - 80 - 550, abs=20)
    assert drive.answers[-1].left == drive.answers[-1].right == 0
    drive.world.circles.clear()
    answer = drive.run(1000, is_idle)
    assert (answer.faults, answer.phase) == (0, 0)
    assert drive.world.x == pytest.approx(2480, abs=70)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("radius", "aside"), [(100, 0), (100, 80), (100, -80), (250, 30), (60, 30)])
def test_the_car_goes_around_what_stays(checked: Brain, seed: int, radius: float, aside: float) -> None:
    walls = [((-500.0, 1200.0), (4000.0, 1200.0)), ((-500.0, -1000.0), (4000.0, -1000.0))]
    drive = Drive(checked, World(seed=seed, circles=[(1500, aside, radius)], walls=walls))
    drive.patrol([(3000, 0, 0)], returns_home=False)
    answer = drive.run(3000, is_idle)
    assert answer.faults == 0
    assert any(each.phase == ASIDE for each in drive.answers)
    assert math.dist((drive.world.x, drive.world.y), (3000, 0)) < 100
    assert drive.world.nearest > HALF_CAR_MM


@pytest.mark.parametrize("radius", [30, 60])
@pytest.mark.parametrize("aside", [70, -70, 90, -90, 110, -110, 130, -130])
def test_the_car_does_not_touch_what_is_beside_the_beam_when_it_is_near(
    checked: Brain, radius: float, aside: float
) -> None:
    drive = Drive(checked, World(seed=7, circles=[(1500, aside, radius)]))
    drive.patrol([(3000, 0, 0)], returns_home=False)
    assert drive.run(3000, is_idle).faults == 0
    assert drive.world.nearest > HALF_WIDTH_MM


@pytest.mark.parametrize("seed", range(3))
def test_on_a_line_the_car_goes_around_and_finds_it_again(checked: Brain, seed: int) -> None:
    tape = oval(2000, 500)
    drive = Drive(checked, World(seed=seed, tape=tape, circles=[(1200, 0, 100)]))
    drive.order("set_mode", LINE)
    answer = drive.run(2000)
    assert (answer.mode, answer.faults) == (LINE, 0)
    assert drive.world.nearest > HALF_CAR_MM
    assert max(x for x, _ in drive.track) > 2400


@pytest.mark.parametrize("seed", range(3))
def test_a_closed_door_ends_in_a_fault_with_the_car_stopped(checked: Brain, seed: int) -> None:
    walls = [((-500.0, side), (4000.0, side)) for side in (400.0, -400.0)]
    drive = Drive(checked, World(seed=seed, walls=[*walls, ((1500.0, -400.0), (1500.0, 400.0))]))
    drive.patrol([(3000, 0, 0)])
    assert drive.until_fault(3000)[0] == {"BLOCKED"}
    assert drive.world.nearest > HALF_CAR_MM


@pytest.mark.parametrize(("steps", "targets"), [(200, {0}), (800, {3, 0})])
def test_a_low_battery_sends_the_car_home_the_shorter_way(
    brain: Brain, steps: int, targets: set[int]
) -> None:
    drive = Drive(brain, World(seed=4))
    drive.patrol([(2000, 0, 0), (2000, 1500, 0), (0, 1500, 0)])
    drive.run(100 + steps)
    drive.world.battery_mv = 6500
    start = drive.world.time
    drive.run(100, lambda answer: answer.mode == HOME)
    assert drive.world.time - start == pytest.approx(1, abs=0.1)
    answer = drive.run(3000, is_idle)
    assert (answer.mode, answer.faults) == (IDLE, 0)
    assert math.hypot(drive.world.x, drive.world.y) < 70
    assert {each.at for each in drive.answers if each.mode == HOME} == targets


def test_a_patrol_waits_for_the_gyros_bias(piped: PipedBrain) -> None:
    piped.ask("restart")
    drive = Drive(piped, World(seed=6))
    piped.ask("restart")
    drive.patrol([(1000, 0, 0)], returns_home=False)
    assert drive.run(30).mode == PATROL
    assert drive.answers[-1].left == 0
    assert drive.run(500).x > 900
