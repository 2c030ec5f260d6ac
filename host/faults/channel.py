"""Both directions of a faulty line between two ends."""

from __future__ import annotations

from random import Random
from typing import Any

from host.faults.clock import Clock
from host.faults.faults import Faults
from host.faults.line import Line


class Channel:
    """`down` leads from the host to the board, `up` back. The same seed and calls give the same faults."""

    def __init__(self, faults: Faults, clock: Clock) -> None:
        self.faults = faults
        self.down = Line(faults, Random(f"{faults.seed} down"))
        self.up = Line(faults, Random(f"{faults.seed} up"))
        self.disconnects = 0
        self.is_connected = True
        self._clock = clock
        self._random = Random(f"{faults.seed} disconnect")

    def send(self, line: Line, data: bytes) -> None:
        """Put a chunk on one of the two lines; on a channel that is broken it is lost."""
        if data and self.faults.disconnect and self._random.random() < self.faults.disconnect:
            self.disconnect()
        line.send(data, self._clock.monotonic())
        if not self.is_connected:
            line.break_off()

    def receive(self, line: Line) -> bytes:
        """What has arrived on one of the two lines."""
        return line.receive(self._clock.monotonic())

    def next_at(self) -> float | None:
        """When the next byte arrives at either end; None when none is under way."""
        return min((at for line in (self.down, self.up) if (at := line.next_at()) is not None), default=None)

    def disconnect(self) -> None:
        """Break both directions; what is under way is lost."""
        self.disconnects += self.is_connected
        self.is_connected = False
        self.down.break_off()
        self.up.break_off()

    def reconnect(self) -> None:
        """The line is whole again, and empty."""
        self.is_connected = True

    def to_json(self) -> dict[str, Any]:
        """The counters of both directions."""
        return {
            "down": self.down.counters.to_json(),
            "up": self.up.counters.to_json(),
            "disconnects": self.disconnects,
        }
