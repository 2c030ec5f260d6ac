"""What the control knows of the world. Drivers fill it in before each step, in place."""

from array import array

from micropython import const

FRONT = const(0)
LEFT = const(1)
RIGHT = const(2)
NOTHING_MM = const(4000)
"""A ranger's reading where nothing is in reach."""


class Senses:
    """The newest raw readings; the control filters them itself.

    Encoder counts may wrap anywhere at a multiple of 2**16 (forward is positive). A ranger's reading is a new
    sample whenever its age is no more than it was. An echo that does not come back is NOTHING_MM; not ok is a
    ranger that does not answer at all. `line` is from left to right.
    """

    def __init__(self):
        self.encoder_left = self.encoder_right = 0
        self.ranges = array("i", (NOTHING_MM,) * 3)
        self.echoes_us = array("i", (0, 0, 0))
        """The same as they came, from drivers that have them: a stuck one shows in these the soonest."""
        self.ranges_age_ms = array("i", (0, 0, 0))
        self.ranges_ok = 7
        """A bit for each ranger: it answered last time."""
        self.line = array("i", (0,) * 5)
        """0 to 65535, high over the dark line."""
        self.gyro_z = 0
        """131 a deg/s, positive to the left, bias and all."""
        self.imu_ok = True
        self.battery_mv = 8000
