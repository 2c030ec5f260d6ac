"""One direction of a channel: bytes in at one time, what is left of them out at a later one."""

from __future__ import annotations

from collections import deque
from dataclasses import asdict, dataclass
from random import Random

from host.faults.faults import Faults
from host.faults.mangle import Noise, Slots


@dataclass
class LineCounters:
    """What a line was given, what it did with it, and what came out.

    At any time bytes_in + inserted_bytes + duplicated_bytes
    = bytes_out + dropped_bytes + lost_bytes + those still under way.
    """

    bytes_in: int = 0
    bytes_out: int = 0
    chunks: int = 0
    flipped_bits: int = 0
    dropped_bytes: int = 0
    inserted_bytes: int = 0
    duplicated_chunks: int = 0
    duplicated_bytes: int = 0
    reordered_chunks: int = 0
    """Those that were overtaken."""
    split_chunks: int = 0
    stalls: int = 0
    lost_bytes: int = 0
    """Under way when the line broke."""

    def to_json(self) -> dict[str, int]:
        """By name."""
        return asdict(self)


@dataclass
class _Held:
    """A chunk that waits for the next one to overtake it."""

    data: bytes
    until_s: float


class Line:
    """One direction. It knows no clock: the time is passed in, and must not go back."""

    def __init__(self, faults: Faults, random: Random) -> None:
        self.faults = faults
        self._random = random
        self._noise = Noise(faults, random)
        self._counters = LineCounters()
        self._arriving: deque[tuple[float, int]] = deque()
        self._held: _Held | None = None
        # Times are counted from when the line was last idle, so that no rounding adds up.
        self._busy_since = 0.0
        self._slots_since = 0

    @property
    def counters(self) -> LineCounters:
        """A copy, as they stand."""
        noise = self._noise
        return LineCounters(**{
            **asdict(self._counters), "flipped_bits": noise.flipped_bits,
            "dropped_bytes": noise.dropped_bytes, "inserted_bytes": noise.inserted_bytes,
        })

    @property
    def under_way(self) -> int:
        """Bytes that are still to arrive."""
        return len(self._arriving) + (len(self._held.data) if self._held else 0)

    @property
    def free_at(self) -> float:
        """When all that was sent has left the sender."""
        return self._busy_since + self._slots_since * self.faults.byte_s

    def send(self, data: bytes, now: float) -> None:
        """Put a chunk on the line."""
        if not data:
            return
        self._release(now)
        counters, faults = self._counters, self.faults
        counters.bytes_in += len(data)
        counters.chunks += 1
        if now >= self.free_at:
            self._busy_since, self._slots_since = now, 0
        if self._happens(faults.stall):
            counters.stalls += 1
            self._pause(faults.stall_s)
        self._occupy(self._noise.on_line(data))
        if self._happens(faults.duplicate):
            before = self._noise.inserted_bytes
            slots = self._noise.on_line(data)
            counters.duplicated_chunks += 1
            counters.duplicated_bytes += len(slots) - (self._noise.inserted_bytes - before)
            self._occupy(slots, may_hold=False)

    def receive(self, now: float) -> bytes:
        """What has arrived by now and was not received before."""
        self._release(now)
        arriving, came = self._arriving, bytearray()
        while arriving and arriving[0][0] <= now:
            came.append(arriving.popleft()[1])
        self._counters.bytes_out += len(came)
        return bytes(came)

    def next_at(self, ending: int | None = None) -> float | None:
        """When the next byte arrives, or the next one of that value; None when none is under way.

        Without such a value under way, it is when the last byte arrives.
        """
        if ending is not None:
            for at, byte in self._arriving:
                if byte == ending:
                    return at
        times = [self._arriving[0 if ending is None else -1][0]] if self._arriving else []
        if self._held:
            times.append(self._held.until_s)
        return min(times, default=None)

    def break_off(self) -> None:
        """Lose all that is under way."""
        self._counters.lost_bytes += self.under_way
        self._arriving.clear()
        self._held = None
        self._busy_since, self._slots_since = float("-inf"), 0

    def _happens(self, probability: float) -> bool:
        return probability > 0 and self._random.random() < probability

    def _pause(self, pause_s: float) -> None:
        self._busy_since, self._slots_since = self.free_at + pause_s, 0

    def _occupy(self, slots: Slots, may_hold: bool = True) -> None:
        """Give each slot its time on the line."""
        overtaken, self._held = self._held, None
        cut = len(slots)
        if len(slots) > 1 and self._happens(self.faults.split):
            self._counters.split_chunks += 1
            cut = self._random.randrange(1, len(slots))
        arrivals = self._timed(slots[:cut])
        if cut < len(slots):
            self._pause(self.faults.split_s)
            arrivals += self._timed(slots[cut:])
        if overtaken is None and may_hold and arrivals and self._happens(self.faults.reorder):
            data = bytes(byte for _, byte in arrivals)
            self._held = _Held(data, arrivals[-1][0] + self.faults.hold_s)
            return
        self._arriving.extend(arrivals)
        if overtaken is not None:
            self._counters.reordered_chunks += 1
            self._arrive_at(arrivals[-1][0] if arrivals else overtaken.until_s, overtaken.data)

    def _timed(self, slots: Slots) -> list[tuple[float, int]]:
        start, byte_s, delay_s = self._slots_since + 1, self.faults.byte_s, self.faults.delay_s
        self._slots_since += len(slots)
        since = self._busy_since
        return [
            (since + (start + at) * byte_s + delay_s, byte)
            for at, byte in enumerate(slots)
            if byte is not None
        ]

    def _arrive_at(self, at: float, data: bytes) -> None:
        self._arriving.extend((at, byte) for byte in data)

    def _release(self, now: float) -> None:
        """Nothing came in time to overtake the chunk that is held: it arrives by itself."""
        if self._held is not None and now >= self._held.until_s:
            held, self._held = self._held, None
            self._arrive_at(held.until_s, held.data)
