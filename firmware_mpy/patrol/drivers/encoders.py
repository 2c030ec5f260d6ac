"""Quadrature encoders: four counts a period, up while phase A leads, by the best that the build has."""

from machine import Pin

from patrol.motors import chip_pin

try:
    from machine import Encoder as MachineEncoder
except ImportError:
    MachineEncoder = None
try:
    from pyb import Timer
except ImportError:
    Timer = None

_HALF_RANGE = 1 << 29  # one bit less than a small int has: sums of two stay small
_MASK = (1 << 30) - 1

# What a change of the phases means, plus 1, by (A, B before, A, B now). Both at once: an edge was missed, 0.
_STEPS = b"\x01\x00\x02\x01\x02\x01\x01\x00\x00\x01\x01\x02\x01\x02\x00\x01"


class _Edges:
    """Counts in interrupts, for some thousand edges a second."""

    def __init__(self, phase_a, phase_b):
        self._phase_a = Pin(chip_pin(phase_a), Pin.IN)
        self._phase_b = Pin(chip_pin(phase_b), Pin.IN)
        self._phases = self._phase_a.value() << 1 | self._phase_b.value()
        self._count = 0
        for pin in (self._phase_a, self._phase_b):
            pin.irq(self._edge, Pin.IRQ_RISING | Pin.IRQ_FALLING, hard=True)

    def _edge(self, _pin):
        phases = self._phase_a.value() << 1 | self._phase_b.value()
        self._count = (self._count + _STEPS[self._phases << 2 | phases] - 1) & 0xFFFF
        self._phases = phases

    def value(self):
        return self._count


def _by_machine(number, phase_a, phase_b):
    pins = Pin(chip_pin(phase_a), Pin.IN), Pin(chip_pin(phase_b), Pin.IN)
    try:
        return MachineEncoder(number, *pins, phases=4).value  # the default is 1 where it can be chosen
    except TypeError:
        return MachineEncoder(number, *pins).value


def _by_timer(number, phase_a, phase_b):
    timer = Timer(number, prescaler=0, period=0xFFFF)
    timer.channel(1, Timer.ENC_AB, pin=Pin(chip_pin(phase_a)))
    timer.channel(2, Timer.ENC_AB, pin=Pin(chip_pin(phase_b)))
    return timer.counter


def _by_interrupts(number, phase_a, phase_b):
    return _Edges(phase_a, phase_b).value


_counter_of = _by_machine if MachineEncoder else _by_timer if Timer else _by_interrupts


class Encoder:
    """A wheel's encoder, from its (timer, phase A, phase B) in `pins`."""

    def __init__(self, pins):
        self._counter = _counter_of(*pins)
        self._last = self._counter()
        self._count = 0

    def count(self):
        """Counts since the start, in 30 bits with a sign, so that they wrap at 2**29. Allocates nothing.

        To be called before 32,768 counts have gone by: of the counter, 16 bits are read.
        """
        now = self._counter() & 0xFFFF
        step = ((now - self._last + 0x8000) & 0xFFFF) - 0x8000
        self._last = now
        self._count = ((self._count + step + _HALF_RANGE) & _MASK) - _HALF_RANGE
        return self._count
