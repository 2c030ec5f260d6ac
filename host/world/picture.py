"""A drive as a picture: the map, the car's track, and where it ran into something."""

from __future__ import annotations

from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, Patch, Polygon

from host.output import whole_file
from host.world.map import CAR_LENGTH_MM, CAR_WIDTH_MM, Map
from host.world.polyline import Point, sides
from host.world.room import Room
from host.world.route_file import Route
from host.world.solids import Box, Capsule, Shape
from host.world.world import World

_WIDTH_IN = 9.0
_DPI = 110


def save_picture(world: World, path: Path, caption: str, route: Route | None = None) -> None:
    """Draw a world as it stands now as PNG, with its route; the file is there whole or not at all."""
    width, height = world.map.size_mm
    figure = Figure(figsize=(_WIDTH_IN, _WIDTH_IN * height / width + 1.2), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot(title=caption, xlabel="x, mm", ylabel="y, mm", aspect="equal")
    axes.set_xlim(0, width)
    axes.set_ylim(0, height)
    _draw_map(axes, world.map, world.room)
    _draw_walkers(axes, world)
    if route is not None:
        _draw_route(axes, world.map, route)
    _draw_drive(axes, world)
    figure.legend(loc="outside lower center", ncols=5, frameon=False)
    with whole_file(path, force=True) as file:
        figure.savefig(file, format="png", dpi=_DPI, metadata={"Software": None})


def _draw_map(axes: Axes, on: Map, room: Room) -> None:
    for door in on.doors:
        if door.name not in room.solids:
            _draw_line(axes, [door.start, door.end], color="tab:green", linestyle=":", label="open door")
    for solid in room.solids.values():
        color = "tab:red" if any(door.name == solid.name for door in on.doors) else "dimgray"
        for shape in solid.shapes:
            for patch in _patches(shape, color):
                axes.add_patch(patch)
    if on.charger:
        middle = (on.charger.x_mm, on.charger.y_mm)
        axes.add_patch(Circle(middle, on.charger.radius_mm, color="gold", alpha=0.6, label="charger"))
    if on.tape:
        line = [*on.tape.points, *(on.tape.points[:1] if on.tape.closed else ())]
        _draw_line(axes, line, color="black", linewidth=2.5, label="tape")


def _draw_walkers(axes: Axes, world: World) -> None:
    for walker in world.room.walkers:
        mover = walker.mover
        ways = sides(mover.waypoints, mover.repeat)
        for way in ways:
            _draw_line(axes, list(way), color="tab:purple", linestyle="--", linewidth=1)
        axes.add_patch(Circle(walker.place, mover.radius_mm, color="tab:purple", alpha=0.6, label=mover.name))


def _draw_route(axes: Axes, on: Map, route: Route) -> None:
    """Waypoints by their numbers, and the straight lines between them."""
    line = route.line((on.start.x_mm, on.start.y_mm))
    _draw_line(axes, list(line), color="tab:orange", linestyle="--", linewidth=1, label="route")
    for number, at in enumerate(route.waypoints, 1):
        axes.plot(at.x_mm, at.y_mm, "o", color="tab:orange", markersize=4)
        axes.annotate(
            str(number), (at.x_mm, at.y_mm), (4, 4), textcoords="offset points", color="tab:orange",
            fontsize=9,
        )


def _draw_drive(axes: Axes, world: World) -> None:
    axes.plot(
        [at.x_mm for at in world.track], [at.y_mm for at in world.track], color="tab:blue", linewidth=1.2,
        label=f"track, {world.time_us / 1e6:.1f} s",
    )
    start = world.map.start
    at_start = (3, 0, start.heading_deg - 90)  # a triangle that looks where the car did
    axes.plot(
        start.x_mm, start.y_mm, marker=at_start, color="tab:green", markersize=10, linestyle="", label="start"
    )
    pose = world.pose
    car = Box((pose.x_mm, pose.y_mm), (CAR_LENGTH_MM, CAR_WIDTH_MM), pose.heading_deg)
    axes.add_patch(Polygon(car.corners(), fill=False, color="tab:blue", label="car"))
    nose = Box((pose.x_mm, pose.y_mm), (CAR_LENGTH_MM, 0), pose.heading_deg).corners()[0]
    _draw_line(axes, [(pose.x_mm, pose.y_mm), nose], color="tab:blue")
    if world.contacts:
        axes.scatter(
            [at.x_mm for at in world.contacts], [at.y_mm for at in world.contacts], marker="x", color="red",
            s=60, zorder=5, label=f"collisions: {world.collisions}",
        )


def _patches(shape: Shape, color: str) -> list[Patch]:
    if isinstance(shape, Box):
        return [Polygon(shape.corners(), color=color)]
    ends: list[Patch] = [Circle(end, shape.radius_mm, color=color) for end in {shape.start: 0, shape.end: 0}]
    return ends if len(ends) == 1 else [*ends, Polygon(_between_ends(shape), color=color)]


def _between_ends(shape: Capsule) -> list[Point]:
    (x1, y1), (x2, y2) = shape.start, shape.end
    length = ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5
    aside_x, aside_y = (y1 - y2) / length * shape.radius_mm, (x2 - x1) / length * shape.radius_mm
    return [
        (x1 + aside_x, y1 + aside_y), (x2 + aside_x, y2 + aside_y),
        (x2 - aside_x, y2 - aside_y), (x1 - aside_x, y1 - aside_y),
    ]


def _draw_line(axes: Axes, points: list[Point], label: str | None = None, **how: object) -> None:
    line = Line2D([x for x, _ in points], [y for _, y in points], **how)  # type: ignore[arg-type]
    if label:
        line.set_label(label)
    axes.add_line(line)
