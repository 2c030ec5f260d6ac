"""Recordings of a fake board, made in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from host.link import Link
from host.recording import Recorder
from protocol.contract import Contract
from protocol.schema import Row
from tests.host.fake_board import FakeBoard, FakeClock

Play = Callable[[Sequence[Row]], None]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "drive.mcap"


@pytest.fixture
def recorder(path: Path, contract: Contract) -> Iterator[Recorder]:
    """Writes only when told: nothing is flushed by time."""
    recorder = Recorder(path, contract, epoch_ns=0, flush_s=1000)
    yield recorder
    if recorder.error is None:
        recorder.close()


@pytest.fixture
def watched(board: FakeBoard, clock: FakeClock, contract: Contract, recorder: Recorder) -> Link:
    """A link to the fake board that the recorder watches, with a session."""
    link = Link(board, contract, clock=clock, observer=recorder)
    link.hello()
    return link


@pytest.fixture
def play(board: FakeBoard, watched: Link) -> Play:
    """Have the board send rows, a frame each, and the link take them in."""

    def played(rows: Sequence[Row]) -> None:
        for wire in board.sample(*rows):
            board.say(wire)
            watched.next_rows(0)

    return played


def made_rows(contract: Contract, count: int, step_us: int = 20_000, start_us: int = 0) -> list[Row]:
    """Rows that differ in every channel."""
    width = len(contract.schema.channels)
    return [
        Row(start_us + step_us * at, tuple(at * (place + 1) % 200 for place in range(width)))
        for at in range(count)
    ]
