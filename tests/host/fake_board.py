"""A stand-in for the car: the other end of a link, in this process, under a clock that only moves when read.

It speaks through the protocol package and does nothing real; its faults are what it is for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from host.link import LinkError
from host.link.port import POLL_S
from protocol.contract import Contract
from protocol.frame import Deframer, Frame, Kind, encode_frame
from protocol.messages import (
    Command,
    Status,
    build_hello,
    build_reply,
    compress,
    expand,
    parse_command,
)
from protocol.schema import Row
from protocol.telemetry import TelemetryEncoder


class FakeClock:
    """Time that passes only when somebody waits for the fake board."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


class FakeBoard:
    """A Port whose far end is a board with faults to order."""

    name = "fake://board"

    def __init__(self, clock: FakeClock, contract: Contract) -> None:
        self.clock = clock
        self.contract = contract
        self.executed: list[tuple[str, dict[str, Any]]] = []
        self.repeated = 0
        self.closed = False
        self.unplugged = False
        self.ignores_hello = 0
        self.ignores_commands = 0
        self.status = Status.OK
        self.on_wire: Callable[[bytes], bytes] = lambda wire: wire
        """What becomes of the board's bytes on their way to the host."""
        self.on_wire_down = self.on_wire
        """What becomes of the host's."""
        self.sent: list[bytes] = []
        self._outbox = bytearray()
        self._deframer = Deframer(contract.hash)
        self._telemetry = TelemetryEncoder(contract, rows_per_frame=1)
        self._last: tuple[int, bytes] | None = None

    def read(self) -> bytes:
        self._check_plug()
        data = bytes(self._outbox)
        self._outbox.clear()
        if not data:
            self.clock.now += POLL_S
        return data

    def write(self, data: bytes) -> None:
        self._check_plug()
        self.sent.append(data)
        for received in self._deframer.feed(self.on_wire_down(data)):
            if received.frame is not None:
                self._take(received.frame)

    def close(self) -> None:
        self.closed = True

    def say(self, wire: bytes) -> None:
        """Put bytes on the wire to the host."""
        self._outbox += self.on_wire(wire)

    def sample(self, *rows: Row) -> list[bytes]:
        """Telemetry frames of these rows, as bytes on the wire, not sent yet."""
        frames = [frame for row in rows for frame in self._telemetry.append(row)]
        return [encode_frame(frame, self.contract.hash) for frame in frames]

    def _check_plug(self) -> None:
        if self.unplugged:
            raise LinkError(f"{self.name} is gone (unplugged)")

    def _take(self, frame: Frame) -> None:
        if frame.kind is Kind.HELLO and self.ignores_hello:
            self.ignores_hello -= 1
        elif frame.kind is Kind.HELLO:
            hello = build_hello(self.contract.hash, self.contract.schema.name)
            self._last = None
            self.say(encode_frame(Frame(Kind.HELLO, 0, hello, stored=True), 0))
        elif frame.kind is Kind.COMMAND and self.ignores_commands:
            self.ignores_commands -= 1
        elif frame.kind is Kind.COMMAND:
            self._answer(frame)

    def _answer(self, frame: Frame) -> None:
        if self._last is not None and self._last[0] == frame.sequence:
            self.repeated += 1
        else:
            message = expand(frame.body, frame.stored, self.contract.message_book)
            assert message is not None
            self._last = (frame.sequence, self._execute(frame.sequence, *parse_command(message)))
        self.say(self._last[1])

    def _execute(self, sequence: int, command: Command, values: dict[str, Any]) -> bytes:
        self.executed.append((command.name, values))
        if command.name == "key":
            self._telemetry.request_key()
        answer = {**_ANSWERS, **values} if self.status is Status.OK else {}
        body, stored = compress(build_reply(command, self.status, answer), self.contract.message_book)
        return encode_frame(Frame(Kind.REPLY, sequence, body, stored), self.contract.hash)


_ANSWERS = {"uptime_ms": 12_400, "value": 7, "machine": "fake", "micropython": "0", "application": "none"}
