"""A link to the fake board, under the fake clock."""

from __future__ import annotations

import pytest

from host.link import Link
from protocol.contract import Contract
from tests.host.fake_board import FakeBoard, FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def board(clock: FakeClock, contract: Contract) -> FakeBoard:
    return FakeBoard(clock, contract)


@pytest.fixture
def link(board: FakeBoard, clock: FakeClock, contract: Contract) -> Link:
    return Link(board, contract, clock=clock)
