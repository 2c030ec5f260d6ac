"""What the car says to who stands beside it: an LED, and a buzzer that says a fault once.

All is well: a short flash every two seconds. A fault: as many flashes as its number, again and again, and as
many beeps once. After an emergency stop: lit, and one long beep.
"""

from micropython import const

_HALTED = const(-1)
"""In place of a fault's bit."""
_STEP_BITS = const(7)
"""Steps of 128 ms."""
_TICKS_MASK = const(0x3FFFFFFF)
"""time.ticks_ms goes around there."""
_WELL_STEPS = const(16)
_PAUSE_STEPS = const(6)
_LONG_BEEP_STEPS = const(6)


def number_of(fault):
    """A fault's number, from 1 on, by its bit; 0 for none."""
    number = 0
    while fault:
        fault >>= 1
        number += 1
    return number


class Signals:
    """Turns two pins on and off as time passes; any that can be called with 0 and 1 will do."""

    def __init__(self, led, buzzer):
        self._led = led
        self._buzzer = buzzer
        self._said = self._number = 0
        self._since_ms = 0
        self._lit = self._heard = 0

    def poll(self, is_halted, fault, now_ms):
        """Go on; `fault` is its bit, 0 for none. An emergency stop comes before a fault."""
        said = _HALTED if is_halted else fault
        if said != self._said:
            self._said, self._since_ms = said, now_ms
            self._number = number_of(said) if said > 0 else 0
        step = (now_ms - self._since_ms & _TICKS_MASK) >> _STEP_BITS
        if is_halted:
            self._set(1, step < _LONG_BEEP_STEPS)
        elif said:
            flashes = 2 * self._number
            at = step % (flashes + _PAUSE_STEPS)
            lit = at < flashes and not at & 1
            self._set(lit, lit and step < flashes)
        else:
            self._set(step % _WELL_STEPS == 0, 0)

    def _set(self, lit, heard):
        if lit != self._lit:
            self._lit = lit
            self._led(1 if lit else 0)
        if heard != self._heard:
            self._heard = heard
            self._buzzer(1 if heard else 0)
