"""A fake board for a monitored car: telemetry every so often, a cable that can be pulled."""

from __future__ import annotations

import time
from collections.abc import Callable

from host.link import Link, LinkError, Observer
from host.monitor.monitored_car import MonitoredCar
from host.monitor.order_box import OrderBox
from protocol.contract import Contract
from protocol.schema import Row
from tests.host.fake_board import FakeBoard, FakeClock

_WAIT_S = 10.0


def until(what: Callable[[], object], why: str = "") -> None:
    """Wait for something that another thread brings about."""
    deadline = time.monotonic() + _WAIT_S
    while not what():
        assert time.monotonic() < deadline, f"it did not come about: {why or what}"
        time.sleep(0.002)


class WatchedBoard(FakeBoard):
    """Sends `row` whenever it has nothing else to say, ten milliseconds of the wall's clock apart."""

    def __init__(self, clock: FakeClock, contract: Contract) -> None:
        super().__init__(clock, contract)
        self.row: dict[str, int] = {}
        self.time_us = 0
        self.is_plugged_in = True

    def read(self) -> bytes:
        if not (data := super().read()):
            time.sleep(0.01)
            self.time_us += 20_000
            names = (channel.name for channel in self.contract.schema.channels)
            row = Row(self.time_us & 0xFFFFFFFF, tuple(self.row.get(name, 0) for name in names))
            for wire in self.sample(row):
                self.say(wire)
        return data

    @property
    def orders(self) -> list[tuple[str, dict[str, int]]]:
        """The commands that were executed, without those that the monitor gives by itself."""
        return [each for each in self.executed if each[0] not in ("key", "status", "log", "rate")]

    @property
    def commands(self) -> list[str]:
        """Their names."""
        return [name for name, _ in self.orders]


class Desk:
    """A monitor in front of a fake board, under a clock for attention that only a test moves."""

    def __init__(self, board: WatchedBoard, contract: Contract) -> None:
        self.board = board
        self.now = 0.0
        self.opened = 0
        self.marks: list[str] = []
        self.car = MonitoredCar(
            self._open, contract, on_mark=self.marks.append, box=OrderBox(lambda: self.now)
        )

    def start(self) -> None:
        """Until the car is connected."""
        self.car.start()
        until(lambda: self.car.snapshot().connection == "connected")

    def notes(self, kind: str) -> list[str]:
        """Lines of the log, of one kind."""
        return [note.text for note in self.car.snapshot().notes if note.kind == kind]

    def _open(self, observer: Observer) -> Link:
        if not self.board.is_plugged_in:
            raise LinkError("fake://board: no such device; plug the board in")
        self.opened += 1
        self.board.unplugged = False
        return Link(self.board, self.board.contract, clock=self.board.clock, observer=observer)
