"""What stands in for the hardware where there is none: UART, motors, battery, clock. Runs in MicroPython."""

import time
from binascii import hexlify


class StandInUart:
    """Keeps what is written, without allocating. Takes `per_write` bytes at a time, as a busy UART does."""

    def __init__(self):
        self.sent = bytearray(4096)
        self.size = 0
        self.per_write = 4096

    def write(self, data, start, size):
        size = min(size, self.per_write)
        for index in range(size):
            self.sent[self.size + index] = data[start + index]
        self.size += size
        return size

    def take(self):
        sent = hexlify(self.sent[: self.size]).decode()
        self.size = 0
        return sent


class StandInMotor:
    def __init__(self):
        self.duty = 0

    def set(self, duty):
        self.duty = duty


class StandInBattery:
    def millivolts(self):
        return 7400


class StandInTicks:
    """time.ticks_us under the test's control."""

    def __init__(self):
        self.now_us = 0

    def __call__(self):
        return self.now_us

    def advance(self, step_us):
        self.now_us = time.ticks_add(self.now_us, step_us)
