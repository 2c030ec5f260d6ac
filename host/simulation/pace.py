"""Keeps a simulation from running ahead of the clock on the wall."""

from __future__ import annotations

import time
from collections.abc import Callable

MOST_ARREARS_S = 0.1


class Pace:
    """Virtual time beside the wall's. What a slow machine loses is made up for up to MOST_ARREARS_S only."""

    def __init__(
        self,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._monotonic = monotonic
        self._sleep = sleep
        self._origin_s: float | None = None
        self.lost_s = 0.0
        """By how much virtual time has fallen behind for good."""

    def keep(self, virtual_s: float) -> None:
        """Return once the wall's clock has come to this virtual time too."""
        now = self._monotonic()
        if self._origin_s is None:
            self._origin_s = now - virtual_s
        late_s = now - self._origin_s - virtual_s
        if late_s < 0:
            self._sleep(-late_s)
        elif late_s > MOST_ARREARS_S:
            self._origin_s += late_s
            self.lost_s += late_s
