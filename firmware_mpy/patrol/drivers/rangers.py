"""HC-SR04 rangers, fired in turn so that none hears another; echoes are timed by interrupts."""

import time

from machine import Pin
from micropython import const

from patrol.motors import chip_pin

_PULSE_US = const(10)


class Ranger:
    """One ranger. `echo_us` is its last echo's length, `samples` how many there have been."""

    def __init__(self, trigger, echo):
        self._trigger = Pin(chip_pin(trigger), Pin.OUT, value=0)
        self._echo = Pin(chip_pin(echo), Pin.IN)
        self._rose_us = 0
        self.echo_us = self.samples = self.at_ms = 0
        self._echo.irq(self._edge, Pin.IRQ_RISING | Pin.IRQ_FALLING, hard=True)

    def _edge(self, pin):
        now = time.ticks_us()
        if pin.value():
            self._rose_us = now
        else:
            self.echo_us = time.ticks_diff(now, self._rose_us)
            self.at_ms = time.ticks_ms()
            self.samples = self.samples + 1 & 0xFFFF

    def fire(self):
        """Send a burst, unless the last one's echo is still awaited."""
        if not self._echo.value():
            self._trigger.value(1)
            time.sleep_us(_PULSE_US)
            self._trigger.value(0)


class Rangers:
    """All of them: `fire_next` is called by a timer every 10 ms."""

    def __init__(self, pins):
        self.all = [Ranger(trigger, echo) for trigger, echo in pins]
        self._next = 0

    def fire_next(self, timer):
        self.all[self._next].fire()
        self._next = (self._next + 1) % len(self.all)
