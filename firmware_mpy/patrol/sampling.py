"""The car's own telemetry: a row of what it was told, what it does and how the board fares, at a steady rate.

Only under the car's own contract: the channels below are those of protocol/contracts/car.toml, in order.
"""

import gc
import time

from patrol import contract, wire
from patrol.buffers import copy_word

_U16 = 0xFFFF
_HEAP_BLOCK_BYTES = 16
_HEAP_PERIOD_US = 1_000_000
"""Between two looks at the heap: gc.mem_free() walks all of it, in 220,000 instructions."""

_IDLE_MS = 1000
"""Longest wait. It is also what keeps the clock's ticks from turning over unseen."""

POSSIBLE = contract.NAME in ("car", "drive", "base")  # the other two have the first of the car's channels


def _is_due(now, due, period_us):
    """Whether it is time. What is due later than in a period is overdue by so much that ticks turned over,
    or was due at a lower rate."""
    return not 0 < time.ticks_diff(due, now) <= period_us


class Sampler:
    """Appends rows to the telemetry when they are due."""

    def __init__(self, car, telemetry, battery):
        self._car = car
        self._telemetry = telemetry
        self._battery = battery
        self._ticks_us = car.clock.ticks_us
        self._due_us = self._heap_due_us = self._ticks_us()
        self._heap_blocks = 0

    def poll(self, loop_us):
        """Sample if it is time. `loop_us` is how long the loop's last turn took."""
        if not self._is_on():
            return
        now = self._ticks_us()
        period_us = 1_000_000 // self._car.rate_hz
        if not _is_due(now, self._due_us, period_us):
            return
        late_us = time.ticks_diff(now, self._due_us)
        # Due times keep step with each other, unless a row was missed or the rate has changed.
        in_step = 0 <= late_us < period_us
        self._due_us = time.ticks_add(self._due_us if in_step else now, period_us)
        self._sample(now, loop_us)
        telemetry = self._telemetry
        if answer := telemetry.append(telemetry.row):
            telemetry.finish(answer)

    def wait_ms(self):
        """How long the loop may idle."""
        if not self._is_on():
            return _IDLE_MS
        wait_us = time.ticks_diff(self._due_us, self._ticks_us())
        return max(0, min(_IDLE_MS, wait_us // 1000))

    def _is_on(self):
        return POSSIBLE and self._car.samples_itself and self._car.rate_hz > 0

    def _sample(self, now, loop_us):
        car, row = self._car, self._telemetry.row
        copy_word(row, 0, car.clock.words, 0)
        row[1] = car.drive.speed
        row[2] = car.drive.turn
        row[3] = car.drive.duty_left
        row[4] = car.drive.duty_right
        row[5] = self._battery.millivolts()
        row[6] = min(loop_us, _U16)
        row[7] = self._heap(now)
        row[8] = car.counters[wire.COUNTER_FRAMES_BAD] & _U16

    def _heap(self, now):
        if _is_due(now, self._heap_due_us, _HEAP_PERIOD_US):
            self._heap_due_us = time.ticks_add(now, _HEAP_PERIOD_US)
            self._heap_blocks = min(gc.mem_free() // _HEAP_BLOCK_BYTES, _U16)
        return self._heap_blocks
