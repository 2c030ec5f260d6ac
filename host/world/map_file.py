"""Reads maps: TOML, lengths in mm. A mistake is told by file, key and what to write instead."""

from __future__ import annotations

from pathlib import Path

from host.world.map import CAR_REACH_MM, Charger, Door, Map, Mover, Obstacle, Start, Tape, Wall
from host.world.polyline import Point, rounded
from host.world.solids import Box, Capsule
from host.world.toml_table import Table, TableError, read_toml

MAX_SIZE_MM = 100_000.0
TAPE_WIDTH_MM = 19.0


class MapError(TableError):
    """A map that is none; the text is for the person who wrote it."""


def load_map(path: Path) -> Map:
    """A map from its file."""
    table = read_toml(path, MapError)
    size = table.point("size_mm")
    if not all(500 <= side <= MAX_SIZE_MM for side in size):
        raise table.wrong("size_mm", "give width and height, 500 to 100000 mm each")
    loaded = Map(
        name=table.text("name", path.stem),
        size_mm=size,
        start=_start(table.table("start"), size),
        walls=tuple(_wall(entry, size) for entry in table.tables("walls")),
        doors=tuple(_door(entry, size, f"doors[{at}]") for at, entry in enumerate(table.tables("doors"))),
        obstacles=tuple(
            _obstacle(entry, size, f"obstacles[{at}]") for at, entry in enumerate(table.tables("obstacles"))
        ),
        movers=tuple(_mover(entry, size, f"movers[{at}]") for at, entry in enumerate(table.tables("movers"))),
        tape=_tape(table.table("tape"), size) if table.has("tape") else None,
        charger=_charger(table.table("charger"), size) if table.has("charger") else None,
    )
    table.finish()
    _check_start(loaded, path)
    return loaded


def _check_start(loaded: Map, path: Path) -> None:
    start = loaded.start
    room, thing = loaded.clearance_mm(start.x_mm, start.y_mm)
    if room < CAR_REACH_MM:
        raise MapError(
            f"{path}: start.x_mm, start.y_mm: the car would stand {max(room, 0):.0f} mm from {thing}: "
            f"give a place {CAR_REACH_MM:.0f} mm from everything"
        )


def _on_floor(table: Table, key: str, size: Point, points: tuple[Point, ...]) -> None:
    if not all(0 <= x <= size[0] and 0 <= y <= size[1] for x, y in points):
        raise table.wrong(key, f"off the map: give 0 to {size[0]:g} for x and 0 to {size[1]:g} for y")


def _place(table: Table, size: Point) -> Point:
    return (table.number("x_mm", low=0, high=size[0]), table.number("y_mm", low=0, high=size[1]))


def _start(table: Table, size: Point) -> Start:
    x, y = _place(table, size)
    heading = table.number("heading_deg", 0, -360, 360, "degrees")
    start = Start(x, y, heading, table.number("charge", 0.9, 0, 1, "1 is full"))
    table.finish()
    return start


def _wall(table: Table, size: Point) -> Wall:
    thickness = table.number("thickness_mm", 40, 1, 1000)
    wall = Wall(table.points("points_mm"), thickness, table.flag("closed", False))
    _on_floor(table, "points_mm", size, wall.points)
    if wall.closed and (len(wall.points) < 3 or wall.points[0] == wall.points[-1]):
        raise table.wrong("points_mm", "a closed wall has at least 3 points, and the first is not repeated")
    table.finish()
    return wall


def _door(table: Table, size: Point, name: str) -> Door:
    door = Door(
        table.text("name", name), table.point("from_mm"), table.point("to_mm"),
        table.number("thickness_mm", 40, 1, 1000), table.flag("open"),
    )
    _on_floor(table, "from_mm", size, (door.start,))
    _on_floor(table, "to_mm", size, (door.end,))
    if door.start == door.end:
        raise table.wrong("to_mm", "give another point than from_mm")
    table.finish()
    return door


def _obstacle(table: Table, size: Point, name: str) -> Obstacle:
    name = table.text("name", name)
    middle = _place(table, size)
    kind = table.text("shape")
    if kind == "round":
        shape: Capsule | Box = Capsule(middle, middle, table.number("radius_mm", low=1, high=10_000))
    elif kind == "box":
        sides = table.point("size_mm")
        if min(sides) < 1:
            raise table.wrong("size_mm", "give two sides of 1 mm or more")
        shape = Box(middle, sides, table.number("heading_deg", 0, -360, 360, "degrees"))
    else:
        raise table.wrong("shape", 'give "round" or "box"')
    table.finish()
    return Obstacle(name, shape)


def _mover(table: Table, size: Point, name: str) -> Mover:
    mover = Mover(
        table.text("name", name), table.number("radius_mm", low=1, high=2000), table.points("waypoints_mm"),
        table.number("speed_mm_s", low=1, high=5000, unit="mm/s"),
        table.number("start_s", 0, 0, 1e6, "s"), table.flag("repeat", False),
    )
    _on_floor(table, "waypoints_mm", size, mover.waypoints)
    if mover.repeat and mover.waypoints[0] == mover.waypoints[-1]:
        raise table.wrong("waypoints_mm", "with repeat it walks back by itself: leave the last point out")
    table.finish()
    return mover


def _tape(table: Table, size: Point) -> Tape:
    closed = table.flag("closed", False)
    points = table.points("points_mm", 3 if closed else 2)
    _on_floor(table, "points_mm", size, points)
    if closed and points[0] == points[-1]:
        raise table.wrong("points_mm", "a closed tape goes back by itself: leave the last point out")
    radius = table.number("corner_radius_mm", 0, 0, 10_000)
    try:
        line = rounded(points, radius, closed) if radius else points
    except ValueError as why:
        raise table.wrong("corner_radius_mm", f"{why}: give a smaller radius or longer sides") from None
    tape = Tape(line, table.number("width_mm", TAPE_WIDTH_MM, 1, 500), closed)
    table.finish()
    return tape


def _charger(table: Table, size: Point) -> Charger:
    x, y = _place(table, size)
    charger = Charger(
        x, y, table.number("radius_mm", 150, 10, 2000), table.number("current_ma", 2000, 1, 100_000, "mA")
    )
    table.finish()
    return charger
