"""HC-SR04 ultrasonic rangers: the nearest echo in a narrow cone, now and then none at all."""

from __future__ import annotations

import math
from random import Random

from host.world.car import Car
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
        self._directions = [math.radians(direction + off) for off in _CONE_DEG]
        self._random = Random(f"{seed} ranger {NAMES[number]}")

    def measure(self, room: Room, car: Car) -> int:
        """The echo pulse, in us."""
        start = car.place(self._ahead_mm, self._left_mm)
        echoes = [self._ray(room, car.angle + direction, start) for direction in self._directions]
        distance = min(echoes)
        # Both are drawn always, so that what is in the way does not shift the numbers to come.
        noise, is_heard = self._random.gauss(0.0, _NOISE_MM), self._random.random() >= _DROP_OUT
        if distance > MAX_MM or not is_heard:
            return SILENT_US
        return round(max(MIN_MM, distance + noise) * RANGE_US_PER_MM)

    def _ray(self, room: Room, angle: float, start: tuple[float, float]) -> float:
        # A little farther than it can hear, so that what it cannot hear is told apart.
        reach = MAX_MM + 1
        end = (start[0] + reach * math.cos(angle), start[1] + reach * math.sin(angle))
        echo = room.echo_mm(start, end)
        return math.inf if echo is None else echo
