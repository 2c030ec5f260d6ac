"""The same map, seed, faults and duties: the same sensors to the bit, however the time is cut."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from itertools import cycle

from hypothesis import given, settings
from hypothesis import strategies as st

from host.world import Actuators
from tests.host.world.worlds import ROOT, STEP_US, drive, named

DRIVES = st.lists(
    st.tuples(st.integers(-1000, 1000), st.integers(-1000, 1000), st.integers(1, 60)), min_size=1, max_size=8
)
PRINT_A_DRIVE = """
from tests.host.world.test_determinism import told
print(told(5))
"""


def told(seed: int) -> str:
    """A drive into walls and past a person, as a hash of all that the sensors said."""
    through = named("yard", seed, "ranger_left@3", "encoder_right@5")
    said = drive(through, 500, 480, 6) + drive(through, -300, 200, 2) + drive(through, 700, 650, 4)
    return hashlib.sha256(repr((said, through.track, through.contacts)).encode()).hexdigest()


@settings(max_examples=20, deadline=None)
@given(DRIVES, st.integers(0, 2**32), st.sampled_from(["yard", "track", "closed_door"]))
def test_the_same_inputs_give_the_same_world(
    drives: list[tuple[int, int, int]], seed: int, name: str
) -> None:
    one, other = named(name, seed), named(name, seed)
    for left, right, steps in drives:
        assert drive(one, left, right, steps * 0.005) == drive(other, left, right, steps * 0.005)
    assert (one.track, one.contacts) == (other.track, other.contacts)


def test_another_process_sees_the_same_world() -> None:
    """Where objects lie in memory, and the seed of Python's hashes, differ there."""
    run = subprocess.run(
        [sys.executable, "-c", PRINT_A_DRIVE], cwd=ROOT, env={"PYTHONHASHSEED": "77"}, text=True,
        capture_output=True, check=True,
    )
    assert run.stdout.strip() == told(5)


@settings(max_examples=20, deadline=None)
@given(DRIVES, st.integers(0, 1000), st.lists(st.integers(1, 12_345), min_size=1, max_size=9))
def test_it_does_not_matter_how_the_time_is_cut(
    drives: list[tuple[int, int, int]], seed: int, sizes: list[int]
) -> None:
    whole, cut, parts = named("yard", seed), named("yard", seed), cycle([*sizes, 2500])
    for left, right, steps in drives:
        actuators, rest = Actuators(left, right), steps * STEP_US
        expected = whole.step(actuators, rest)
        while rest:
            part = min(rest, next(parts))
            seen = cut.step(actuators, part)
            rest -= part
        assert seen == expected
    assert (whole.track, whole.time_us) == (cut.track, cut.time_us)


def test_another_seed_is_another_world() -> None:
    assert told(5) != told(6)


def test_a_broken_sensor_changes_nothing_else() -> None:
    sound, broken = named("yard"), named("yard", 1, "ranger_front@0", "imu@0", "encoder_left@0")
    for expected, seen in zip(drive(sound, 400, 350, 5), drive(broken, 400, 350, 5), strict=True):
        assert seen.ranges_us[1:] == expected.ranges_us[1:]
        assert (seen.line, seen.battery_mv) == (expected.line, expected.battery_mv)
        assert seen.encoder_right == expected.encoder_right
    assert sound.track == broken.track
