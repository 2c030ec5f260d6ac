"""Telemetry frames of the emulated board that never arrive: nothing wrong is shown, rows come back soon."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from host.demo.feed import sensor_frames
from host.emulate import Emulator, build_application
from host.link import Link, Port, open_port
from host.train.car import plausible_log
from host.train.fit import fit_contract
from protocol.contract import Contract
from protocol.frame import DELIMITER, Kind, decode_frame
from protocol.parameters import BY_NAME
from protocol.schema import Row

pytestmark = pytest.mark.emulator

ROWS = plausible_log(160, seed=11).rows
NEVER_MS = 60_000


class LossyPort:
    """A port that loses telemetry frames: `loses` is asked about each, in order."""

    def __init__(self, port: Port, seed: int) -> None:
        self.name = port.name
        self.loses: Callable[[], bool] = lambda: False
        self.lost = 0
        self.write, self.close = port.write, port.close
        self._port = port
        self._seed = seed
        self._begun = b""

    def read(self) -> bytes:
        *frames, self._begun = (self._begun + self._port.read()).split(DELIMITER)
        return b"".join(wire + DELIMITER for wire in frames if not self._is_lost(wire))

    def _is_lost(self, wire: bytes) -> bool:
        frame = decode_frame(wire, self._seed).frame
        lost = frame is not None and frame.kind is Kind.TELEMETRY and self.loses()
        self.lost += lost
        return lost


class Board:
    """The board under a log's contract, a frame a row, and a port that loses what it is told to."""

    def __init__(self, emulator: Emulator, contract: Contract) -> None:
        self.port = LossyPort(open_port(emulator.link_url), contract.hash)
        self.link = Link(self.port, contract)
        self.link.hello()
        self._contract = contract
        self._sensors = open_port(emulator.sensors_url)
        for name, value in (("rows_per_frame", 1), ("key_interval", NEVER_MS)):
            self.link.send("set", {"parameter": BY_NAME[name], "value": value})

    def shown(self, row: Row) -> list[Row]:
        """Feed one row; the rows that come of it, once the host has asked for what it needs."""
        for wire in sensor_frames(self._contract, [row]):
            self._sensors.write(wire)
        before = self.link.counters.telemetry_frames + self.port.lost
        rows: list[Row] = []
        while self.link.counters.telemetry_frames + self.port.lost == before:
            rows += self.link.next_rows(0.01)
        return rows

    def close(self) -> None:
        self.link.close()
        self._sensors.close()


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Emulator, Contract]]:
    log = plausible_log(2000, seed=5)
    contract = fit_contract(replace(log.schema, name="lossy"), log.rows)  # the car's own would sample itself
    folder: Path = tmp_path_factory.mktemp("lossy")
    with Emulator(build_application(folder / "board.hex", contract)) as emulator:
        yield emulator, contract


@pytest.fixture
def board(emulator: tuple[Emulator, Contract]) -> Iterator[Board]:
    board = Board(*emulator)
    board.link.request_key()
    yield board
    board.close()


def test_rows_are_back_a_round_trip_after_a_loss(board: Board) -> None:
    """The frame after the lost one cannot be decoded, so the host asks; the next one is a key frame."""
    assert board.shown(ROWS[0]) == [ROWS[0]]
    for at in range(1, 40, 4):
        lost, undecoded, *decoded = ROWS[at : at + 4]
        board.port.loses = lambda: True
        assert board.shown(lost) == []
        board.port.loses = lambda: False
        assert board.shown(undecoded) == []
        assert [board.shown(row) for row in decoded] == [[row] for row in decoded]


def test_whatever_is_lost_no_row_shown_is_wrong(board: Board) -> None:
    random = Random(3)
    board.port.loses = lambda: random.random() < 0.2
    shown = [(row, board.shown(row)) for row in ROWS]
    assert all(rows in ([], [row]) for row, rows in shown)
    assert board.port.lost > 20
    assert sum(len(rows) for _, rows in shown) > 60
    # What is lost last, or first, shows no gap.
    assert board.port.lost - 2 <= board.link.counters.lost_frames <= board.port.lost
