"""Orders on their way from whoever gives them to the thread that has the link."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from threading import Lock

from host.monitor.orders import Order

ATTENTION_S = 1.5
"""Driven by hand and unattended for so long, a car is to be stopped."""
FRESH_S = 2.0
"""An order that waited longer is not done: a car that is back after minutes must not drive off by itself."""


class OrderBox:
    """Safe to share between threads; nothing in it waits."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = Lock()
        self._waiting: deque[tuple[float, Order]] = deque()
        """With the moments when they were given."""
        self._wants_halt = False
        self._is_driven = False
        self._attended_s = now()

    def put(self, order: Order) -> None:
        """Have an order done in its turn."""
        with self._lock:
            if order.clears:
                self._waiting.clear()
            if order.is_latest:
                self._waiting = deque(each for each in self._waiting if not each[1].is_latest)
            if order.drives:
                self._attended_s = self._now()
            self._waiting.append((self._now(), order))

    def put_halt(self) -> None:
        """Have an emergency stop done before all else, and what waits forgotten."""
        with self._lock:
            self._waiting.clear()
            self._wants_halt = True

    def attend(self) -> None:
        """Somebody sees the car, or could."""
        self._attended_s = self._now()

    def take_old(self) -> list[Order]:
        """The orders that have waited too long, which are not to be done; a stop is never too old."""
        with self._lock:
            oldest_s = self._now() - FRESH_S
            old = [each for each in self._waiting if each[0] < oldest_s and not each[1].clears]
            self._waiting = deque(each for each in self._waiting if each not in old)
            return [order for _, order in old]

    def take(self) -> Order | None:
        """The order whose turn it is."""
        with self._lock:
            order = self._waiting.popleft()[1] if self._waiting else None
            if order is not None and order.drives is not None:
                self._is_driven = order.drives
            return order

    def take_halt(self) -> bool:
        """Whether an emergency stop is wanted; told once."""
        with self._lock:
            wanted, self._wants_halt = self._wants_halt, False
            self._is_driven = self._is_driven and not wanted
            return wanted

    @property
    def is_driven(self) -> bool:
        """Whether somebody drives by hand."""
        return self._is_driven

    @property
    def is_unattended(self) -> bool:
        """Whether somebody drives by hand and seems to be gone."""
        return self._is_driven and self._now() - self._attended_s > ATTENTION_S
