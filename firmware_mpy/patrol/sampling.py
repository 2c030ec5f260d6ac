"""The car's own telemetry: what it was told, what it does and senses, and how the board fares.

Only under the car's own contract: the channels below are those of protocol/contracts/car.toml, in order.
"""

import gc
import time

import micropython

from patrol import contract, wire
from patrol.buffers import copy_word

_U16 = 0xFFFF
_HEAP_BLOCK_BYTES = 16
_HEAP_PERIOD_US = 1_000_000
"""Between two looks at the heap: gc.mem_free() walks all of it, in 220,000 instructions."""

_IDLE_MS = 1000
"""Longest wait. It is also what keeps the clock's ticks from turning over unseen."""

_LOAD_PERIOD_US = 1_000_000
_BASE_STREAMS = 9
"""The time and the eight channels of contract `base`."""
_SENSES_AT = 14
"""Where in a row what the pilot knows begins."""

_HAS_SENSES = contract.NAME == "car"
POSSIBLE = _HAS_SENSES or contract.NAME in ("drive", "base")  # which have the first of the car's channels


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
        self._load_since_us = self._due_us
        self._busy_us = self._load = 0

    def poll(self, loop_us):
        """Sample if it is time. `loop_us` is how long the loop's last turn took."""
        now = self._ticks_us()
        self._count_load(now, loop_us)
        if not self._is_on():
            return
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
        if contract.STREAMS > _BASE_STREAMS:
            self._sample_board(car, row)

    def _sample_board(self, car, row):
        """How the board fares, and what its pilot knows."""
        row[9] = self._load
        row[10] = min(micropython.stack_use(), _U16)
        row[11] = car.counters[wire.COUNTER_FRAMES_RECEIVED] & _U16
        row[12] = car.counters[wire.COUNTER_COMMANDS_REPEATED] & _U16
        row[13] = car.log.count & _U16
        if _HAS_SENSES and car.drive.pilot is not None:
            car.drive.pilot.fill(row, _SENSES_AT)

    def _count_load(self, now, loop_us):
        """Which part of the last second the loop was at work."""
        self._busy_us += loop_us
        passed_us = time.ticks_diff(now, self._load_since_us)
        if passed_us >= _LOAD_PERIOD_US:
            self._load = min(100, 100 * self._busy_us // passed_us)
            self._load_since_us, self._busy_us = now, 0

    def _heap(self, now):
        if _is_due(now, self._heap_due_us, _HEAP_PERIOD_US):
            self._heap_due_us = time.ticks_add(now, _HEAP_PERIOD_US)
            self._heap_blocks = min(gc.mem_free() // _HEAP_BLOCK_BYTES, _U16)
        return self._heap_blocks
