"""Speed and turn rate of the car to duties of its two motors, in integers."""

from patrol import wire

_FULL = 1000
# Half a track turned by a degree is pi / 360 of it; 355 / 113 is pi to seven digits.
_PI_NUMERATOR = 355
_PI_DENOMINATOR = 113 * 360


def clamp(value, limit):
    """The value held to -limit..limit."""
    return max(-limit, min(limit, value))


def divided(numerator, denominator):
    """Rounded toward zero, so that forward and backward, left and right are mirror images."""
    quotient = abs(numerator) // denominator
    return quotient if numerator >= 0 else -quotient


class Drive:
    """The two motors as one. `speed` is in mm/s, `turn` in deg/s, positive to the left."""

    def __init__(self, left, right, parameters):
        self._left = left
        self._right = right
        self._parameters = parameters
        self.speed = self.turn = 0
        self.duty_left = self.duty_right = 0
        self.is_moving = False
        self.pilot = None
        """What holds the wheels to their speeds, where they are sensed; else duties follow commands."""
        self.is_cut = False
        """The motors were stopped though speed and turn say otherwise; `set` ends it."""

    def set(self, speed, turn):
        """Drive so, as far as the limits let it."""
        self.is_cut = False
        self._set(speed, turn)

    def _set(self, speed, turn):
        parameters = self._parameters
        self.speed = clamp(speed, parameters[wire.PARAMETER_SPEED_LIMIT])
        self.turn = clamp(turn, parameters[wire.PARAMETER_TURN_LIMIT])
        if self.pilot is not None:
            if not self.is_cut:
                self.pilot.manual(self.speed, self.turn)
            return
        across = divided(
            self.turn * parameters[wire.PARAMETER_TRACK_WIDTH] * _PI_NUMERATOR, _PI_DENOMINATOR
        )
        if not self.is_cut:
            self._set_wheels(self.speed - across, self.speed + across)

    def refresh(self):
        """Heed parameters that have changed. What a car does by itself goes on."""
        if self.pilot is not None:
            self.pilot.adopt(self._parameters)
        if self.pilot is None or self.speed or self.turn:
            self._set(self.speed, self.turn)

    def stop(self):
        self.set(0, 0)

    def cut(self):
        """Stop the motors, whatever was commanded: for safety. May interrupt any other method."""
        self.is_cut = True
        self._left.set(0)
        self._right.set(0)
        self.duty_left = self.duty_right = 0
        self.is_moving = False
        if self.pilot is not None:
            self.pilot.stop()

    def set_duties(self, left, right):
        """The pilot's; after a cut they do nothing until the next command."""
        if self.is_cut:
            return
        self.duty_left, self.duty_right = left, right
        self._left.set(left)
        self._right.set(right)
        self.is_moving = left != 0 or right != 0
        self._stay_cut()

    def _set_wheels(self, left, right):
        """Wheel speeds in mm/s. When one is out of reach both are scaled down: the curve stays the same."""
        full = max(self._parameters[wire.PARAMETER_FULL_SPEED], abs(left), abs(right))
        self.duty_left = divided(left * _FULL, full)
        self.duty_right = divided(right * _FULL, full)
        self._left.set(self.duty_left)
        self._right.set(self.duty_right)
        self.is_moving = self.duty_left != 0 or self.duty_right != 0
        self._stay_cut()

    def _stay_cut(self):
        """A cut may have come while the motors were being set: then they are off again."""
        if self.is_cut:
            self._left.set(0)
            self._right.set(0)
            self.duty_left = self.duty_right = 0
            self.is_moving = False
