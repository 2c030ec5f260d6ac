"""A fake board behind a monitored car, whose thread is real."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from host.monitor.monitored_car import MonitoredCar
from protocol.contract import Contract
from tests.host.fake_board import FakeClock
from tests.host.monitor.watched import Desk, WatchedBoard


@pytest.fixture
def desk(contract: Contract) -> Iterator[Desk]:
    """A car that is there, and a monitor that watches it."""
    desk = Desk(WatchedBoard(FakeClock(), contract), contract)
    yield desk
    desk.car.close()


@pytest.fixture
def car(desk: Desk) -> MonitoredCar:
    desk.start()
    return desk.car
