"""What a host tells a car before it drives by itself."""

from __future__ import annotations

from host.link import Link
from host.world import Map, Route
from protocol.pilot_commands import MODES


def place_at_start(link: Link, map: Map) -> None:
    """Tell the car where on the map it stands. Raises LinkError."""
    start = map.start
    place = {"x": round(start.x_mm), "y": round(start.y_mm), "heading": round(start.heading_deg)}
    link.send("place", place)


def begin(link: Link, route: Route | None) -> None:
    """Have it drive a route or, without one, follow the line. Raises LinkError."""
    if route is None:
        link.send("mode", {"mode": MODES.index("line")})
        return
    link.send("route", {"laps": route.loop, "home": int(route.return_home)})
    for point in route.waypoints:
        values = {"x": round(point.x_mm), "y": round(point.y_mm), "dwell": point.dwell_ms}
        link.send("waypoint", values)
    link.send("mode", {"mode": MODES.index("patrol")})
