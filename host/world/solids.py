"""The two shapes that all things of a map are made of, and how far a place is from them."""

from __future__ import annotations

import math
from dataclasses import dataclass

Point = tuple[float, float]


@dataclass(frozen=True)
class Capsule:
    """All that is within a radius of a straight line; with both ends the same, a disc."""

    start: Point
    end: Point
    radius_mm: float

    def distance_mm(self, x: float, y: float) -> float:
        """From its surface; 0 or less inside."""
        return distance_to_line(x, y, self.start, self.end) - self.radius_mm


@dataclass(frozen=True)
class Box:
    """A rectangle, turned about its middle."""

    middle: Point
    size: Point
    heading_deg: float

    def distance_mm(self, x: float, y: float) -> float:
        """From its surface; 0 inside."""
        turn = math.radians(self.heading_deg)
        east, north = x - self.middle[0], y - self.middle[1]
        along = abs(east * math.cos(turn) + north * math.sin(turn)) - self.size[0] / 2
        across = abs(north * math.cos(turn) - east * math.sin(turn)) - self.size[1] / 2
        return math.hypot(max(along, 0.0), max(across, 0.0))

    def corners(self) -> list[Point]:
        """Counter-clockwise."""
        turn = math.radians(self.heading_deg)
        ahead, aside = self.size[0] / 2, self.size[1] / 2
        return [
            (self.middle[0] + a * math.cos(turn) - b * math.sin(turn),
             self.middle[1] + a * math.sin(turn) + b * math.cos(turn))
            for a, b in ((ahead, aside), (-ahead, aside), (-ahead, -aside), (ahead, -aside))
        ]


Shape = Capsule | Box


@dataclass(frozen=True)
class Solid:
    """A thing the car can run into: `name` as the map has it, `walls[0]`."""

    name: str
    shapes: tuple[Shape, ...]

    def distance_mm(self, x: float, y: float) -> float:
        """From the nearest surface of its shapes."""
        return min(shape.distance_mm(x, y) for shape in self.shapes)


def distance_to_line(x: float, y: float, start: Point, end: Point) -> float:
    """How far a place is from a straight line between two points, in mm."""
    along_x, along_y = end[0] - start[0], end[1] - start[1]
    square = along_x * along_x + along_y * along_y
    from_x, from_y = x - start[0], y - start[1]
    part = (from_x * along_x + from_y * along_y) / square if square else 0.0
    part = 0.0 if part < 0.0 else min(part, 1.0)
    return math.hypot(from_x - part * along_x, from_y - part * along_y)
