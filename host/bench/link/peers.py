"""Stop-and-wait: one command under way, sent again after a time-out. On our frames, and on JSON lines.

Both ends are small stand-ins for what such links do; the car's end executes by writing down. The time-out is
twice the round trip that the line's rate allows, and 20 ms: shorter than a link could set that has to
measure it.
"""

from __future__ import annotations

import json
from binascii import crc32
from collections.abc import Callable, Iterator
from typing import Protocol

from host.bench.link.task import PATIENCE_S, Outcome, Task
from host.faults import Channel, VirtualClock
from protocol.contract import Contract
from protocol.frame import DELIMITER, Deframer, Frame, Kind, encode_frame
from protocol.messages import Status, build_command, compress, expand, parse_command
from protocol.session import CommandHead, ReplyHead

_GRAIN_S = 0.02
Told = Callable[[int], None]


class Wire(Protocol):
    """How commands and replies look. An object is one end."""

    ending: int
    """The byte that ends each."""

    def command(self, number: int, message: bytes) -> bytes:
        """A command on the wire."""

    def reply(self, number: int, message: bytes) -> bytes:
        """The reply to a command."""

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """(number, message) of all that bytes complete and that can be read; a reply's message is any."""


class FrameWire:
    """COMMAND and REPLY frames with the heads that our session frames have; as small, as well checked."""

    ending = DELIMITER[0]

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._deframer = Deframer(contract.hash)

    def command(self, number: int, message: bytes) -> bytes:
        """See Wire."""
        return self._frame(Kind.COMMAND, number, CommandHead.build({"tag": 1, "seen": number & 255}), message)

    def reply(self, number: int, message: bytes) -> bytes:
        """See Wire."""
        head = ReplyHead.build({"tag": 1, "next": (number + 1) & 255, "later": 0})
        return self._frame(Kind.REPLY, number, head, bytes([message[0], Status.OK]))

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """See Wire."""
        for received in self._deframer.feed(data):
            frame = received.frame
            if frame is not None and frame.kind in (Kind.COMMAND, Kind.REPLY):
                head = (CommandHead if frame.kind is Kind.COMMAND else ReplyHead).sizeof()
                message = expand(frame.body[head:], frame.stored, self._contract.message_book)
                if message:
                    yield frame.sequence, message

    def _frame(self, kind: Kind, number: int, head: bytes, message: bytes) -> bytes:
        body, stored = compress(message, self._contract.message_book)
        return encode_frame(Frame(kind, number & 0xFFFF, head + body, stored), self._contract.hash)


class JsonWire:
    """A JSON object a line: {"id": 7, "cmd": "drive", "speed": 300, "turn": 20}, answered with its id.

    Without a checksum a line is taken when it parses, has the right names and whole numbers; with one, when
    the CRC-32 in front of it holds.
    """

    ending = ord("\n")

    def __init__(self, checksum: bool) -> None:
        self._checksum = checksum
        self._buffer = bytearray()

    def command(self, number: int, message: bytes) -> bytes:
        """See Wire."""
        command, values = parse_command(message)
        return self._line({"id": number, "cmd": command.name, **values})

    def reply(self, number: int, message: bytes) -> bytes:
        """See Wire."""
        return self._line({"id": number, "status": "ok"})

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """See Wire."""
        self._buffer += data
        *lines, self._buffer = self._buffer.split(b"\n")
        for line in lines:
            if (found := self._read(bytes(line))) is not None:
                yield found

    def _line(self, document: dict[str, object]) -> bytes:
        text = json.dumps(document).encode()
        return (b"%08x " % crc32(text) if self._checksum else b"") + text + b"\n"

    def _read(self, line: bytes) -> tuple[int, bytes] | None:
        if self._checksum:
            said, _, line = line.partition(b" ")
            if said != b"%08x" % crc32(line):
                return None
        try:
            document = json.loads(line)
            number = document["id"]
            if document.get("cmd") == "drive":
                return number, _packed(document["speed"], document["turn"])
            return (number, b"") if document["status"] == "ok" and isinstance(number, int) else None
        except (ValueError, KeyError, TypeError, AttributeError):
            return None


def _packed(speed: object, turn: object) -> bytes:
    if not isinstance(speed, int) or not isinstance(turn, int):
        raise ValueError("no whole numbers")
    return build_command("drive", {"speed": speed, "turn": turn})


class _Car:
    """The other end: a command is executed unless it has the number of the one before."""

    def __init__(self, wire: Wire) -> None:
        self.executed: list[bytes] = []
        self._wire = wire
        self._last: int | None = None

    def take(self, data: bytes) -> bytes:
        answers = b""
        for number, message in self._wire.feed(data):
            if number != self._last:
                self.executed.append(message)
                self._last = number
            answers += self._wire.reply(number, message)
        return answers


class _Exchange:
    """The host's end, and the line between."""

    def __init__(self, task: Task, make_wire: Callable[[], Wire]) -> None:
        self.clock = VirtualClock(1.0)
        self.channel = Channel(task.faults, self.clock)
        self.wire = make_wire()
        self.car = _Car(make_wire())
        self.byte_s = task.faults.byte_s

    def answered(self, number: int, message: bytes) -> bool:
        """Send one command until it is answered, or patience has ended."""
        data = self.wire.command(number, message)
        size = len(data) + len(self.wire.reply(number, message))
        end = self.clock.monotonic() + PATIENCE_S
        while self.clock.monotonic() < end:
            self.channel.send(self.channel.down, data)
            if self._answer_comes(number, self.clock.monotonic() + 2 * size * self.byte_s + _GRAIN_S):
                return True
            # What is sent again has an ending in front, which ends whatever noise the car has read.
            data = bytes([self.wire.ending]) + data.lstrip(bytes([self.wire.ending]))
        return False

    def _answer_comes(self, number: int, until: float) -> bool:
        down, up, ending = self.channel.down, self.channel.up, self.wire.ending
        while self.clock.monotonic() < until:
            times = [down.next_at(ending), up.next_at(ending), until]
            self.clock.advance_to(min(at for at in times if at is not None))
            self.channel.send(up, self.car.take(self.channel.receive(down)))
            if number in [got for got, _ in self.wire.feed(self.channel.receive(up))]:
                return True
        return False


def run_stop_and_wait(task: Task, make_wire: Callable[[], Wire], told: Told) -> Outcome:
    """Bring the task's commands over the line one by one."""
    exchange, outcome = _Exchange(task, make_wire), Outcome()
    clock = exchange.clock
    began = clock.monotonic()
    for number, message in enumerate(task.messages()):
        told(number)
        started = clock.monotonic()
        if exchange.answered(number, message):
            outcome.latencies_s.append(clock.monotonic() - started)
        else:
            outcome.failed += 1
    outcome.elapsed_s = clock.monotonic() - began
    outcome.executed = exchange.car.executed
    outcome.bytes_down = exchange.channel.down.counters.bytes_in
    outcome.bytes_up = exchange.channel.up.counters.bytes_in
    return outcome
