"""What may be wrong with the car, told from what it senses while it drives. The first fault is latched."""

from micropython import const

from patrol.control import geometry
from patrol.control import parameters as names

ENCODER_LEFT = const(1)
ENCODER_RIGHT = const(2)
MOTOR_LEFT = const(4)
MOTOR_RIGHT = const(8)
RANGER = const(16)
BATTERY = const(32)
IMU = const(64)
LINE_LOST = const(128)
BLOCKED = const(256)
LOOP = const(512)

NAMES = (
    "ENCODER_LEFT", "ENCODER_RIGHT", "MOTOR_LEFT", "MOTOR_RIGHT", "RANGER",
    "BATTERY", "IMU", "LINE_LOST", "BLOCKED", "LOOP",
)  # fmt: skip

_PERIOD_US = const(20_000)
_LATE_US = const(5_000)
_FORGIVEN_US = const(1_000)
_TURNING = const(40)
_MOVING = const(50)


def name_of(bit):
    """The name of a fault's bit, empty for 0."""
    for place in range(len(NAMES)):
        if bit == 1 << place:
            return NAMES[place]
    return ""


class WheelWatch:
    """One wheel. Far slower than its motor's model, it stands still or its encoder counts too little.

    The gyro and the other wheel tell which: the car turns about a wheel that stands, and drives on beside an
    encoder that is dead.
    """

    def __init__(self, wheel, encoder_bit, motor_bit, parameters):
        self._wheel = wheel
        self._encoder_bit = encoder_bit
        self._motor_bit = motor_bit
        self._parameters = parameters
        self.forgive()

    def forgive(self):
        self._slow_steps = self._counted = self._turned = self._modelled = 0

    def step(self, counted, turned):
        """Speeds by the encoder, and by the other one and the gyro, in mm/s. The fault's bit, or 0."""
        modelled = self._wheel.model
        if modelled < 0:
            counted, turned, modelled = -counted, -turned, -modelled
        if modelled < _TURNING or 8 * counted > 3 * modelled:
            self.forgive()
            return 0
        self._slow_steps += 1
        self._counted += counted
        self._turned += turned
        self._modelled += modelled
        if self._slow_steps < self._parameters[names.SLOW_STEPS]:
            return 0
        return self._encoder_bit if 2 * self._turned > self._counted + self._modelled else self._motor_bit


class FaultSupervisor:
    """`bits` has all faults since they were cleared, `first` the first of them."""

    def __init__(self, senses, odometry, rangers, wheels, parameters):
        self._senses = senses
        self._odometry = odometry
        self._rangers = rangers
        self._parameters = parameters
        self._left = WheelWatch(wheels.left, ENCODER_LEFT, MOTOR_LEFT, parameters)
        self._right = WheelWatch(wheels.right, ENCODER_RIGHT, MOTOR_RIGHT, parameters)
        self.clear()

    @property
    def name(self):
        return name_of(self.first)

    @property
    def is_moving(self):
        return abs(self._odometry.speed_left) > _MOVING or abs(self._odometry.speed_right) > _MOVING

    def clear(self):
        self.bits = self.first = 0
        self._late_us = self._flat_us = self._dumb_us = 0
        self._left.forgive()
        self._right.forgive()
        self._rangers.forgive()

    def report(self, bit):
        if bit and not self.bits & bit:
            self.bits |= bit
            if not self.first:
                self.first = bit & -bit

    def step(self, dt_us):
        """Look at everything once; called each period in which the car may drive."""
        self._watch_loop(dt_us)
        senses, parameters = self._senses, self._parameters
        flat = senses.battery_mv < parameters[names.FLAT_MV]
        self._flat_us = self._flat_us + dt_us if flat else 0
        if self._flat_us >= 1000 * parameters[names.FLAT_MS]:
            self.report(BATTERY)
        self._dumb_us = 0 if senses.imu_ok else self._dumb_us + dt_us
        if self._dumb_us >= 1000 * parameters[names.SILENT_MS]:
            self.report(IMU)
        if self._rangers.faulty >= 0:
            self.report(RANGER)
        self._watch_wheels()

    def _watch_loop(self, dt_us):
        """What steps are late by adds up, and is forgiven slowly."""
        late_us = dt_us - _PERIOD_US - _LATE_US
        self._late_us += late_us if late_us > 0 else -min(self._late_us, _FORGIVEN_US)
        if self._late_us > self._parameters[names.LATE_US]:
            self.report(LOOP)

    def _watch_wheels(self):
        odometry = self._odometry
        left, right = odometry.raw_left, odometry.raw_right
        faster = odometry.gyro // geometry.GYRO_ACROSS
        self.report(self._left.step(left, right - faster) | self._right.step(right, left + faster))
