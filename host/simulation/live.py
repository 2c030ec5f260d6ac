"""The simulated car for people to talk to: its link a TCP port, its time the clock's on the wall."""

from __future__ import annotations

import time
from contextlib import suppress
from types import TracebackType
from typing import Self

from host.emulate import BootError, Emulator, EmulatorError
from host.link import CommandRefusedError, Link, LinkError
from host.simulation.car import SimulatedCar
from host.simulation.orders import place_at_start
from host.simulation.pace import Pace
from host.simulation.tcp_line import TcpLine
from host.world.world import World
from protocol.contract import Contract

_BOOT_S = 20.0
"""Of the board's time, which passes faster while it boots."""
_AHEAD_BYTES = 128
"""Taken from a program before they can be on the line; all else stays in its socket, and it waits."""


class LiveCar:
    """An EmulatedBoard in a world. Time passes only in `wait`, and never faster than the wall's clock.

    The link's bytes go through the lockstep with the pins, so what an exchange carries is what a line at
    115,200 baud would; `link_url` is served here. Console and sensors' port are QEMU's own. The car is told
    where on the map it stands when it is switched on.
    """

    def __init__(
        self,
        board: Emulator,
        world: World,
        contract: Contract,
        *,
        link_port: int = 0,
        pace: Pace | None = None,
    ) -> None:
        self.world = world
        self._board = board
        self._contract = contract
        self._link_port = link_port
        self._pace = pace or Pace()
        self._car = SimulatedCar(board, world)
        self._line: TcpLine | None = None
        self.link_url = self.repl_url = self.sensors_url = ""

    def start(self) -> None:
        """See EmulatedBoard."""
        self._line = TcpLine("link", self._link_port)
        try:
            self._board.start()
            self._boot()
        except BaseException:
            self.stop()
            raise
        self.link_url, self.repl_url = self._line.url, self._board.repl_url
        self.sensors_url = self._board.sensors_url

    def stop(self) -> None:
        """See EmulatedBoard."""
        if self._line is not None:
            self._line.close()
            self._line = None
        self._board.stop()

    def wait(self, timeout_s: float | None = None) -> bool:
        """See EmulatedBoard. What a board that ended had to say comes as EmulatorError."""
        end_s = None if timeout_s is None else time.monotonic() + timeout_s
        while end_s is None or time.monotonic() < end_s:
            if self._line is None or self._board.wait(0):
                return True
            self._pace.keep(self._car.monotonic())
            self._car.write(self._line.take(_AHEAD_BYTES - self._car.waiting))
            self._line.give(self._car.read())
        return False

    def instructions(self, ticks: int) -> int:
        """See EmulatedBoard."""
        return self._board.instructions(ticks)

    def _boot(self) -> None:
        """Greet the car, tell it its place, and leave its console to whoever wants it."""
        link = Link(self._car, self._contract, clock=self._car)
        try:
            link.hello(_BOOT_S)
            with suppress(CommandRefusedError):  # one without the control
                place_at_start(link, self.world.map)
        except (LinkError, EmulatorError) as error:
            said = self._car.console()
            last = " | ".join(line for line in said.splitlines()[-4:] if line) or "nothing"
            raise BootError(f"the board did not start: {error}. Its console said: {last}", said) from None
        self._board.leave_console()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
