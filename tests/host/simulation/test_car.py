"""Board and world in lockstep, as a port and a clock."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from host.emulate import Emulator
from host.link import Link
from host.simulation.car import SimulatedCar
from host.world.world import World
from protocol.contract import Contract
from tests.host.world.worlds import named

pytestmark = pytest.mark.emulator


@pytest.fixture
def car(application: Path) -> Iterator[SimulatedCar]:
    with SimulatedCar(Emulator(application, sleep=False, in_world=True), _hall()) as car:
        yield car


def _hall() -> World:
    return World(named("hall").map, 1, fires_itself=False)


def test_what_the_console_says_is_kept_from_the_boot_on(car: SimulatedCar, contract: Contract) -> None:
    Link(car, contract, clock=car).hello(10)
    assert car.console() == ""
    assert car.board.console is not None
    car.board.console.send(b"\x03")  # Ctrl-C: the program ends, and says where it was
    while ">>> " not in car.console():
        car.read()
        assert car.monotonic() < 60
    assert "KeyboardInterrupt" in car.console()


def test_a_console_that_was_left_is_for_others(car: SimulatedCar, contract: Contract) -> None:
    Link(car, contract, clock=car).hello(10)
    car.board.leave_console()
    car.read()
    assert car.console() == ""


def test_bytes_wait_until_the_line_has_carried_them(car: SimulatedCar) -> None:
    car.write(bytes(200))
    waiting = []
    for _ in range(5):
        car.read()
        waiting.append(car.waiting)
    # 115,200 baud are 57.6 bytes in 5 ms.
    assert waiting == [143, 85, 28, 0, 0]


def test_a_board_in_a_world_ends_at_once(car: SimulatedCar) -> None:
    """It waits for its inputs, and a board that waits hears no signal."""
    car.read()
    process = car.board._process
    assert process is not None
    car.close()
    assert process.returncode != -9
