"""A small kinematic world for tests of the control, with the noise of its senses."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

Point = tuple[float, float]

PERIOD_US = 20_000
_SUBSTEPS = 4
_WHEEL_MM, _COUNTS, _TRACK_MM = 65.0, 1440, 150.0
_RANGERS = ((80.0, 0.0, 0.0), (20.0, 70.0, math.pi / 2), (20.0, -70.0, -math.pi / 2))
_BEAM = (-0.17, -0.085, 0.0, 0.085, 0.17)
_SENSOR_AHEAD, _SENSOR_WIDTH, _TAPE_HALF = 70.0, 12.0, 10.0


@dataclass
class World:
    """All lengths in mm, times in s, angles in rad. Everything random comes from the seed."""

    seed: int = 0
    walls: list[tuple[Point, Point]] = field(default_factory=list)
    circles: list[tuple[float, float, float]] = field(default_factory=list)
    tape: list[Point] = field(default_factory=list)
    mismatch: float = 0.03
    lag: float = 0.08
    dead_band: float = 60
    slip: float = 0.02
    battery_mv: int = 8000
    x: float = 0.0
    y: float = 0.0
    heading: float = 0.0
    sample_steps: int = 1
    """Periods between two echoes of a ranger; the three take turns."""
    broken: set[str] = field(default_factory=set)
    """Of encoder_left, encoder_right, stall_left, coast_left and so on, stuck_0..2, silent_0..2, imu."""

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        side = self.random.choice((-1, 1)) * self.mismatch / 2
        self._gains = (1 + side, 1 - side)
        self.speeds = [0.0, 0.0]
        self.duties = [0, 0]
        self._turned = [self.random.uniform(0, 100.0), self.random.uniform(0, 100.0)]
        self._counts = [0, 0]
        self._bias = self.random.uniform(-400, 400)
        self._rate = 0.0
        self._ranges = [4000, 4000, 4000]
        self._ages = [0, 0, 0]
        self._ok = 7
        self._steps = 0
        self.time = 0.0
        self.nearest = math.inf
        """How close the car's middle came to a circle's rim or to a wall."""

    def advance(self, seconds: float = PERIOD_US / 1e6) -> None:
        for _ in range(_SUBSTEPS):
            self._advance(seconds / _SUBSTEPS)
        self.time += seconds
        self.nearest = min(self.nearest, self._clearance())

    def _advance(self, dt: float) -> None:
        slips = [1 - self.random.uniform(0, self.slip) for _ in range(2)]
        for wheel, side in enumerate(("left", "right")):
            driving = abs(self.duties[wheel]) * self.battery_mv / 8000 - self.dead_band
            steady = max(0.0, driving) / 940 * 1000 * self._gains[wheel]
            steady = math.copysign(steady, self.duties[wheel])
            if f"coast_{side}" in self.broken or f"stall_{side}" in self.broken:
                steady = 0.0
            self.speeds[wheel] += (steady - self.speeds[wheel]) * (1 - math.exp(-dt / self.lag))
            if f"stall_{side}" in self.broken:
                self.speeds[wheel] = 0.0
            self._turned[wheel] += self.speeds[wheel] * dt
        left, right = (speed * slip for speed, slip in zip(self.speeds, slips, strict=True))
        self._rate = (right - left) / _TRACK_MM
        middle = self.heading + self._rate * dt / 2
        self.x += (left + right) / 2 * dt * math.cos(middle)
        self.y += (left + right) / 2 * dt * math.sin(middle)
        self.heading += self._rate * dt

    def sense(self) -> list[Any]:
        """What the control's step is given."""
        for wheel, side in enumerate(("left", "right")):
            if f"encoder_{side}" not in self.broken:
                self._counts[wheel] = math.floor(self._turned[wheel] / (math.pi * _WHEEL_MM) * _COUNTS)
        self._steps += 1
        for ranger in range(3):
            self._ages[ranger] += PERIOD_US // 1000
            if (self._steps + ranger) % self.sample_steps == 0:
                self._range(ranger)
        gyro = round(math.degrees(self._rate) * 131 + self._bias + self.random.gauss(0, 8))
        counts = [(count + 2**31) % 2**32 - 2**31 for count in self._counts]
        battery = round(self.battery_mv + self.random.gauss(0, 15))
        ranges, ages = list(self._ranges), list(self._ages)
        return [*counts, ranges, ages, self._ok, self._line(), gyro, "imu" not in self.broken, battery]

    def _range(self, ranger: int) -> None:
        """Drop-outs are silent or say that nothing is in reach."""
        if f"silent_{ranger}" in self.broken or self.random.random() < 0.005:
            self._ok &= ~(1 << ranger)
            return
        self._ok |= 1 << ranger
        self._ages[ranger] = 0
        if f"stuck_{ranger}" not in self.broken:
            self._ranges[ranger] = self._echo(ranger)

    def _echo(self, ranger: int) -> int:
        ahead, aside, angle = _RANGERS[ranger]
        sine, cosine = math.sin(self.heading), math.cos(self.heading)
        start = (self.x + ahead * cosine - aside * sine, self.y + ahead * sine + aside * cosine)
        way = min(self._ray(start, self.heading + angle + off) for off in _BEAM)
        if way >= 4000 or self.random.random() < 0.005:
            return 4000
        return max(20, min(4000, round(way + self.random.gauss(0, 3))))

    def _ray(self, start: Point, angle: float) -> float:
        cosine, sine = math.cos(angle), math.sin(angle)
        ways = [_ray_to_wall(start, cosine, sine, wall) for wall in self.walls]
        ways += [_ray_to_circle(start, cosine, sine, circle) for circle in self.circles]
        return min(ways, default=math.inf)

    def _clearance(self) -> float:
        here = (self.x, self.y)
        ways = [distance_to_segment(here, *wall) for wall in self.walls]
        ways += [math.dist(here, (x, y)) - radius for x, y, radius in self.circles]
        return min(ways, default=math.inf)

    def _line(self) -> list[int]:
        if not self.tape:
            return [self.random.randrange(3000, 6000) for _ in range(5)]
        sine, cosine = math.sin(self.heading), math.cos(self.heading)
        readings = []
        for sensor in range(5):
            aside = (2 - sensor) * _SENSOR_WIDTH
            place = (
                self.x + _SENSOR_AHEAD * cosine - aside * sine,
                self.y + _SENSOR_AHEAD * sine + aside * cosine,
            )
            dark = max(0.0, min((_TAPE_HALF + 4 - distance_to_path(place, self.tape)) / 8, 1.0))
            readings.append(max(0, round(4500 + 54000 * dark + self.random.gauss(0, 600))))
        return readings


def _ray_to_wall(start: Point, cosine: float, sine: float, wall: tuple[Point, Point]) -> float:
    (ax, ay), (bx, by) = wall
    along_x, along_y = bx - ax, by - ay
    across = cosine * along_y - sine * along_x
    if abs(across) < 1e-9:
        return math.inf
    way = ((ax - start[0]) * along_y - (ay - start[1]) * along_x) / across
    part = ((ax - start[0]) * sine - (ay - start[1]) * cosine) / across
    return way if way > 0 and 0 <= part <= 1 else math.inf


def _ray_to_circle(start: Point, cosine: float, sine: float, circle: tuple[float, float, float]) -> float:
    to_x, to_y = circle[0] - start[0], circle[1] - start[1]
    along = to_x * cosine + to_y * sine
    inside = circle[2] ** 2 - (to_x * to_x + to_y * to_y - along * along)
    if inside < 0 or along < 0:
        return math.inf
    return max(0.0, along - math.sqrt(inside))


def distance_to_segment(place: Point, a: Point, b: Point) -> float:
    length = math.dist(a, b)
    if length == 0:
        return math.dist(place, a)
    part = ((place[0] - a[0]) * (b[0] - a[0]) + (place[1] - a[1]) * (b[1] - a[1])) / length**2
    part = max(0.0, min(part, 1.0))
    return math.dist(place, (a[0] + part * (b[0] - a[0]), a[1] + part * (b[1] - a[1])))


def distance_to_path(place: Point, path: Sequence[Point]) -> float:
    return min(distance_to_segment(place, a, b) for a, b in pairwise(path))


def oval(length: float, radius: float, pieces: int = 24) -> list[Point]:
    """A closed track from its lower left straight on, counterclockwise, with the start at 0, 0."""
    right = [
        (length + radius * math.sin(math.pi * at / pieces), radius - radius * math.cos(math.pi * at / pieces))
        for at in range(pieces + 1)
    ]
    left = [(length - x, 2 * radius - y) for x, y in right]
    return [(0.0, 0.0), *right, *left]
