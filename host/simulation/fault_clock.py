"""For how long the car was driven on after something broke."""

from __future__ import annotations

from collections.abc import Sequence

from host.world import Fault


class FaultClock:
    """Told of each period of the world, with the time at its end."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self._coming = sorted(faults, key=lambda fault: fault.at_s)
        self._has_struck = False
        self._driven_us = 0

    @property
    def driven_ms(self) -> int | None:
        """How long a motor had current since the first fault; None if there was none yet.

        A car that stands cannot notice that an encoder is dead: only driving counts.
        """
        return self._driven_us // 1000 if self._has_struck else None

    def step(self, time_us: int, period_us: int, *, is_driven: bool) -> list[Fault]:
        """The faults that struck in this period."""
        if self._has_struck and is_driven:
            self._driven_us += period_us
        struck = []
        while self._coming and 1e6 * self._coming[0].at_s <= time_us:
            struck.append(self._coming.pop(0))
            self._has_struck = True
        return struck
