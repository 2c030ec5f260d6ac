"""Wheel speeds to duties: what a model of the motor says, and what its error adds up to."""

from micropython import const

from patrol.control import parameters as names

_FULL = const(1000)
_LEAST_MV = const(5000)
_MODEL_SHIFT = const(4)
_REST = const(15)
_FASTEST = const(2000)
_MEASURED_LATE = const(2)
"""Periods by which a measured speed is behind: a wheel on its ramp is not in arrears."""


def clamped(value, limit):
    return max(-limit, min(limit, value))


class Wheel:
    """One motor's speed control. `model` is the speed, in mm/s, that its duty should have led to."""

    def __init__(self, parameters):
        self._parameters = parameters
        self._integral = self._model16 = 0
        self.target = self.duty = self.model = 0

    def stop(self):
        """At once, without a ramp."""
        self.target = self.duty = self._integral = 0

    def follow(self, battery_mv, dt_us):
        """Let the model run on for the period that has passed."""
        parameters = self._parameters
        dead = parameters[names.DEAD_BAND]
        driving = abs(self.duty) * max(battery_mv, _LEAST_MV) // parameters[names.FULL_MV] - dead
        steady = max(0, driving) * parameters[names.FULL_SPEED] // (_FULL - dead) << _MODEL_SHIFT
        if self.duty < 0:
            steady = -steady
        lag_us = 1000 * parameters[names.MOTOR_LAG_MS] + (dt_us >> 1)
        self._model16 += (steady - self._model16) * (dt_us >> 4) // (lag_us >> 4)
        self.model = self._model16 >> _MODEL_SHIFT

    def step(self, wanted, speed, battery_mv, dt_us):
        """The duty of the next period, for the speed wanted and the one measured."""
        parameters = self._parameters
        most = max(1, parameters[names.ACCELERATION] * (dt_us >> 3) // 125_000)
        change = clamped(wanted - self.target, most)
        self.target += change
        if not self.target and abs(speed) < _REST:
            self.stop()
            return
        leading = self.target + change * 1000 * parameters[names.MOTOR_LAG_MS] // dt_us
        forward = self._forward(clamped(leading, _FASTEST), max(battery_mv, _LEAST_MV))
        due = self.target - _MEASURED_LATE * change
        self._correct(forward, clamped(due - speed, _FASTEST))

    def _forward(self, speed, battery_mv):
        """The duty that the model needs for a speed."""
        if not speed:
            return 0
        parameters = self._parameters
        dead = parameters[names.DEAD_BAND]
        duty = dead + abs(speed) * (_FULL - dead) // parameters[names.FULL_SPEED]
        duty = min(duty, 4 * _FULL) * parameters[names.FULL_MV] // battery_mv
        return duty if speed > 0 else -duty

    def _correct(self, forward, error):
        """Add what the error calls for. At a limit nothing is added up that does not lead off it."""
        parameters = self._parameters
        duty = forward + (error * parameters[names.GAIN_P] + self._integral >> 8)
        self.duty = clamped(duty, _FULL)
        if duty == self.duty or (duty > 0) != (error > 0):
            limit = parameters[names.INTEGRAL_LIMIT] << 8
            self._integral = clamped(self._integral + error * parameters[names.GAIN_I], limit)


class Wheels:
    """Both of them. `output` has set_duties(left, right), in 1/1000."""

    def __init__(self, output, odometry, parameters):
        self._output = output
        self._odometry = odometry
        self._parameters = parameters
        self.left = Wheel(parameters)
        self.right = Wheel(parameters)

    @property
    def at_rest(self):
        return not self.left.duty and not self.right.duty

    def stop(self):
        self.left.stop()
        self.right.stop()
        self._output.set_duties(0, 0)

    def follow(self, battery_mv, dt_us):
        self.left.follow(battery_mv, dt_us)
        self.right.follow(battery_mv, dt_us)

    def step(self, speed, across, battery_mv, dt_us):
        """Drive at `speed`, the right wheel faster by `across`, the left one slower. Curves stay curves."""
        left, right = speed - across, speed + across
        limit = self._parameters[names.SPEED_LIMIT]
        fastest = max(abs(left), abs(right))
        if fastest > limit:
            left, right = left * limit // fastest, right * limit // fastest
        self.left.step(left, self._odometry.speed_left, battery_mv, dt_us)
        self.right.step(right, self._odometry.speed_right, battery_mv, dt_us)
        self._output.set_duties(self.left.duty, self.right.duty)
