"""The receiving half of the link: bytes in; frames, rows and counts out. It knows no port and no clock."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from host.link.counters import LinkCounters
from protocol.contract import Contract
from protocol.frame import Deframer, Frame, Kind, Received
from protocol.schema import Row
from protocol.telemetry import SEQUENCES, Decoded, RowStatus, TelemetryDecoder

MAX_QUEUED_ROWS = 10_000
"""Rows kept for a caller who does not fetch them; beyond that the oldest go."""

ASK_EVERY = 8
"""Frames that cannot be decoded after which a key frame is asked for again."""

_CONVERSATION = (Kind.HELLO, Kind.REPLY, Kind.ALIVE, Kind.HALT)


class Receiver:
    """What the board has sent, taken apart."""

    def __init__(
        self, contract: Contract, on_decoded: Callable[[Decoded], None] = lambda telemetry: None
    ) -> None:
        """`on_decoded` is told what became of each telemetry frame."""
        self.contract = contract
        self._on_decoded = on_decoded
        self.counters = LinkCounters()
        self.conversation: deque[Frame] = deque()
        """HELLO, REPLY, ALIVE and HALT frames for whoever leads the conversation, oldest first."""
        self.wants_key = False
        """Whether a key frame should be asked for, since rows cannot be decoded without one."""
        self._without_key = 0
        self._rows: deque[Row] = deque()
        self._deframer = Deframer(contract.hash)
        self._decoder = TelemetryDecoder(contract)

    def take_rows(self) -> list[Row]:
        """The telemetry rows since the last call, oldest first."""
        rows = list(self._rows)
        self._rows.clear()
        return rows

    def feed(self, data: bytes) -> None:
        """Take in bytes, however they are cut up."""
        self.counters.bytes_received += len(data)
        for received in self._deframer.feed(data):
            self.counters.frames[received.status] += 1
            if received.frame is not None:
                self._take(received.frame, received)

    def _take(self, frame: Frame, received: Received) -> None:
        if frame.kind is Kind.TELEMETRY:
            self.counters.telemetry_bytes += received.wire_bytes
            self._take_telemetry(frame)
        elif frame.kind in _CONVERSATION:
            self.conversation.append(frame)
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
        self._on_decoded(decoded)
