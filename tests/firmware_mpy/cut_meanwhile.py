"""A cut that comes while the motors are being set, at each of them. Runs in MicroPython; prints JSON.

On the board a timer calls `cut` between any two steps of Python code.
"""

import json
from array import array

from patrol import wire
from patrol.drive import Drive


class Motor:
    """Has the car cut, once, before it is set for the number-th time."""

    number = 0
    drive = None
    level = 0

    def set(self, level):
        if Motor.number == 0 and level:
            Motor.number = -1
            Motor.drive.cut()
        elif level:
            Motor.number -= 1
        self.level = level


told = []
for way in ("set", "set_duties"):
    for number in (0, 1):
        left, right = Motor(), Motor()
        Motor.number = -1
        drive = Motor.drive = Drive(left, right, array("i", wire.PARAMETER_DEFAULT))
        drive.set(100, 0)
        Motor.number = number
        getattr(drive, way)(300, 0) if way == "set" else drive.set_duties(310, 310)
        told.append([way, number, left.level, right.level, drive.is_cut, drive.is_moving])
print(json.dumps(told))
