"""The things of a map as bodies of a pymunk space: what stands, and people who walk."""

from __future__ import annotations

import math

import pymunk

from host.world.map import Map, Mover
from host.world.polyline import length_mm, place_along
from host.world.solids import Capsule, Shape, Solid

CAR_FILTER = pymunk.ShapeFilter(categories=0b01)
RAY_FILTER = pymunk.ShapeFilter(mask=pymunk.ShapeFilter.ALL_MASKS() ^ 0b01)
"""A ray goes through the car that sends it."""


class Room:
    """The space, and the names of the things in it as the map has them."""

    def __init__(self, on: Map) -> None:
        self.space = pymunk.Space()
        self.solids: dict[str, Solid] = {}
        """What stands in it now, by name."""
        self._names: dict[pymunk.Shape, str] = {}
        for solid in on.solids():
            self.put(solid)
        self.walkers = [self._walker(mover) for mover in on.movers]

    def put(self, solid: Solid) -> None:
        """Have a thing stand here from now on, in place of one of the same name."""
        self.take_away(solid.name)
        self.solids[solid.name] = solid
        for shape in solid.shapes:
            self._add(_shape(self.space.static_body, shape), solid.name)

    def take_away(self, name: str) -> None:
        """Have a thing that stands here, if it does, stand here no longer."""
        if self.solids.pop(name, None) is not None:
            for shape in [shape for shape, named in self._names.items() if named == name]:
                del self._names[shape]
                self.space.remove(shape)

    def let_walk(self, mover: Mover) -> None:
        """Have somebody more walk here; his start is in the world's time."""
        self.walkers.append(self._walker(mover))

    def step(self, time_s: float, dt_s: float) -> None:
        """Move all there is, from a time on."""
        for walker in self.walkers:
            walker.aim(time_s, dt_s)
        self.space.step(dt_s)

    def echo_mm(self, start: tuple[float, float], end: tuple[float, float]) -> float | None:
        """How far a ray comes before it hits something; None when it does not."""
        hit = self.space.segment_query_first(start, end, 0.0, RAY_FILTER)
        if hit is None:
            return None
        x, y = end[0] - start[0], end[1] - start[1]
        alpha: float = hit.alpha
        return alpha * math.sqrt(x * x + y * y)

    def touched_by(self, body: pymunk.Body) -> list[str]:
        """What a body is in contact with after a step, by name."""
        names: list[str] = []

        def take(arbiter: pymunk.Arbiter) -> None:
            names.extend(self._names[shape] for shape in arbiter.shapes if shape in self._names)

        body.each_arbiter(take)
        return names

    def _add(self, shape: pymunk.Shape, name: str) -> None:
        shape.friction, shape.elasticity = 0.3, 0.0
        self._names[shape] = name
        self.space.add(shape)

    def _walker(self, mover: Mover) -> Walker:
        body = pymunk.Body(body_type=pymunk.Body.KINEMATIC)
        body.position = mover.waypoints[0]
        self.space.add(body)
        self._add(pymunk.Circle(body, mover.radius_mm), mover.name)
        return Walker(mover, body)


class Walker:
    """Somebody on his way, whom the car does not stop."""

    def __init__(self, mover: Mover, body: pymunk.Body) -> None:
        self.mover = mover
        self._body = body
        self._path = (*mover.waypoints, mover.waypoints[0]) if mover.repeat else mover.waypoints
        self._length_mm = length_mm(self._path)

    @property
    def place(self) -> tuple[float, float]:
        """Where he is, in mm."""
        return (round(self._body.position.x, 1), round(self._body.position.y, 1))

    def aim(self, time_s: float, dt_s: float) -> None:
        """Give the body the speed that brings it to where it has to be after a step."""
        gone = max(0.0, time_s + dt_s - self.mover.start_s) * self.mover.speed_mm_s
        x, y = place_along(self._path, gone % self._length_mm if self.mover.repeat else gone)
        here = self._body.position
        self._body.velocity = ((x - here.x) / dt_s, (y - here.y) / dt_s)


def _shape(body: pymunk.Body, shape: Shape) -> pymunk.Shape:
    if not isinstance(shape, Capsule):
        return pymunk.Poly(body, shape.corners())
    if shape.start == shape.end:
        return pymunk.Circle(body, shape.radius_mm, shape.start)
    return pymunk.Segment(body, shape.start, shape.end, shape.radius_mm)
