"""LED and buzzer over time, near where the board's ticks go around. Runs in MicroPython; prints JSON.

Of each pin the times in ms at which it changed, and to what.
"""

import json

from patrol.drivers.signals import Signals

START_MS = 0x3FFFFFFF - 3000
STEP_MS = 8
ENCODER_RIGHT = 2


class Pin:
    def __init__(self):
        self.changes = []

    def __call__(self, level):
        self.changes.append([now, level])


told = {}
for name, is_halted, fault in (("well", 0, 0), ("fault", 0, ENCODER_RIGHT), ("halted", 1, ENCODER_RIGHT)):
    now = 0
    led, buzzer = Pin(), Pin()
    signals = Signals(led, buzzer)
    for now in range(0, 6000, STEP_MS):
        signals.poll(is_halted, fault, START_MS + now & 0x3FFFFFFF)
    told[name] = {"led": led.changes, "buzzer": buzzer.changes}
print(json.dumps(told))
