"""HC-SR04 ultrasonic rangers: the nearest echo in a narrow cone, now and then none at all."""

from __future__ import annotations

import math

from host.world.car import Car
from host.world.noise import Noise
from host.world.record import RANGE_US_PER_MM, SILENT_US
from host.world.room import Room

NAMES = ("front", "left", "right")
MIN_MM, MAX_MM = 20.0, 4000.0
_MOUNTS = ((100.0, 0.0, 0.0), (60.0, 75.0, 90.0), (60.0, -75.0, -90.0))
"""Forward of the axle and left of the middle in mm, and the direction in degrees: at the car's edges."""
_CONE_DEG = (-10.0, 0.0, 10.0)
_DROP_OUT = 0.01
_NOISE_MM = 3.0


class Ranger:
    """One of the three, with its own random numbers."""

    def __init__(self, number: int, seed: int) -> None:
        self._ahead_mm, self._left_mm, direction = _MOUNTS[number]
        angles = [math.radians(direction + off) for off in _CONE_DEG]
        # A little farther than it can hear, so that what it cannot hear is told apart.
        self._rays = [((MAX_MM + 1) * math.cos(angle), (MAX_MM + 1) * math.sin(angle)) for angle in angles]
        self._noise = Noise(seed, f"ranger {NAMES[number]}")

    def measure(self, room: Room, car: Car) -> int:
        """The echo pulse, in us."""
        start = car.place(self._ahead_mm, self._left_mm)
        echoes = [
            room.echo_mm(start, (start[0] + ahead * car.cos - aside * car.sin,
                                 start[1] + ahead * car.sin + aside * car.cos))
            for ahead, aside in self._rays
        ]
        distance = min((echo for echo in echoes if echo is not None), default=math.inf)
        # Both are drawn always, so that what is in the way does not shift the numbers to come.
        noise, is_heard = self._noise.bell(_NOISE_MM), self._noise.uniform() >= _DROP_OUT
        if distance > MAX_MM or not is_heard:
            return SILENT_US
        return round(max(MIN_MM, distance + noise) * RANGE_US_PER_MM)
