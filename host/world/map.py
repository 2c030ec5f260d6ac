"""What a map holds, and how far a place is from all that stands on it."""

from __future__ import annotations

from dataclasses import dataclass

from host.world.polyline import Point, sides
from host.world.solids import Box, Capsule, Solid

CAR_LENGTH_MM = 200.0
CAR_WIDTH_MM = 150.0
CAR_REACH_MM = 125.0
"""From the car's middle to its corners: with so much room it can turn on the spot."""


@dataclass(frozen=True)
class Wall:
    """A line of walls."""

    points: tuple[Point, ...]
    thickness_mm: float
    closed: bool


@dataclass(frozen=True)
class Door:
    """A way through a wall; when it is not open, it is a wall itself."""

    name: str
    start: Point
    end: Point
    thickness_mm: float
    open: bool

    def solid(self) -> Solid:
        """What it is while it is closed."""
        return Solid(self.name, (Capsule(self.start, self.end, self.thickness_mm / 2),))


@dataclass(frozen=True)
class Tape:
    """A dark line on a bright floor. Its corners are already arcs here."""

    points: tuple[Point, ...]
    width_mm: float
    closed: bool


@dataclass(frozen=True)
class Obstacle:
    """A thing that stands."""

    name: str
    shape: Capsule | Box


@dataclass(frozen=True)
class Mover:
    """Somebody round who walks from waypoint to waypoint; with `repeat` from the last back to the first."""

    name: str
    radius_mm: float
    waypoints: tuple[Point, ...]
    speed_mm_s: float
    start_s: float
    repeat: bool


@dataclass(frozen=True)
class Charger:
    """The car charges while its middle is within the radius."""

    x_mm: float
    y_mm: float
    radius_mm: float
    current_ma: float


@dataclass(frozen=True)
class Start:
    """Where the car stands at first, and how full its battery is, 0 to 1."""

    x_mm: float
    y_mm: float
    heading_deg: float
    charge: float


@dataclass(frozen=True)
class Map:
    """A floor from (0, 0) to its size, x to the right and y up, and what is on it."""

    name: str
    size_mm: Point
    start: Start
    walls: tuple[Wall, ...] = ()
    doors: tuple[Door, ...] = ()
    obstacles: tuple[Obstacle, ...] = ()
    movers: tuple[Mover, ...] = ()
    tape: Tape | None = None
    charger: Charger | None = None

    def solids(self) -> list[Solid]:
        """All that stands: walls, doors that are closed, obstacles."""
        walls = [
            Solid(f"walls[{at}]", tuple(
                Capsule(start, end, wall.thickness_mm / 2) for start, end in sides(wall.points, wall.closed)
            ))
            for at, wall in enumerate(self.walls)
        ]
        doors = [door.solid() for door in self.doors if not door.open]
        return walls + doors + [Solid(thing.name, (thing.shape,)) for thing in self.obstacles]

    def paths(self) -> list[Solid]:
        """Where the movers walk, as wide as they are."""
        return [
            Solid(mover.name, tuple(
                Capsule(start, end, mover.radius_mm) for start, end in sides(mover.waypoints, mover.repeat)
            ))
            for mover in self.movers
        ]

    def clearance_mm(self, x_mm: float, y_mm: float, with_movers: bool = False) -> tuple[float, str]:
        """To the nearest thing that stands (or walks past), and what it is; infinite on an empty floor."""
        solids = self.solids() + (self.paths() if with_movers else [])
        return min(((solid.distance_mm(x_mm, y_mm), solid.name) for solid in solids),
                   default=(float("inf"), "nothing"))
