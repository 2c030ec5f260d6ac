"""What stops the motors: a host that has fallen silent, a loop that has stalled, an emergency stop.

The loop asks `poll` before anything else. A timer looks whether the loop still turns, and stops the motors
itself when it does not: it may interrupt Python code between any two of its steps.
"""

import time

from micropython import const

from patrol import wire

_EARLY_US = const(20_000)
"""The motors stop this long before the limit, so that the loop's own turn is within it."""

_STALL_US = const(300_000)
_LOOK_MS = const(50)
_WAKE_MS = const(50)
"""Longest rest of the loop while the car drives."""


class Supervisor:
    """Watches over one car's motors. `heard` is called with every new frame of the host's."""

    def __init__(self, car):
        self._car = car
        self._ticks_us = car.clock.ticks_us
        self._heard_us = self._turned_us = self._ticks_us()

    def watch_loop(self, timer):
        """From now on a timer stops the motors when `poll` is not called for long."""
        self._turned_us = self._ticks_us()
        timer.init(period=_LOOK_MS, mode=timer.PERIODIC, callback=self.look)

    def heard(self):
        """The host is there."""
        self._heard_us = self._ticks_us()

    def poll(self):
        """Stop the motors if the host has been silent for too long. The loop's first act in each turn."""
        now = self._ticks_us()
        self._turned_us = now
        if self._car.drive.is_moving and time.ticks_diff(now, self._heard_us) >= self._limit_us():
            self._car.drive.cut()
            self._car.count(wire.COUNTER_LINK_SILENCES)
            self._car.log.note(b"link silent: motors stopped")

    def wait_ms(self, wait_ms):
        """How long the loop may rest, if nothing else wants it to turn before wait_ms."""
        if not self._car.drive.is_moving:
            return wait_ms
        left_us = self._limit_us() - time.ticks_diff(self._ticks_us(), self._heard_us)
        return max(0, min(wait_ms, _WAKE_MS, left_us // 1000))

    def _limit_us(self):
        return 1000 * self._car.parameters[wire.PARAMETER_LINK_TIMEOUT] - _EARLY_US

    def look(self, timer):
        """Stop the motors if the loop has stalled. Called by the timer."""
        if self._car.drive.is_moving and time.ticks_diff(self._ticks_us(), self._turned_us) > _STALL_US:
            self._car.drive.cut()
            self._car.count(wire.COUNTER_LOOP_STALLS)
            self._car.log.note(b"loop stalled: motors stopped")
