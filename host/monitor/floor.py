"""A map as lines to draw, for terminals and web pages alike; mm, y up."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from host.world import Map, Route
from host.world.polyline import Point
from host.world.solids import Box, Capsule, Shape

CIRCLE_CORNERS = 24


@dataclass(frozen=True)
class Line:
    """A line through points; `kind` is wall, door, obstacle, tape, charger or route."""

    kind: str
    points: tuple[Point, ...]


@dataclass(frozen=True)
class FloorPlan:
    """What stands on a floor. `low` and `high` are its corners."""

    name: str
    low: Point
    high: Point
    lines: tuple[Line, ...]

    def record(self) -> dict[str, object]:
        """For JSON, in whole mm."""
        lines = [
            {"kind": line.kind, "points": [[round(x), round(y)] for x, y in line.points]}
            for line in self.lines
        ]
        return {"name": self.name, "low": list(self.low), "high": list(self.high), "lines": lines}


def floor_plan(floor: Map, route: Route | None = None) -> FloorPlan:
    """Lines of all that stands on a map, of its tape and charger, and of a route on it."""
    lines = [Line("wall", _closed(wall.points) if wall.closed else wall.points) for wall in floor.walls]
    lines += [Line("door", (door.start, door.end)) for door in floor.doors if not door.open]
    lines += [Line("obstacle", _outline(thing.shape)) for thing in floor.obstacles]
    if floor.tape is not None:
        points = floor.tape.points
        lines.append(Line("tape", _closed(points) if floor.tape.closed else points))
    if floor.charger is not None:
        at = floor.charger
        lines.append(Line("charger", circle((at.x_mm, at.y_mm), at.radius_mm)))
    if route is not None:
        lines.append(Line("route", route.line((floor.start.x_mm, floor.start.y_mm))))
    return FloorPlan(floor.name, (0.0, 0.0), floor.size_mm, tuple(lines))


def around(places: Sequence[Point], least_mm: float = 2000.0) -> tuple[Point, Point]:
    """Corners of a square-ish floor that has all places on it, for cars without a map."""
    xs, ys = [x for x, _ in places] or [0.0], [y for _, y in places] or [0.0]
    middle = ((min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2)
    half = max(least_mm, 1.2 * (max(xs) - min(xs)), 1.2 * (max(ys) - min(ys))) / 2
    return (middle[0] - half, middle[1] - half), (middle[0] + half, middle[1] + half)


def circle(middle: Point, radius: float) -> tuple[Point, ...]:
    """Its outline, closed."""
    turns = [math.tau * at / CIRCLE_CORNERS for at in range(CIRCLE_CORNERS + 1)]
    return tuple((middle[0] + radius * math.cos(turn), middle[1] + radius * math.sin(turn)) for turn in turns)


def _closed(points: Sequence[Point]) -> tuple[Point, ...]:
    return (*points, points[0])


def _outline(shape: Shape) -> tuple[Point, ...]:
    if isinstance(shape, Box):
        return _closed(shape.corners())
    assert isinstance(shape, Capsule)
    if shape.start == shape.end:
        return circle(shape.start, shape.radius_mm)
    return (shape.start, shape.end)
