"""The host's half of the window: commands under way, what the car has of them, and what to send when.

It moves no bytes and knows no clock: whoever owns it passes the time in and sends what `due` answers. A
command is sent again when something sent after it arrived and it did not (as RFC 8985 does, with numbers of
transmissions in place of times: a wire keeps the order), or when its time is up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from host.link.errors import LinkError
from host.link.timing import RetransmissionTimer
from protocol.frame import DELIMITER, Kind
from protocol.limits import WINDOW
from protocol.messages import Reply
from protocol.session import nearest

BEAT_S = 0.125
"""Between two new frames to the car at most: four of them in the car's default link_timeout."""
_MAX_BEATS = 6
"""Heartbeats that may be unanswered at once; the ring has to hold them beside the commands."""
_BEAT_FORGOTTEN_S = 1.0
BEAT_BYTES = 21
"""The longest ALIVE on the wire: header, head, code, checksum, COBS and delimiter."""


@dataclass(eq=False)
class Pending:
    """A command under way. `reply` or `error` is set once it is done."""

    name: str
    message: bytes
    number: int
    submitted_s: float
    reply: Reply | None = None
    error: LinkError | None = None
    sent: list[int] = field(default_factory=list)
    """Numbers of its transmissions."""
    sent_s: float = 0.0
    wire_bytes: int = 0
    arrived: bool = False
    """Whether the car is known to have it."""

    @property
    def done(self) -> bool:
        """Whether there is a reply or an error."""
        return self.reply is not None or self.error is not None


Encode = Callable[[Kind, int, int, bytes], bytes]
"""(kind, number, the oldest command without a reply, message) to a frame on the wire."""


class Window:
    """Commands of one session. `ring_bytes` is what the car's UART can hold unread."""

    def __init__(self, first: int, encode: Encode, timer: RetransmissionTimer, ring_bytes: int) -> None:
        self.timer = timer
        self.retransmissions = 0
        self._encode = encode
        self._room = max(1, ring_bytes - _MAX_BEATS * BEAT_BYTES)
        self._next = first
        self._pending: dict[int, Pending] = {}
        self._transmission = 0
        self._beat = 0
        self._beats: dict[int, tuple[int, float]] = {}
        self._fresh_s = float("-inf")
        """When the car was last sent something new."""
        self._beat_s = float("-inf")
        self._timer_s = float("-inf")
        """When the last reply came: the time-out counts anew."""
        self._following = first
        self._answered = 0
        """The latest transmission that is known to have been answered."""
        self._wants_halt = False

    @property
    def pending(self) -> list[Pending]:
        """Commands without a reply, oldest first."""
        return list(self._pending.values())

    @property
    def has_room(self) -> bool:
        """Whether another command may be submitted."""
        return self._next - self._oldest < WINDOW

    @property
    def _oldest(self) -> int:
        return next(iter(self._pending), self._next)

    def submit(self, name: str, message: bytes, now: float) -> Pending:
        """Put a command into the window, which must have room."""
        pending = Pending(name, message, self._next, now)
        self._pending[self._next] = pending
        self._next += 1
        return pending

    def halt(self) -> None:
        """Send an emergency stop with whatever goes out next."""
        self._wants_halt = True

    def due(self, now: float) -> Iterator[bytes]:
        """What to put on the wire now. A delimiter before what is sent again ends whatever noise was read."""
        if self._wants_halt:
            self._wants_halt = False
            yield self._send_beat(Kind.HALT, now)
        lost = [pending for pending in self._pending.values() if pending.sent and self._is_lost(pending)]
        for pending in lost:
            if self._fits(pending):
                yield DELIMITER + self._send(pending, now)
        if self._is_timed_out(now):
            self.timer.timed_out()
            yield DELIMITER + self._send(self._pending[self._oldest], now)
        for pending in self._pending.values():
            if not pending.sent:
                if not self._fits(pending):
                    break
                yield self._send(pending, now)
        if self._is_beat_due(now):
            yield self._send_beat(Kind.ALIVE, now)

    def number_of(self, kind: Kind, sequence: int) -> int:
        """The whole number of a command or heartbeat, of which a frame has 16 bits."""
        return nearest(sequence, self._oldest if kind is Kind.REPLY else self._beat)

    def take_reply(self, sequence: int, following: int, later: int, reply: Reply, now: float) -> bool:
        """A REPLY came; False when nobody waits for it."""
        number = self.number_of(Kind.REPLY, sequence)
        pending = self._pending.get(number)
        matches = pending is not None and pending.name == reply.command
        if matches and pending is not None and pending.sent:
            self._settle(number, pending, reply, now)
        self._note_state(following, later)
        return matches

    def take_beat(self, sequence: int, following: int, later: int, now: float) -> None:
        """The car's answer to a heartbeat, or its word on a command that came out of order."""
        number = self.number_of(Kind.ALIVE, sequence)
        transmission, sent_s = self._beats.pop(number, (0, 0.0))
        self._note_state(following, later)
        if transmission:
            self.timer.measured(now - sent_s)
            self._note_arrival(transmission)

    def fail(self, error: LinkError) -> None:
        """Every command under way has failed, with this."""
        for pending in self._pending.values():
            pending.error = error
        self._pending.clear()

    def _settle(self, number: int, pending: Pending, reply: Reply, now: float) -> None:
        if len(pending.sent) == 1:
            self.timer.measured(now - pending.sent_s)
        self._note_arrival(pending.sent[0])
        self._timer_s = now
        pending.reply = reply
        del self._pending[number]

    def _note_state(self, following: int, later: int) -> None:
        """What the car says it has."""
        following = nearest(following, self._oldest, bits=8)
        self._following = max(self._following, following)
        for number, pending in self._pending.items():
            ahead = number - following - 1
            if pending.sent and (number < following or (0 <= ahead < WINDOW and later >> ahead & 1)):
                pending.arrived = True
                self._note_arrival(pending.sent[0])

    def _note_arrival(self, transmission: int) -> None:
        self._answered = max(self._answered, transmission)

    def _is_lost(self, pending: Pending) -> bool:
        """Whether it, or its reply, would have come by now: what went out later was answered."""
        held = pending.arrived and pending.number >= self._following
        return pending.sent[-1] < self._answered and not held

    def _is_timed_out(self, now: float) -> bool:
        oldest = self._pending.get(self._oldest)
        if oldest is None or not oldest.sent:
            return False
        return now - max(oldest.sent_s, self._timer_s) >= self.timer.timeout_s

    def _is_beat_due(self, now: float) -> bool:
        """Time for a sign of life, or for asking whether the last command came."""
        self._beats = {n: beat for n, beat in self._beats.items() if now - beat[1] < _BEAT_FORGOTTEN_S}
        if len(self._beats) >= _MAX_BEATS:
            return False
        if now - self._fresh_s >= BEAT_S:
            return True
        newest = max((pending.sent_s for pending in self._pending.values() if pending.sent), default=None)
        return newest is not None and newest >= self._beat_s and now - newest >= self.timer.probe_s

    def _fits(self, pending: Pending) -> bool:
        """Whether the car's ring can take this command, even if it has read none of what is on its way."""
        others = [p for p in self._pending.values() if p is not pending and p.sent and not p.arrived]
        on_the_way = sum(other.wire_bytes for other in others)
        return not on_the_way or on_the_way + self._encoded(pending)[0] <= self._room

    def _encoded(self, pending: Pending) -> tuple[int, bytes]:
        wire = self._encode(Kind.COMMAND, pending.number, self._oldest, pending.message)
        return len(wire), wire

    def _send(self, pending: Pending, now: float) -> bytes:
        if pending.sent:
            self.retransmissions += 1
        else:
            self._fresh_s = now
        self._transmission += 1
        pending.sent.append(self._transmission)
        pending.sent_s = now
        pending.wire_bytes, wire = self._encoded(pending)
        return wire

    def _send_beat(self, kind: Kind, now: float) -> bytes:
        self._transmission += 1
        self._beat += 1
        self._beats[self._beat] = (self._transmission, now)
        self._fresh_s = self._beat_s = now
        return self._encode(kind, self._beat, self._oldest, b"")
