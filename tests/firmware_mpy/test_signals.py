"""What LED and buzzer say of a car; that the board's own pins say it, tests/host/simulation has."""

from __future__ import annotations

import json
import os
import subprocess
from itertools import pairwise

import pytest

from host.emulate.unix import micropython
from tests.firmware_mpy.served import FIRMWARE, HERE

Changes = list[list[int]]


@pytest.fixture(scope="module")
def told() -> dict[str, dict[str, Changes]]:
    done = subprocess.run(
        [micropython(), str(HERE / "signals_over_time.py")],
        env={**os.environ, "MICROPYPATH": str(FIRMWARE)},
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, dict[str, Changes]] = json.loads(done.stdout)
    return found


def starts(changes: Changes) -> list[int]:
    return [at for at, level in changes if level]


def test_a_car_that_is_well_flashes_every_two_seconds_without_a_sound(
    told: dict[str, dict[str, Changes]],
) -> None:
    flashes = starts(told["well"]["led"])
    # The board's ticks go around between the second and the third.
    assert [late - early for early, late in pairwise(flashes)] == pytest.approx([2048, 2048], abs=16)
    assert told["well"]["buzzer"] == []


def test_a_fault_flashes_its_number_again_and_again_and_beeps_it_once(
    told: dict[str, dict[str, Changes]],
) -> None:
    flashes, beeps = starts(told["fault"]["led"]), starts(told["fault"]["buzzer"])
    assert [late - early for early, late in pairwise(flashes)][:4] == pytest.approx(
        [256, 1024, 256, 1024], abs=16
    )
    assert beeps == flashes[:2]
    assert told["fault"]["buzzer"][-1][1] == 0


def test_an_emergency_stop_is_lit_and_beeps_long_whatever_the_fault(
    told: dict[str, dict[str, Changes]],
) -> None:
    assert told["halted"]["led"] == [[0, 1]]
    (on, _), (off, level) = told["halted"]["buzzer"]
    assert (on, level) == (0, 0)
    assert off == pytest.approx(6 * 128, abs=16)
