"""Everything about the control that may be tuned, in one array of integers."""

from array import array

from micropython import const

CRUISE = const(0)  # mm/s on a route
SPEED_LIMIT = const(1)  # mm/s of either wheel
ACCELERATION = const(2)  # mm/s^2, of a wheel's set point
DECELERATION = const(3)  # mm/s^2, before waypoints and obstacles
FULL_SPEED = const(4)  # mm/s at full duty and FULL_MV
FULL_MV = const(5)
DEAD_BAND = const(6)  # 1/1000 of duty at FULL_MV, below which a wheel does not turn
MOTOR_LAG_MS = const(7)
GAIN_P = const(8)  # 1/256 of duty's unit for 1 mm/s
GAIN_I = const(9)  # the same, each period
INTEGRAL_LIMIT = const(10)  # duty
HEADING_GAIN = const(11)  # 1/4096 mm/s of either wheel for one unit of heading
ACROSS_LIMIT = const(12)  # mm/s of either wheel, when the car turns by its heading
LOOKAHEAD = const(13)  # mm
ARRIVAL = const(14)  # mm
LINE_SPEED = const(15)  # mm/s
LINE_P = const(16)  # mm/s of either wheel for a sensor's width beside the line
LINE_D = const(17)  # the same, for a sensor's width in a period
LINE_SLOW = const(18)  # mm/s less, for a sensor's width
LINE_SEARCH_MS = const(19)
STOP_DISTANCE = const(20)  # mm ahead, where the car may turn before it gets there
WAIT_MS = const(21)  # for an obstacle to go away
TRIES = const(22)  # to get around it
CLEARANCE = const(23)  # mm driven past an edge before the car turns around it
LOW_MV = const(24)
LOW_MS = const(25)
FLAT_MV = const(26)
FLAT_MS = const(27)
SLOW_STEPS = const(28)  # a wheel's, far slower than its motor's model
STUCK_SAMPLES = const(29)  # equal echoes while the car moves
SILENT_MS = const(30)  # a ranger's or the IMU's
LATE_US = const(31)  # more than a period that steps may come late in all
BEAM_DISTANCE = const(32)  # mm ahead, where the front ranger's beam is as wide as the car
TOP_SPEED = const(33)  # mm/s of the car, whatever drives it

DEFAULT = (
    300, 1000, 1200, 400, 1000, 8000, 60, 80, 150, 24, 300, 118, 130, 180, 40,
    250, 80, 300, 50, 1500, 250, 3000, 3, 180, 6600, 1000, 6200, 140, 4, 9, 180, 50000, 550, 1000,
)  # fmt: skip


def defaults():
    return array("i", DEFAULT)
