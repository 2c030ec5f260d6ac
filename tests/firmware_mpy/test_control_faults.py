"""Each fault of the car's control is found in time and named; normal driving raises none."""

from __future__ import annotations

import pytest

from tests.firmware_mpy.control_brains import Brain
from tests.firmware_mpy.control_drive import IDLE, MANUAL, PATROL, Drive
from tests.firmware_mpy.control_world import World

LIMIT_MS = 200
BOX = [
    ((-3000.0, -3000.0), (3000.0, -3000.0)),
    ((3000.0, -3000.0), (3000.0, 3000.0)),
    ((3000.0, 3000.0), (-3000.0, 3000.0)),
    ((-3000.0, 3000.0), (-3000.0, -3000.0)),
]
DRIVES = [(300, 0), (60, 0), (600, 0), (-300, 0), (250, 30), (0, 90)]
FAULTS = {
    "encoder_left": "ENCODER_LEFT",
    "encoder_right": "ENCODER_RIGHT",
    "stall_left": "MOTOR_LEFT",
    "stall_right": "MOTOR_RIGHT",
    "coast_left": "MOTOR_LEFT",
    "coast_right": "MOTOR_RIGHT",
    "stuck_0": "RANGER",
    "stuck_2": "RANGER",
    "silent_1": "RANGER",
    "imu": "IMU",
}


def underway(brain: Brain, seed: int, speed: int, turn: int) -> Drive:
    """Driving for a while, and for part of a period more: faults do not wait for a step."""
    drive = Drive(brain, World(seed=seed, walls=BOX))
    drive.manual(speed, turn)
    assert drive.run(75 + seed).faults == 0
    return drive


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("speed", "turn"), DRIVES)
@pytest.mark.parametrize("broken", FAULTS)
def test_a_fault_is_found_in_time_and_named(
    checked: Brain, broken: str, speed: int, turn: int, seed: int
) -> None:
    drive = underway(checked, seed, speed, turn)
    part = drive.world.random.uniform(0.001, 0.019)
    drive.world.advance(part)
    drive.world.broken.add(broken)
    start = drive.world.time
    drive.world.advance(0.02 - part)
    found, _ = drive.until_fault()
    assert found == {FAULTS[broken]}
    assert 1000 * (drive.world.time - start) <= LIMIT_MS
    assert checked.ask("fault_name")[0] == FAULTS[broken]


def test_micropython_finds_them_alike_without_heap(piped: Brain) -> None:
    for broken, name in FAULTS.items():
        drive = underway(piped, 5, 300, 0)
        drive.world.broken.add(broken)
        found, took_ms = drive.until_fault()
        assert (found, piped.ask("fault_name")) == ({name}, [name, ""])
        assert took_ms <= LIMIT_MS


@pytest.mark.parametrize("broken", ["encoder_left", "encoder_right", "stall_left", "stall_right"])
def test_a_wheel_that_is_broken_from_the_start_is_found_once_it_should_turn(
    brain: Brain, broken: str
) -> None:
    drive = Drive(brain, World(seed=1, walls=BOX, broken={broken}))
    drive.manual(300, 0)
    found, took_ms = drive.until_fault()
    assert found == {FAULTS[broken]}
    assert took_ms <= 300


def test_both_wheels_held_are_both_named(brain: Brain) -> None:
    drive = underway(brain, 1, 300, 0)
    drive.world.broken |= {"stall_left", "stall_right"}
    assert drive.until_fault()[0] == {"MOTOR_LEFT", "MOTOR_RIGHT"}
    assert brain.ask("fault_name")[0] == "MOTOR_LEFT"


def test_a_flat_battery_is_a_fault(brain: Brain) -> None:
    drive = underway(brain, 1, 300, 0)
    drive.world.battery_mv = 6000
    found, took_ms = drive.until_fault()
    assert found == {"BATTERY"}
    assert took_ms <= LIMIT_MS


@pytest.mark.parametrize(("dt_us", "limit_ms"), [(100_000, 100), (40_000, 200)])
def test_a_late_loop_is_a_fault(brain: Brain, dt_us: int, limit_ms: int) -> None:
    drive = underway(brain, 1, 300, 0)
    start = drive.world.time
    drive.run(20, lambda answer: answer.faults, dt_us)
    assert brain.ask("fault_name")[0] == "LOOP"
    assert 1000 * (drive.world.time - start) <= limit_ms + 1


def test_a_loop_that_jitters_is_none(brain: Brain) -> None:
    drive = underway(brain, 1, 300, 0)
    for _ in range(100):
        drive.run(1, dt_us=drive.world.random.randrange(14_000, 26_000))
    drive.run(1, dt_us=45_000)
    assert drive.run(50).faults == 0


def test_the_first_fault_is_latched_until_it_is_cleared(brain: Brain) -> None:
    drive = underway(brain, 2, 300, 0)
    drive.world.broken.add("imu")
    drive.until_fault()
    drive.world.broken.clear()
    drive.run(50)
    assert brain.ask("fault_name")[0] == "IMU"
    assert not drive.order("set_mode", MANUAL)
    assert drive.order("set_mode", IDLE)
    drive.order("clear")
    drive.manual(300, 0)
    answer = drive.run(50)
    assert (answer.mode, answer.faults) == (MANUAL, 0)
    assert answer.speed_left > 250


@pytest.mark.parametrize("seed", range(10))
def test_a_minute_of_driving_by_hand_raises_no_alarm(checked: Brain, seed: int) -> None:
    drive = Drive(checked, World(seed=seed, walls=BOX, slip=0.05))
    for _ in range(30):
        speed = drive.world.random.choice((0, 60, 150, 300, 500, -200, -400, 800))
        drive.manual(speed, drive.world.random.choice((0, 0, 30, -60, 120, -90)))
        assert drive.run(100).faults == 0


@pytest.mark.parametrize("seed", range(10))
def test_a_minute_of_patrol_raises_no_alarm(checked: Brain, seed: int) -> None:
    walls = [((-600.0, 2100.0), (2600.0, 2100.0)), ((-600.0, -600.0), (2600.0, -600.0))]
    drive = Drive(checked, World(seed=seed, walls=walls))
    drive.patrol([(2000, 0, 0), (2000, 1500, 500), (0, 1500, 0)], laps=9)
    answer = drive.run(3000)
    assert (answer.mode, answer.faults) == (PATROL, 0)


@pytest.mark.parametrize(
    "unlike",
    [
        {"lag": 0.12},
        {"lag": 0.05, "dead_band": 40},
        {"dead_band": 90},
        {"mismatch": 0.1},
        {"sample_steps": 3},
    ],
    ids=str,
)
def test_a_car_unlike_its_model_raises_none(checked: Brain, unlike: dict[str, float]) -> None:
    for seed in range(3):
        drive = Drive(checked, World(seed=seed, walls=BOX, **unlike))  # type: ignore[arg-type]
        for _ in range(15):
            drive.manual(
                drive.world.random.choice((0, 60, 300, 500, -400)), drive.world.random.choice((0, 90))
            )
            assert drive.run(100).faults == 0
