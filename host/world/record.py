"""What goes into the world and what comes out of it: all integers, as the board's registers have them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

FULL_DUTY = 1000
RANGE_US_PER_MM = 5.83
"""An echo goes there and back: 2 mm at 343 m/s."""
SILENT_US = 38_000
"""How long an HC-SR04 holds its echo pin when it hears nothing."""


@dataclass(frozen=True)
class Actuators:
    """What the board does to the car. A duty is in 1/1000, negative backward; at 0 the motor coasts."""

    duty_left: int
    duty_right: int
    buzzer: bool = False

    def __post_init__(self) -> None:
        if not (-FULL_DUTY <= self.duty_left <= FULL_DUTY and -FULL_DUTY <= self.duty_right <= FULL_DUTY):
            raise ValueError(f"duties {self.duty_left}, {self.duty_right}: give -1000 to 1000")


@dataclass(frozen=True)
class Sensors:
    """What the board can read."""

    encoder_left: int
    """Quadrature counts since the start, forward positive, 32 bits signed; they wrap."""
    encoder_right: int
    ranges_us: tuple[int, int, int]
    """Length of the echo pulse: front, left, right. SILENT_US when nothing is heard."""
    line: tuple[int, ...]
    """ADC readings 0 to 65535 from left to right; tape is dark, and dark is high."""
    acceleration: tuple[int, int, int]
    """MPU-6050 at +-2 g, 16384 a g: x forward, y left, z up."""
    gyro: tuple[int, int, int]
    """MPU-6050 at +-250 degrees/s, 131 a degree/s: z is positive to the left."""
    battery_mv: int
    imu_ok: bool = True
    """False: the MPU-6050 does not answer."""


class Pose(NamedTuple):
    """Where the middle of the car's axle is, in tenths. 0 degrees is along x, and left is positive."""

    x_mm: float
    y_mm: float
    heading_deg: float
    """-180 to 180."""


class TrackPoint(NamedTuple):
    """A pose on the way."""

    time_us: int
    x_mm: float
    y_mm: float
    heading_deg: float


class Contact(NamedTuple):
    """The car ran into something, or something into the car."""

    time_us: int
    x_mm: float
    y_mm: float
    """Where the car's middle was."""
    thing: str
    """What it was, as the map has it: `walls[0]`."""
