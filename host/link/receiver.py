"""The receiving half of the link: bytes in; replies, rows and counts out. It knows no port and no clock."""

from __future__ import annotations

from collections import deque

from host.link.counters import LinkCounters
from host.link.hello import Greeting, check_greeting, parse_hello
from protocol.contract import Contract
from protocol.frame import Deframer, Frame, Kind, Received
from protocol.messages import MessageError, Reply, expand, parse_reply
from protocol.schema import Row
from protocol.telemetry import SEQUENCES, RowStatus, TelemetryDecoder

MAX_QUEUED_ROWS = 10_000
"""Rows kept for a caller who does not fetch them; beyond that the oldest go."""

ASK_EVERY = 8
"""Frames that cannot be decoded after which a key frame is asked for again."""


class Receiver:
    """What the board has sent, taken apart."""

    def __init__(self, contract: Contract) -> None:
        self.contract = contract
        self.counters = LinkCounters()
        self.greeting: Greeting | None = None
        self.reply: Reply | None = None
        self.wants_key = False
        """Whether a key frame should be asked for, since rows cannot be decoded without one."""
        self._without_key = 0
        self._expected: tuple[int, str] | None = None
        self._rows: deque[Row] = deque()
        self._deframer = Deframer(contract.hash)
        self._decoder = TelemetryDecoder(contract)

    def expect(self, sequence: int, command: str) -> None:
        """From now on, `reply` is the reply to this command, once it came."""
        self._expected = (sequence, command)
        self.reply = None

    def take_rows(self) -> list[Row]:
        """The telemetry rows since the last call, oldest first."""
        rows = list(self._rows)
        self._rows.clear()
        return rows

    def feed(self, data: bytes) -> None:
        """Take in bytes, however they are cut up. Raises ContractMismatchError at another board's HELLO."""
        self.counters.bytes_received += len(data)
        for received in self._deframer.feed(data):
            self.counters.frames[received.status] += 1
            if received.frame is not None:
                self._take(received.frame, received)

    def _take(self, frame: Frame, received: Received) -> None:
        if frame.kind is Kind.TELEMETRY:
            self.counters.telemetry_bytes += received.wire_bytes
            self._take_telemetry(frame)
        elif frame.kind is Kind.REPLY:
            self._take_reply(frame)
        elif frame.kind is Kind.HELLO and (greeting := parse_hello(frame.body)):
            check_greeting(greeting, self.contract)
            self.greeting = greeting
        else:
            self.counters.frames_unread += 1

    def _take_telemetry(self, frame: Frame) -> None:
        decoded = self._decoder.decode(frame)
        counters = self.counters
        counters.telemetry_frames += 1
        # A step of half the numbers or more is a step back: the board began anew, nothing was lost.
        if decoded.lost_frames < SEQUENCES // 2:
            counters.lost_frames += decoded.lost_frames
        counters.telemetry_without_key += decoded.status is RowStatus.NO_KEY
        counters.frames_unread += decoded.status is RowStatus.BAD_BODY
        counters.rows += len(decoded.rows)
        if decoded.status is RowStatus.GOOD:
            self._without_key = 0
        else:
            self.wants_key |= self._without_key % ASK_EVERY == 0
            self._without_key += 1
        self._rows.extend(decoded.rows)
        while len(self._rows) > MAX_QUEUED_ROWS:
            self._rows.popleft()
            counters.rows_dropped += 1

    def _take_reply(self, frame: Frame) -> None:
        message = expand(frame.body, frame.stored, self.contract.message_book)
        try:
            reply = parse_reply(message or b"")
        except MessageError:
            self.counters.frames_unread += 1
            return
        if (frame.sequence, reply.command) == self._expected and self.reply is None:
            self.reply = reply
        else:
            self.counters.replies_stray += 1
