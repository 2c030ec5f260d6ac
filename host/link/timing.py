"""How long to wait for an answer: from measured round trips, as RFC 6298 has it."""

from __future__ import annotations

INITIAL_S = 0.5
"""Before any round trip was measured."""
LOWEST_S = 0.2
HIGHEST_S = 1.0
"""Doubling ends here, so that a line that comes back is used within a second."""
_GRAIN_S = 0.02
"""What a port's read may add: its poll interval."""


class RetransmissionTimer:
    """RFC 6298, section 2, with shorter bounds: one wire has no queues of strangers."""

    def __init__(self) -> None:
        self.round_trip_s: float | None = None
        """Smoothed; None before the first sample."""
        self._variation_s = 0.0
        self._doublings = 0

    def measured(self, sample_s: float) -> None:
        """Take in a round trip. By Karn's rule never that of something that was sent twice."""
        if self.round_trip_s is None:
            self.round_trip_s, self._variation_s = sample_s, sample_s / 2
        else:
            self._variation_s += (abs(self.round_trip_s - sample_s) - self._variation_s) / 4
            self.round_trip_s += (sample_s - self.round_trip_s) / 8
        self._doublings = 0

    def timed_out(self) -> None:
        """Wait twice as long the next time."""
        self._doublings += 1

    @property
    def timeout_s(self) -> float:
        """How long to wait for an answer before sending again."""
        if self.round_trip_s is None:
            base = INITIAL_S
        else:
            base = max(LOWEST_S, self.round_trip_s + max(_GRAIN_S, 4 * self._variation_s))
        return min(HIGHEST_S, base * (1 << min(self._doublings, 8)))

    @property
    def probe_s(self) -> float:
        """How long to wait for the last of what was sent before asking if it came (RFC 8985, section 7)."""
        return min(self.timeout_s, _GRAIN_S + 2 * (self.round_trip_s or INITIAL_S))
