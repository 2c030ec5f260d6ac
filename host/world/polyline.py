"""Lines through points: with rounded corners, and walked along."""

from __future__ import annotations

import math
from collections.abc import Sequence

Point = tuple[float, float]

ARC_STEP_MM = 15.0
"""Chord of an arc: at a radius of 250 mm it is 0.1 mm from the true curve."""


def sides(points: Sequence[Point], closed: bool) -> list[tuple[Point, Point]]:
    """The straight lines from point to point; a closed one comes back to the first."""
    ends = [*points[1:], points[0]] if closed else points[1:]
    return list(zip(points, ends, strict=False))


def rounded(points: Sequence[Point], radius_mm: float, closed: bool) -> tuple[Point, ...]:
    """The same line with its corners cut to arcs of a radius. ValueError where an arc does not fit."""
    count = len(points)
    cuts = [_cut(points, at, radius_mm, closed) for at in range(count)]
    for at in range(count if closed else count - 1):
        after = (at + 1) % count
        if cuts[at] + cuts[after] > math.dist(points[at], points[after]) + 1e-6:
            raise ValueError(f"arcs of {radius_mm:g} mm do not fit between points {at} and {after}")
    line: list[Point] = []
    for at, cut in enumerate(cuts):
        corner = points[at]
        line += _arc(points[at - 1], corner, points[(at + 1) % count], cut, radius_mm) if cut else [corner]
    return tuple(line)


def place_along(points: Sequence[Point], length_mm: float) -> Point:
    """Where one is who has gone so far along a line; its end when that is beyond it."""
    for start, end in sides(points, closed=False):
        side = math.dist(start, end)
        if length_mm <= side:
            part = length_mm / side
            return (start[0] + (end[0] - start[0]) * part, start[1] + (end[1] - start[1]) * part)
        length_mm -= side
    return points[-1]


def length_mm(points: Sequence[Point], closed: bool = False) -> float:
    """Of the whole line."""
    return sum(math.dist(start, end) for start, end in sides(points, closed))


def _turn(before: Point, corner: Point, after: Point) -> float:
    """By how much the direction changes at a corner: radians, left positive."""
    came = math.atan2(corner[1] - before[1], corner[0] - before[0])
    goes = math.atan2(after[1] - corner[1], after[0] - corner[0])
    return math.remainder(goes - came, math.tau)


def _cut(points: Sequence[Point], at: int, radius_mm: float, closed: bool) -> float:
    """How far before and behind a corner its arc begins and ends; 0 where there is no arc."""
    if not closed and at in (0, len(points) - 1):
        return 0.0
    turn = abs(_turn(points[at - 1], points[at], points[(at + 1) % len(points)]))
    if turn > math.radians(170):
        raise ValueError(f"the line turns back at point {at}")
    return radius_mm * math.tan(turn / 2)


def _arc(before: Point, corner: Point, after: Point, cut: float, radius_mm: float) -> list[Point]:
    came = math.atan2(corner[1] - before[1], corner[0] - before[0])
    turn = _turn(before, corner, after)
    side = math.copysign(1.0, turn)
    start = (corner[0] - cut * math.cos(came), corner[1] - cut * math.sin(came))
    middle = (start[0] - side * radius_mm * math.sin(came), start[1] + side * radius_mm * math.cos(came))
    steps = max(1, math.ceil(radius_mm * abs(turn) / ARC_STEP_MM))
    from_middle = came - side * math.pi / 2
    return [
        (middle[0] + radius_mm * math.cos(from_middle + turn * step / steps),
         middle[1] + radius_mm * math.sin(from_middle + turn * step / steps))
        for step in range(steps + 1)
    ]
