"""Driving by keys: a terminal tells presses and no releases, so every press changes what was commanded."""

from __future__ import annotations

from host.monitor import orders
from host.monitor.orders import Order

SPEED_STEP_MM_S = 100
TURN_STEP_DEG_S = 20
TOP_SPEED_MM_S = 800
TOP_TURN_DEG_S = 120


class KeyDriver:
    """What was commanded by keys. 0 and 0 after a stop, and after whatever else drives the car."""

    def __init__(self) -> None:
        self.speed_mm_s = 0
        self.turn_deg_s = 0

    def faster(self, steps: int) -> Order:
        """So many steps faster, or slower and backwards."""
        self.speed_mm_s = _within(self.speed_mm_s + steps * SPEED_STEP_MM_S, TOP_SPEED_MM_S)
        return self._order()

    def turn(self, steps: int) -> Order:
        """So many steps more to the left, or to the right."""
        self.turn_deg_s = _within(self.turn_deg_s + steps * TURN_STEP_DEG_S, TOP_TURN_DEG_S)
        return self._order()

    def reset(self) -> None:
        """Somebody else drives now, or nobody."""
        self.speed_mm_s = self.turn_deg_s = 0

    def _order(self) -> Order:
        if self.speed_mm_s == 0 == self.turn_deg_s:
            return orders.stop()
        return orders.drive(self.speed_mm_s, self.turn_deg_s)


def _within(value: int, top: int) -> int:
    return max(-top, min(top, value))
