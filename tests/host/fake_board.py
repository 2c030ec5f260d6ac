"""A stand-in for the car: the other end of a link, in this process, under a clock that only moves when read.

It speaks through the protocol package and does nothing real; its faults are what it is for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from host.link import LinkError
from host.link.port import POLL_S
from protocol.contract import Contract
from protocol.frame import Deframer, Frame, Kind, encode_frame
from protocol.messages import (
    Status,
    build_offer,
    build_reply,
    compress,
    expand,
    parse_command,
)
from protocol.schema import Row
from protocol.session import FLAG_HALTED, FLAG_NO_SESSION, ReplyHead, Session, nearest
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
        self.ignores_all = False
        """Of everything but HELLO."""
        self.status = Status.OK
        self.on_wire: Callable[[bytes], bytes] = lambda wire: wire
        """What becomes of the board's bytes on their way to the host."""
        self.on_wire_down = self.on_wire
        """What becomes of the host's."""
        self.sent: list[bytes] = []
        self._outbox = bytearray()
        self._deframer = Deframer(contract.hash)
        self._telemetry = TelemetryEncoder(contract, rows_per_frame=1)
        self.flags = 0
        self.uptime_ms = 12_400
        self.halts = 0
        self.beats = 0
        self._opening = 0
        self._offered: Session | None = None
        self._session: Session | None = None
        self._next = 0
        self._early: dict[int, Frame] = {}
        self._replies: dict[int, Frame] = {}

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
            self._greet(frame)
        elif self.ignores_all or (frame.kind is Kind.COMMAND and self.ignores_commands):
            self.ignores_commands = max(0, self.ignores_commands - 1)
        elif self._is_of_session(frame):
            self._take_session_frame(frame)
        else:
            self._offer(frame.sequence, int.from_bytes(frame.body[:2], "little"), FLAG_NO_SESSION)

    def restart(self) -> None:
        """As a reset does: no session is known any more."""
        self._offered = self._session = None
        self.uptime_ms = 3

    def _greet(self, frame: Frame) -> None:
        nonce = int.from_bytes(frame.body[-4:], "little")
        if self._offered is None or self._offered.nonce != nonce:
            self._opening += 1
            self._offered = Session(nonce, 0, self._opening)
        self._offer(frame.sequence, nonce, 0)

    def _offer(self, sequence: int, nonce: int, flags: int) -> None:
        hello = build_offer(
            self.contract.hash, self.contract.schema.name, nonce=nonce, boot=0, opening=self._opening,
            uptime_ms=self.uptime_ms, window=8, ring_bytes=1024, flags=flags | self.flags, board=b"fake",
        )
        self.say(encode_frame(Frame(Kind.HELLO, sequence, hello, stored=True), 0))

    def _is_of_session(self, frame: Frame) -> bool:
        tag = int.from_bytes(frame.body[:2], "little")
        if self._session is not None and self._session.tag == tag:
            return True
        if self._offered is None or self._offered.tag != tag:
            return False
        self._session, self._next = self._offered, self._offered.first
        self._early.clear()
        self._replies.clear()
        return True

    def _take_session_frame(self, frame: Frame) -> None:
        if frame.kind is not Kind.COMMAND:
            self.beats += 1
            if frame.kind is Kind.HALT:
                self.halts += 1
                self.flags |= FLAG_HALTED
            self._say_body(Frame(frame.kind, frame.sequence, bytes([self.flags])))
            return
        number = nearest(frame.sequence, self._next)
        if number > self._next:
            self._early[number] = frame
            self._say_body(Frame(Kind.ALIVE, 0, bytes([self.flags])))
        elif number < self._next:
            self.repeated += 1
            self._say_body(self._replies[number])
        else:
            self._early[number] = frame
            while self._next in self._early:
                self._execute(self._early.pop(self._next))

    def _execute(self, frame: Frame) -> None:
        message = expand(frame.body[3:], frame.stored, self.contract.message_book)
        assert message is not None
        command, values = parse_command(message)
        self.executed.append((command.name, values))
        if command.name == "key":
            self._telemetry.request_key()
        answer = {**_ANSWERS, **values} if self.status is Status.OK else {}
        body, stored = compress(build_reply(command, self.status, answer), self.contract.message_book)
        self._replies[self._next] = Frame(Kind.REPLY, frame.sequence, body, stored)
        self._next += 1
        self._say_body(self._replies[self._next - 1])

    def _say_body(self, frame: Frame) -> None:
        assert self._session is not None
        later = sum(1 << ahead for ahead in range(7) if self._next + 1 + ahead in self._early)
        head = ReplyHead.build({"tag": self._session.tag, "next": self._next & 255, "later": later})
        self.say(encode_frame(replace(frame, body=head + frame.body), self.contract.hash))


_ANSWERS = {
    "uptime_ms": 12_400, "value": 7, "machine": "fake", "micropython": "0", "application": "none",
    "line": 0, "lines": [], "count": 1,
    "mode": 0, "faults": 0, "first_fault": 0, "x": 0, "y": 0, "heading": 0, "speed_left": 0, "speed_right": 0,
    "ranges": [0, 0, 0], "waypoint": 0, "lap": 0, "jitter_us": 0,
}
