"""Where the car is: the way from the encoders, the heading from the gyro once its bias is known."""

from micropython import const

from patrol.control import geometry
from patrol.control.trigonometry import cosine, sine, wrapped

_BIAS_SHIFT = const(10)
_STILL_US = const(300_000)
_LEARNED = const(32)
_SLOWEST_SHIFT = const(6)
_HEADING_MASK = const(0xFFFFFF)
_WAY_MASK = const(0xFFFFFF)
_FILTER_SHIFT = const(1)
_LARGEST_BIAS = const(2600)
_HALF_PLACE = const(0x20000000)
_PLACE_MASK = const(0x3FFFFFFF)


def _counted(now, before):
    """The way from one count to the next, whichever multiple of 2**16 they wrap at."""
    return max(-geometry.MAX_COUNTS, min(wrapped((now & 0xFFFF) - before), geometry.MAX_COUNTS))


def _placed(fine):
    """A coordinate wraps 524 m from the origin, so that it stays a small integer."""
    return (fine + _HALF_PLACE & _PLACE_MASK) - _HALF_PLACE


class Odometry:
    """`x`, `y` in mm, `heading`, `speed_left` and `speed_right` in mm/s, `way` driven in mm (it wraps)."""

    def __init__(self, senses):
        self._senses = senses
        self._left = self._right = 0
        self._is_started = False
        self._fine_x = self._fine_y = self._fine_heading = 0
        self._rest_x = self._rest_y = self._rest_move = self._rest_turn = self._rest_gyro = 0
        self._bias = self._rest_bias = self._learned = self._still_us = 0
        self._fine_way = self._speed16_left = self._speed16_right = 0
        self.x = self.y = self.heading = self.way = 0
        self.speed_left = self.speed_right = 0
        self.raw_left = self.raw_right = 0
        """Unfiltered."""
        self.gyro = 0
        """Without its bias, in the sensor's unit."""
        self.counts_left = self.counts_right = 0

    @property
    def is_calibrated(self):
        """The gyro's bias was learned, which takes the car a second at rest."""
        return self._learned >= _LEARNED

    def set_pose(self, x, y, heading):
        self._fine_x, self._fine_y = x << geometry.FINE, y << geometry.FINE
        self._fine_heading = (heading & 0xFFFF) << geometry.FINE_HEADING
        self._publish()

    def step(self, dt_us, at_rest):
        """Take in what was sensed in the last dt_us. `at_rest`: the motors have no current."""
        dt_us = max(geometry.MIN_DT_US, min(dt_us, geometry.MAX_DT_US))
        senses = self._senses
        if not self._is_started:  # counters start anywhere
            self._left, self._right = senses.encoder_left & 0xFFFF, senses.encoder_right & 0xFFFF
            self._is_started = True
        self.counts_left = _counted(senses.encoder_left, self._left)
        self.counts_right = _counted(senses.encoder_right, self._right)
        self._left = senses.encoder_left & 0xFFFF
        self._right = senses.encoder_right & 0xFFFF
        self._measure_speeds(dt_us)
        is_still = at_rest and not self.counts_left and not self.counts_right
        self._still_us = min(self._still_us + dt_us, _STILL_US) if is_still else 0
        turn = self._turn(dt_us)
        if not is_still:
            self._move(turn)
        self._publish()

    def _measure_speeds(self, dt_us):
        left = self.counts_left * geometry.SPEED_NUMERATOR // dt_us
        right = self.counts_right * geometry.SPEED_NUMERATOR // dt_us
        self.raw_left, self.raw_right = left >> 4, right >> 4
        self._speed16_left += left - self._speed16_left >> _FILTER_SHIFT
        self._speed16_right += right - self._speed16_right >> _FILTER_SHIFT
        self.speed_left = self._speed16_left + 8 >> 4
        self.speed_right = self._speed16_right + 8 >> 4

    def _turn(self, dt_us):
        """By how much the car turned, in the fine unit."""
        senses = self._senses
        if senses.imu_ok:
            biased = (senses.gyro_z << _BIAS_SHIFT) - self._bias + self._rest_bias
            self.gyro = biased >> _BIAS_SHIFT
            self._rest_bias = biased & (1 << _BIAS_SHIFT) - 1
            if self._still_us >= _STILL_US and abs(senses.gyro_z) < _LARGEST_BIAS:
                self._learn()
            if self.is_calibrated:
                turned = self.gyro * dt_us + self._rest_gyro
                self._rest_gyro = turned % geometry.GYRO_DENOMINATOR
                return turned // geometry.GYRO_DENOMINATOR
        turned = (self.counts_right - self.counts_left) * geometry.TURN_NUMERATOR + self._rest_turn
        self._rest_turn = turned % geometry.TURN_DENOMINATOR
        return turned // geometry.TURN_DENOMINATOR

    def _learn(self):
        """A running mean of the gyro at rest: of all readings at first, of the last 64 in the end."""
        shift, seen = 0, self._learned
        while seen and shift < _SLOWEST_SHIFT:
            seen >>= 1
            shift += 1
        self._bias += (self._senses.gyro_z << _BIAS_SHIFT) - self._bias >> shift
        self._learned = min(self._learned + 1, 1 << _SLOWEST_SHIFT)

    def _move(self, turn):
        moved = (self.counts_left + self.counts_right) * geometry.MOVE_NUMERATOR + self._rest_move
        self._rest_move = moved % geometry.MOVE_DENOMINATOR
        moved //= geometry.MOVE_DENOMINATOR
        middle = self._fine_heading + (turn >> 1) >> geometry.FINE_HEADING
        self._fine_heading = self._fine_heading + turn & _HEADING_MASK
        along = moved * cosine(middle) + self._rest_x
        self._fine_x = _placed(self._fine_x + (along >> 14))
        self._rest_x = along & 0x3FFF
        along = moved * sine(middle) + self._rest_y
        self._fine_y = _placed(self._fine_y + (along >> 14))
        self._rest_y = along & 0x3FFF
        self._fine_way += moved

    def _publish(self):
        self.x, self.y = self._fine_x >> geometry.FINE, self._fine_y >> geometry.FINE
        self.heading = self._fine_heading >> geometry.FINE_HEADING
        whole = self._fine_way >> geometry.FINE
        self.way = self.way + whole & _WAY_MASK
        self._fine_way -= whole << geometry.FINE
