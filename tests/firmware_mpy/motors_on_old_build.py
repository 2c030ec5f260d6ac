"""The motors on a build of MicroPython without machine.PWM. Runs in MicroPython's unix port; prints JSON.

`machine` and `pyb` are stand-ins for what stm32 builds before 1.28 have, as far as patrol.motors uses it.
"""

import json
import sys

log = []


class StandInCpuPins:
    A4, A6, A7, B0, B1, B12, B13 = "cpu.A4", "cpu.A6", "cpu.A7", "cpu.B0", "cpu.B1", "cpu.B12", "cpu.B13"


class StandInPin:
    OUT = 1
    cpu = StandInCpuPins

    def __init__(self, name, mode=None, value=None):
        self.name = name

    def value(self, level):
        log.append([self.name, int(level)])


class StandInAdc:
    def __init__(self, pin):
        self.name = pin.name

    def read_u16(self):
        return 32768


class StandInTimer:
    PWM = 0

    def __init__(self, number, freq):
        self.number = number
        self.freq = freq

    def period(self):
        return 84_000_000 // self.freq - 1

    def channel(self, number, mode, pin):
        return StandInChannel([self.number, number, pin.name])


class StandInChannel:
    def __init__(self, name):
        self.name = name

    def pulse_width(self, width):
        log.append([self.name, width])


class StandInMachine:
    Pin = StandInPin
    ADC = StandInAdc


class StandInPyb:
    Timer = StandInTimer


sys.modules["machine"] = StandInMachine
sys.modules["pyb"] = StandInPyb

from patrol import motors, pins  # noqa: E402

left, right = motors.Motor(*pins.LEFT_MOTOR), motors.Motor(*pins.RIGHT_MOTOR)
results = {"made": log[:]}
for motor, name, duty in ((left, "forward", 1000), (right, "backward", -250), (left, "stopped", 0)):
    del log[:]
    motor.set(duty)
    results[name] = log[:]
results["battery_mv"] = motors.Battery().millivolts()
print(json.dumps(results))
