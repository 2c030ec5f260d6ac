"""Reads routes: the waypoints a patrol goes through, again and again."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from host.world.map import CAR_WIDTH_MM, Map
from host.world.polyline import Point, place_along
from host.world.polyline import length_mm as line_length
from host.world.toml_table import Table, TableError, read_toml

CHECK_STEP_MM = 10.0

# What the car's commands `route` and `waypoint` take (protocol/pilot_commands.py).
_REACH_MM, _LONGEST_DWELL_MS, _MOST_LAPS = 16_000, 60_000, 255
_MOST_WAYPOINTS = 32
"""As many as the car keeps (firmware_mpy/patrol/control/route.py)."""


class RouteError(TableError):
    """A route that is none; the text is for the person who wrote it."""


@dataclass(frozen=True)
class Waypoint:
    """A place on the map, and how long to stay there."""

    x_mm: float
    y_mm: float
    dwell_ms: int


@dataclass(frozen=True)
class Route:
    """Waypoints in turn, `loop` times over, and then back to where the car started if it is to."""

    name: str
    waypoints: tuple[Waypoint, ...]
    loop: int
    return_home: bool

    def line(self, home: Point) -> tuple[Point, ...]:
        """All places from home on, in driving order, none twice in a row."""
        places = [(at.x_mm, at.y_mm) for at in self.waypoints]
        again = places if self.loop > 1 else []
        whole = [home, *places, *again, *([home] if self.return_home else [])]
        return tuple(at for number, at in enumerate(whole) if number == 0 or at != whole[number - 1])


def load_route(path: Path) -> Route:
    """A route from its file."""
    table = read_toml(path, RouteError)
    waypoints = tuple(_waypoint(entry) for entry in table.tables("waypoints"))
    if not waypoints:
        raise table.wrong("waypoints", "write at least one [[waypoints]] with x_mm and y_mm")
    if len(waypoints) > _MOST_WAYPOINTS:
        raise table.wrong("waypoints", f"the car keeps {_MOST_WAYPOINTS}, and these are {len(waypoints)}")
    route = Route(
        table.text("name", path.stem), waypoints, table.integer("loop", 1, 1, _MOST_LAPS),
        table.flag("return_home", False),
    )
    table.finish()
    return route


def require_room(route: Route, on: Map) -> None:
    """Raises RouteError where a waypoint is off the map, or where the car cannot stand."""
    width, height = on.size_mm
    for number, at in enumerate(route.waypoints, 1):
        place = f"{route.name}: waypoint {number} at {at.x_mm:g}, {at.y_mm:g}"
        if not (0 < at.x_mm < width and 0 < at.y_mm < height):
            raise RouteError(f"{place} is outside the map, {width:g} by {height:g} mm")
        room_mm, thing = on.clearance_mm(at.x_mm, at.y_mm)
        if room_mm < CAR_WIDTH_MM / 2:
            raise RouteError(f"{place} has no room for the car: {thing} is {max(0, room_mm):.0f} mm away")


def narrowest(route: Route, on: Map) -> tuple[float, str, Point]:
    """The least room a route leaves on a map, to what stands and to where movers walk; to what, and where."""
    line = route.line((on.start.x_mm, on.start.y_mm))
    steps = math.ceil(line_length(line) / CHECK_STEP_MM)
    places = [place_along(line, step * CHECK_STEP_MM) for step in range(steps + 1)]
    return min((*on.clearance_mm(*place, with_movers=True), place) for place in places)


def _waypoint(table: Table) -> Waypoint:
    waypoint = Waypoint(
        table.number("x_mm", low=0, high=_REACH_MM), table.number("y_mm", low=0, high=_REACH_MM),
        table.integer("dwell_ms", 0, 0, _LONGEST_DWELL_MS),
    )
    table.finish()
    return waypoint
