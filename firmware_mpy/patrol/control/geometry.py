"""The car's body in integers. The ratios follow from the first three; a test checks that they agree."""

from micropython import const

WHEEL_MM = const(65)
TRACK_MM = const(150)
COUNTS = const(1440)
"""Of an encoder, in one turn of its wheel."""

FINE = const(10)
"""The pose is kept in 1 / 2**FINE mm."""
FINE_HEADING = const(8)
"""And the heading in 1 / 2**FINE_HEADING of its unit, which is 1/65536 of a full turn."""

# One count of one wheel moves the car's middle by pi * WHEEL_MM / COUNTS / 2.
MOVE_NUMERATOR = const(72606)
MOVE_DENOMINATOR = const(1000)
# One count more of the right wheel turns the car by WHEEL_MM / (2 * COUNTS * TRACK_MM) of a full turn.
TURN_NUMERATOR = const(252435)
TURN_DENOMINATOR = const(100)
# Counts in a period of so many microseconds to 1/16 mm/s.
SPEED_NUMERATOR = const(2268928)

GYRO_PER_DEGREE = const(131)
GYRO_DENOMINATOR = const(2811)
"""The gyro's reading times microseconds, over this, is a turn in the fine unit."""
GYRO_ACROSS = const(50)
"""The gyro's reading over this is how much faster than the left wheel the right one is, in mm/s."""

ACROSS_NUMERATOR = const(355 * 150)
ACROSS_DENOMINATOR = const(113 * 360)
"""deg/s to what is added to the right wheel's speed, and taken from the left one's, in mm/s."""
TURN_US = const(5493)
"""deg/s times microseconds, over this, is a turn in the heading's unit."""

DEGREE = const(182)
RIGHT_ANGLE = const(16384)

MAX_COUNTS = const(400)
"""A wheel makes no more in a period; the products below rely on it."""
MIN_DT_US = const(1000)
MAX_DT_US = const(30000)
ARENA_MM = const(16000)
"""The route stays within this of the origin on either axis."""
