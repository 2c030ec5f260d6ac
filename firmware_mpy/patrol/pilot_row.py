"""What the pilot knows, as channels of a telemetry row."""

from micropython import const

from patrol.control.trigonometry import wrapped

_HEADING_SHIFT = const(4)
_DARK = const(12800)
"""As the line's follower has it: what a sensor reads over the floor."""
_MILLI_G = const(1000)
_COUNTS_PER_G = const(16384)
_COUNTS_PER_DEG_S = const(131)
_U16 = const(0xFFFF)


def _dark(line):
    """A bit for each sensor that is over the tape, the leftmost bit 0."""
    bits = 0
    for place in range(len(line)):
        if line[place] > _DARK:
            bits |= 1 << place
    return bits


def fill(row, at, pilot):
    """The channels from `mode` to `jitter` of protocol/contracts/car.toml, in order."""
    control, senses, imu = pilot.control, pilot.senses, pilot.imu
    odometry, ranges = control.odometry, senses.ranges
    row[at] = control.mode
    row[at + 1] = control.faults.bits
    row[at + 2] = odometry.x
    row[at + 3] = odometry.y
    row[at + 4] = wrapped(odometry.heading) >> _HEADING_SHIFT
    row[at + 5] = odometry.speed_left
    row[at + 6] = odometry.speed_right
    row[at + 7] = ranges[0]
    row[at + 8] = ranges[1]
    row[at + 9] = ranges[2]
    row[at + 10] = control.line.position
    row[at + 11] = _dark(senses.line)
    row[at + 12] = 10 * senses.gyro_z // _COUNTS_PER_DEG_S
    row[at + 13] = _MILLI_G * imu.accel_x // _COUNTS_PER_G
    row[at + 14] = _MILLI_G * imu.accel_y // _COUNTS_PER_G
    row[at + 15] = min(pilot.late_us, _U16)
