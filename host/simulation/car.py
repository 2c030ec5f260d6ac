"""The emulated board in a world, in lockstep: a port whose clock is the board's own."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Self

from host.emulate import Emulator, EmulatorError
from host.emulate.pins import LINK_BYTES, PERIOD_MS, RANGERS
from host.simulation.wiring import PinTable
from host.world import Actuators
from host.world.world import World

BAUD = 115_200
_CREDIT = 10_000
"""A byte on the line takes ten bits; with the period in ms, credit is in 1/10,000 of a byte."""


class SimulatedCar:
    """A link's Port and Clock. Time passes in `read`, 5 ms a call, for board and world together.

    Nothing in it depends on how long anything takes, so the same world and the same bytes give the same run.
    """

    name = "simulated car"

    def __init__(
        self, board: Emulator, world: World, on_step: Callable[[Actuators], None] = lambda actuators: None
    ) -> None:
        self.world = world
        self._on_step = on_step
        self.board = board
        self.actuators = Actuators(0, 0)
        self._table = PinTable()
        self._down = bytearray()
        self._said = bytearray()
        self._credit = 0
        self._time_ms = 0
        self._started_ms = 0

    @property
    def waiting(self) -> int:
        """Bytes that were written and are not on the line yet."""
        return len(self._down)

    def monotonic(self) -> float:
        """Seconds of the board's time, over all its restarts."""
        return (self._started_ms + self._time_ms) / 1000

    def read(self) -> bytes:
        """Let 5 ms pass; what the car sent in them."""
        pins = self.board.pins
        if pins is None:
            raise EmulatorError("the board is not running; start it first")
        outputs = pins.receive()
        if outputs.time_ms < self._time_ms:  # it restarted
            self._started_ms += self._time_ms
            self._down.clear()
        self._time_ms = outputs.time_ms
        self.actuators = self._table.actuators(outputs)
        sensors = self.world.step(self.actuators, 1000 * PERIOD_MS)
        echoes = [self.world.fire(n) if outputs.fired >> n & 1 else 0 for n in range(RANGERS)]
        pins.answer(self._table.inputs(sensors, echoes, self._arriving()), self._table.wiring)
        self._hear_console()
        self._on_step(self.actuators)
        return outputs.link

    def console(self) -> str:
        """What the board's console has said so far, while nobody else had it."""
        self._hear_console()
        return self._said.decode("utf-8", "replace")

    def _hear_console(self) -> None:
        if self.board.console is not None:
            self.board.console.setblocking(False)
            with suppress(BlockingIOError):
                self._said += self.board.console.recv(4096)

    def _arriving(self) -> bytes:
        """What the line can carry in a period; an idle one saves nothing up."""
        self._credit += BAUD * PERIOD_MS
        count = min(self._credit // _CREDIT, LINK_BYTES, len(self._down))
        arriving = bytes(self._down[:count])
        del self._down[:count]
        self._credit = self._credit - _CREDIT * count if self._down else self._credit % _CREDIT
        return arriving

    def write(self, data: bytes) -> None:
        """Put bytes on the line."""
        self._down += data

    def close(self) -> None:
        """End the board."""
        self.board.stop()

    def __enter__(self) -> Self:
        self.board.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
