"""What all groups of keywords stand on: one board, one link to it, and the telemetry seen so far."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from itertools import islice

from car_backend import Backend
from tapped_port import TappedPort

from host.link import CommandRefusedError, Link, LinkError
from host.monitor.physical import PhysicalRow, PhysicalRows
from protocol.contract import load_contract
from protocol.limits import MAX_ROWS
from protocol.messages import Status
from protocol.schema import Row

ROWS_TO_SETTLE = 40
"""Telemetry rows within which a command must show."""

_CONNECT_S = 30.0
"""Emulators differ in how long a board takes to boot."""
_ROWS_KEPT = 2000


class Words:
    """The state of one suite."""

    def __init__(self) -> None:
        self.contract = load_contract()
        self.rows_seen: deque[PhysicalRow] = deque(maxlen=_ROWS_KEPT)
        self._board: Backend | None = None
        self._link: Link | None = None
        self._tap: TappedPort | None = None
        self._converter = PhysicalRows(self.contract.schema)

    @property
    def board(self) -> Backend:
        """The board that is switched on."""
        if self._board is None:
            raise AssertionError("the car is not switched on")
        return self._board

    @property
    def board_if_on(self) -> Backend | None:
        """The board, if one is switched on."""
        return self._board

    @property
    def link(self) -> Link:
        """The link of the host that is connected."""
        if self._link is None:
            raise LinkError("the host is not connected")
        return self._link

    @property
    def tap(self) -> TappedPort:
        """The port below that link."""
        if self._tap is None:
            raise LinkError("the host is not connected")
        return self._tap

    def open_link(self) -> Link:
        """A link over which nothing has been said."""
        self.close_link()
        board = self.board
        self._tap = TappedPort(board.open_port())
        self._link = Link(self._tap, self.contract, clock=board.clock, random=board.random)
        self._converter = PhysicalRows(self.contract.schema)
        return self._link

    def connect(self) -> None:
        """Greet the board: both must have the same contract."""
        self.open_link().hello(_CONNECT_S)

    def close_link(self) -> None:
        """Leave the link, as a host that is closed does."""
        if self._link is not None:
            self._link.close()
            self._link = self._tap = None

    def refusal(self, name: str, values: Mapping[str, object]) -> Status:
        """The status with which the car refuses a command; one that it executes fails the case."""
        try:
            self.link.send(name, values)
        except CommandRefusedError as refused:
            return refused.reply.status
        raise AssertionError(f"the car did not refuse {name}")

    def see(self, row: Row) -> PhysicalRow:
        """Take a row of the link in."""
        physical = self._converter.convert(row)
        self.rows_seen.append(physical)
        return physical

    def rows(self, count: int) -> Iterator[PhysicalRow]:
        """The next rows, without those that the car had sampled before this was asked for."""
        self.link.request_key()
        self.link.next_rows(0)
        for place, row in enumerate(islice(self.link.telemetry(timeout_s=10), MAX_ROWS + count)):
            physical = self.see(row)
            if place >= MAX_ROWS:  # those before may have waited in the car for their frame to fill
                yield physical
