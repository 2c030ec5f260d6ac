"""Clocks: the real one is Python's `time` module; this is one that moves when it is told to."""

from __future__ import annotations

from typing import Protocol


class Clock(Protocol):
    """Where the time comes from."""

    def monotonic(self) -> float:
        """Seconds since some start."""


class VirtualClock:
    """Time that passes only by `advance_to`."""

    def __init__(self, start_s: float = 0.0) -> None:
        self._now = start_s

    def monotonic(self) -> float:
        """Seconds, the start's among them."""
        return self._now

    def advance_to(self, then_s: float) -> None:
        """Let time pass until then; it never goes back."""
        self._now = max(self._now, then_s)
