"""The tape on the floor, and five infra-red sensors that look at it."""

from __future__ import annotations

import math

from host.world.car import Car
from host.world.map import Tape
from host.world.noise import Noise
from host.world.polyline import Point, sides
from host.world.solids import distance_to_line

BAR_AHEAD_MM = 60.0
LINE_PITCH_MM = 12.0
LINE_SENSORS = 5
_SPOT_MM = 4.0
"""Radius of what one sensor sees."""
_BRIGHT, _DARK = 9_000.0, 52_000.0
_SPREAD = 0.05
"""How much sensors differ, at most: all readings stay far from 0 and 65535."""
_NOISE = 500.0
_CELL_MM = 50.0


class Floor:
    """How far places are from the middle of the tape. A grid tells which of its sides may be near."""

    def __init__(self, tape: Tape | None) -> None:
        self._sides = sides(tape.points, tape.closed) if tape else []
        self.half_width_mm = tape.width_mm / 2 if tape else 0.0
        self._reach_mm = self.half_width_mm + _SPOT_MM
        self._near: dict[tuple[int, int], list[tuple[Point, Point]]] = {}
        for side in self._sides:
            self._enter(side)

    def darkness(self, x: float, y: float) -> float:
        """How much of a spot is tape, 0 to 1."""
        near = self._near.get((math.floor(x / _CELL_MM), math.floor(y / _CELL_MM)))
        if near is None:
            return 0.0
        distance = min(distance_to_line(x, y, start, end) for start, end in near)
        return max(0.0, min((self._reach_mm - distance) / (2 * _SPOT_MM), 1.0))

    def distance_mm(self, x: float, y: float) -> float:
        """To the middle of the tape; infinite without tape."""
        return min((distance_to_line(x, y, start, end) for start, end in self._sides), default=math.inf)

    def _enter(self, side: tuple[Point, Point]) -> None:
        """Into every cell it comes near to."""
        (x1, y1), (x2, y2) = side
        columns, rows = _cells(x1, x2, self._reach_mm), _cells(y1, y2, self._reach_mm)
        for column in columns:
            for row in rows:
                middle = ((column + 0.5) * _CELL_MM, (row + 0.5) * _CELL_MM)
                if distance_to_line(*middle, *side) <= self._reach_mm + 0.71 * _CELL_MM:
                    self._near.setdefault((column, row), []).append(side)


class LineSensors:
    """Five on a bar across the car, BAR_AHEAD_MM before the axle; each sees a little differently."""

    def __init__(self, seed: int) -> None:
        self._noise = Noise(seed, "line")
        self._gains = [1 + self._noise.spread(_SPREAD) for _ in range(LINE_SENSORS)]

    def measure(self, floor: Floor, car: Car) -> tuple[int, ...]:
        """ADC readings from left to right; tape is high."""
        # From spot to spot along the bar: asking the car for each place would cost more than the rest.
        x, y = car.place(BAR_AHEAD_MM, LINE_SENSORS // 2 * LINE_PITCH_MM)
        step_x, step_y = LINE_PITCH_MM * car.sin, -LINE_PITCH_MM * car.cos
        readings = []
        for gain in self._gains:
            level = _BRIGHT + (_DARK - _BRIGHT) * floor.darkness(x, y)
            readings.append(round(level * gain + self._noise.bell(_NOISE)))
            x, y = x + step_x, y + step_y
        return tuple(readings)


def _cells(a: float, b: float, reach: float) -> range:
    return range(math.floor((min(a, b) - reach) / _CELL_MM), math.floor((max(a, b) + reach) / _CELL_MM) + 1)
