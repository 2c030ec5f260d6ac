"""An encoder on a build with `machine.Encoder`, with `pyb.Timer`, or with neither. Prints JSON.

    micropython encoders_on_builds.py machine | machine_x1 | timer | interrupts

Runs in MicroPython's unix port; `machine` and `pyb` are stand-ins, with what patrol.drivers.encoders uses.
"""

import json
import sys

import micropython

build = sys.argv[1]
made = []
handlers = []
wheel = 0
"""Counts, four a period, that the wheel has turned."""


class StandInCpuPins:
    A4, A6, A7, B0, B1, B6, B7 = "cpu.A4", "cpu.A6", "cpu.A7", "cpu.B0", "cpu.B1", "cpu.B6", "cpu.B7"


class StandInPin:
    IN, OUT, IRQ_RISING, IRQ_FALLING = 0, 1, 1, 2
    cpu = StandInCpuPins

    def __init__(self, name, mode=None):
        self.name = name

    def value(self):
        # A leads: 00, 10, 11, 01.
        return wheel >> 1 & 1 ^ (wheel & 1 if self.name == "cpu.B6" else 0)

    def irq(self, handler, trigger, hard):
        made.append([self.name, trigger, hard])
        handlers.append(handler)


class StandInEncoder:
    """Of a build that counts every edge, and that knows no `phases`."""

    def __init__(self, number, phase_a, phase_b):
        made.append([number, phase_a.name, phase_b.name])

    def value(self):
        return wheel


class StandInEncoderX1:
    """Of a build with MicroPython's documented parameters: a quarter of the counts unless asked for all."""

    def __init__(self, number, phase_a, phase_b, phases=1):
        made.append([number, phase_a.name, phase_b.name, phases])
        self.edges_per_count = 4 // phases

    def value(self):
        return wheel // self.edges_per_count


class StandInTimer:
    ENC_AB = 11

    def __init__(self, number, prescaler, period):
        made.append([number, prescaler, period])

    def channel(self, number, mode, pin):
        made.append([number, mode, pin.name])

    def counter(self):
        return wheel & 0xFFFF


class StandInMachine:
    Pin = StandInPin
    ADC = None


class StandInPyb:
    Timer = StandInTimer


if build == "machine":
    StandInMachine.Encoder = StandInEncoder
elif build == "machine_x1":
    StandInMachine.Encoder = StandInEncoderX1
elif build == "timer":
    sys.modules["pyb"] = StandInPyb
sys.modules["machine"] = StandInMachine

from patrol import pins  # noqa: E402
from patrol.drivers.encoders import Encoder  # noqa: E402


def turn(counts):
    """Turn the wheel edge by edge, with the interrupts that this causes."""
    global wheel
    for _ in range(abs(counts)):
        wheel += 1 if counts > 0 else -1
        if handlers:
            handlers[0](None)


def jump(counts):
    global wheel
    wheel += counts


encoder = Encoder(pins.LEFT_ENCODER)


def turned(counts):
    """What the encoder counts after a turn, during which nothing may be allocated."""
    micropython.heap_lock()
    for _ in range(4):
        turn(counts // 4)
        encoder.count()
    turn(counts % 4)
    here = encoder.count()
    micropython.heap_unlock()
    return here


told = [encoder.count()]
for counts in (1, 2, -7, 40000, -40000, 3):
    here = turned(counts)
    told.append(here)
results = {"made": made, "told": told}

if build != "interrupts":
    steps = 0
    while steps * 32767 < (1 << 29) - here:
        jump(32767)
        last = encoder.count()
        steps += 1
    results["wraps"] = last == here + steps * 32767 - (1 << 30)
else:
    # An edge that was missed: both phases seem to change at once, which counts nothing.
    before = encoder.count()
    jump(2)
    handlers[0](None)
    results["missed"] = encoder.count() - before
print(json.dumps(results))
