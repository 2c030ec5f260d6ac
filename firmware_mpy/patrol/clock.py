"""Time in 32-bit words, beyond what MicroPython's ticks and small integers count to."""

import time
from array import array

import micropython


@micropython.viper
def _advance(words: ptr32, step_us: int) -> int:
    """Add to the microseconds; answers the whole milliseconds that have become of them."""
    words[0] = words[0] + step_us
    rest = words[1] + step_us
    milliseconds = rest // 1000
    words[1] = rest - milliseconds * 1000
    return milliseconds


class Clock:
    """Time since the start. `words[0]` is in microseconds modulo 2**32."""

    def __init__(self, ticks_us=time.ticks_us):
        self.words = array("I", (0, 0))
        self.ticks_us = ticks_us
        self._last = ticks_us()

    def update(self):
        """Take in the time since the last update, which must be no more than minutes ago.

        Answers the milliseconds that passed.
        """
        now = self.ticks_us()
        step = time.ticks_diff(now, self._last)
        self._last = now
        return _advance(self.words, step)
