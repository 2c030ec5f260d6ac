"""The control step that `host bench board` measures, by mode, and the telemetry row that is made of it.

The senses are made up: wheels that turn as their motors' models say, walls out of reach, tape in the middle.
"""

from patrol import pilot_row
from patrol.control import geometry
from patrol.control.modes import IDLE, LINE, MANUAL, PATROL, PERIOD_US, Control
from patrol.control.senses import Senses

from bench.measure import case_of, measured

_SETTLE_STEPS = 120
"""Standing, so that the gyro's bias is known; then as many on the way."""
_STEPS = 20
_STEP, _ROW = "a step of the control", "what the pilot adds to a telemetry row"
_MODES = {"idle": IDLE, "manual": MANUAL, "line": LINE, "patrol": PATROL}
_CHANNELS = 16
_FAR_MM = 15_000
_TAPE = (5_000, 9_000, 40_000, 9_000, 5_000)


class _Motors:
    def set_duties(self, left, right):
        self.left, self.right = left, right


class _Imu:
    accel_x = accel_y = 100


class _Car:
    """Control in a world that does as it is told. It is also what pilot_row takes for the pilot."""

    late_us = 4

    def __init__(self):
        self.motors = _Motors()
        self.senses, self.imu = Senses(), _Imu()
        for place in range(len(_TAPE)):
            self.senses.line[place] = _TAPE[place]
        self.control = Control(self.motors, self.senses)

    def begin(self, mode):
        self.run(_SETTLE_STEPS)
        control = self.control
        control.route.clear()
        control.route.add(_FAR_MM, 0, 0)
        control.set_mode(mode)
        if mode == MANUAL:
            control.manual(200, 0)
        self.run(_SETTLE_STEPS)

    def run(self, steps):
        for _ in range(steps):
            self.sense()
            self.control.step(PERIOD_US)

    def sense(self):
        senses, wheels = self.senses, self.control.wheels
        senses.encoder_left += self._counts(wheels.left)
        senses.encoder_right += self._counts(wheels.right)
        for ranger in range(3):
            senses.ranges_age_ms[ranger] = 0
            senses.echoes_us[ranger] ^= 1  # never the same twice: a ranger that is stuck is a fault

    def _counts(self, wheel):
        return (wheel.model << 4) * PERIOD_US // geometry.SPEED_NUMERATOR


def names():
    """[name, variant] of all that can be run."""
    return [[_STEP, "plain"], [_ROW, "plain"]]


def run(name, variant, tell):
    """Measure one of `names`, and tell of each mode."""
    for mode in _MODES:
        tell(_measured(name, mode))


def _measured(name, mode):
    car = _Car()
    car.begin(_MODES[mode])
    case = case_of(mode, 1)
    row = [0] * _CHANNELS
    for _ in range(_STEPS):
        car.sense()
        if name == _STEP:
            measured(case, _step, car, row)
        else:
            _step(car, row)
            measured(case, _fill, car, row)
    control = car.control
    if control.mode != _MODES[mode] or control.faults.bits:
        case["wrong"] = "mode {}, faults {}".format(control.mode, control.faults.bits)
    elif mode != "idle" and control.odometry.x <= 0:
        case["wrong"] = "the car did not move"
    elif name == _ROW and row[2] != control.odometry.x:
        case["wrong"] = "x is {} in the row".format(row[2])
    return case


def _step(car, row):
    car.control.step(PERIOD_US)


def _fill(car, row):
    pilot_row.fill(row, 0, car)
