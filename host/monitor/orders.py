"""Orders: what a person at a monitor may have the car do, as the commands that do it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from host.world import Map, Route
from protocol.pilot_commands import MODES

Command = tuple[str, Mapping[str, int]]


@dataclass(frozen=True)
class Order:
    """Commands in turn; the first that fails ends it. `text` is what the log says of it."""

    text: str
    commands: tuple[Command, ...]
    drives: bool | None = None
    """Whether the car is driven by hand afterwards, so that somebody has to look; None is as before."""
    is_latest: bool = False
    """Whether only the latest of such orders matters, when several wait."""
    clears: bool = field(default=False)
    """Whether orders that still wait are given up."""


def drive(speed_mm_s: int, turn_deg_s: int) -> Order:
    """Drive by hand."""
    commands = (("drive", {"speed": speed_mm_s, "turn": turn_deg_s}),)
    return Order(f"drive {speed_mm_s} mm/s, {turn_deg_s} deg/s", commands, drives=True, is_latest=True)


def stop() -> Order:
    """Stand, and forget what was ordered before."""
    return Order("stop", (("stop", {}),), drives=False, clears=True)


def resume() -> Order:
    """Allow driving after an emergency stop."""
    return Order("resume", (("resume", {}),))


def clear_faults() -> Order:
    """Forget the faults."""
    return Order("clear faults", (("clear", {}),))


def patrol(route: Route | None = None) -> Order:
    """Patrol a route; without one, what the car has been told before."""
    commands: list[Command] = []
    if route is not None:
        commands.append(("route", {"laps": route.loop, "home": int(route.return_home)}))
        commands += [
            ("waypoint", {"x": round(at.x_mm), "y": round(at.y_mm), "dwell": at.dwell_ms})
            for at in route.waypoints
        ]
    commands.append(("mode", {"mode": MODES.index("patrol")}))
    name = f"patrol {route.name}" if route is not None else "patrol"
    return Order(name, tuple(commands), drives=False)


def follow_line() -> Order:
    """Follow the tape."""
    return Order("follow the line", (("mode", {"mode": MODES.index("line")}),), drives=False)


def place_at_start(floor: Map) -> Order:
    """Tell the car that it stands where the map has its start."""
    at = floor.start
    place = {"x": round(at.x_mm), "y": round(at.y_mm), "heading": round(at.heading_deg)}
    return Order("place at the map's start", (("place", place),))


def rate(hz: int) -> Order:
    """Have telemetry sampled so often."""
    return Order(f"rate {hz} Hz", (("rate", {"hz": hz}),))
