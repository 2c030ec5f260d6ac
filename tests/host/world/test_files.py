"""Maps and routes: those of the repository can be driven, and of a mistake it is told what to write."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host.world import MapError, RouteError, load_map, load_route
from host.world.polyline import length_mm, rounded, sides
from host.world.route_file import narrowest
from tests.host.world.worlds import ROOT, named

FINE = """
name = "fine"
size_mm = [4000, 3000]
[start]
x_mm = 1000
y_mm = 1000
[tape]
points_mm = [[500, 500], [3500, 500], [3500, 2500]]
corner_radius_mm = 300
[[walls]]
points_mm = [[20, 20], [20, 2980]]
[[doors]]
from_mm = [20, 20]
to_mm = [900, 20]
open = true
[[obstacles]]
shape = "box"
x_mm = 2000
y_mm = 2000
size_mm = [100, 200]
[[movers]]
radius_mm = 100
waypoints_mm = [[3000, 500], [3000, 1000]]
speed_mm_s = 300
[charger]
x_mm = 1000
y_mm = 1000
"""
FINE_ROUTE = """
loop = 2
[[waypoints]]
x_mm = 100
y_mm = 200
dwell_ms = 5
"""


def test_the_loop_leaves_250_mm_to_everything_in_the_yard() -> None:
    room, thing, place = narrowest(load_route(ROOT / "routes" / "loop.toml"), named("yard").map)
    assert room >= 250, f"{thing} at {place}"


def test_the_route_through_the_closed_door_leads_into_the_door() -> None:
    room, thing, _ = narrowest(load_route(ROOT / "routes" / "closed_door.toml"), named("closed_door").map)
    assert thing == "door"
    assert room < 0


def test_the_loop_goes_home_as_often_as_it_says() -> None:
    route = load_route(ROOT / "routes" / "loop.toml")
    assert (route.loop, route.return_home) == (2, True)
    line = route.line((700, 700))
    assert line[0] == line[-1] == (700, 700)
    assert line.count((5400, 3100)) == 2


def test_no_bend_of_the_track_is_tighter_than_250_mm() -> None:
    tape = named("track").map.tape
    assert tape is not None
    assert tape.closed
    ways = sides(tape.points, True)
    for (a, b), (_, c) in zip(ways, ways[1:] + ways[:1], strict=True):
        turn = abs(math.remainder(
            math.atan2(c[1] - b[1], c[0] - b[0]) - math.atan2(b[1] - a[1], b[0] - a[0]), math.tau
        ))
        assert turn <= max(math.dist(a, b), math.dist(b, c)) / 250 + 1e-9


def test_the_doors_of_the_yard_are_open_and_no_solids() -> None:
    yard = named("yard").map
    assert yard.doors[0].open
    assert "door" not in [solid.name for solid in yard.solids()]
    assert "door" in [solid.name for solid in named("closed_door").map.solids()]


@given(st.floats(10, 400), st.booleans())
def test_a_rounded_square_is_as_long_as_geometry_says(radius_mm: float, left: bool) -> None:
    square = [(0.0, 0.0), (1000.0, 0.0), (1000.0, 1000.0), (0.0, 1000.0)]
    line = rounded(square if left else square[::-1], radius_mm, closed=True)
    expected = 4000 - 8 * radius_mm + math.tau * radius_mm
    assert length_mm(line, closed=True) == pytest.approx(expected, rel=0.003)
    assert all(-0.001 < part < 1000.001 for place in line for part in place)


def saved(folder: Path, text: str) -> Path:
    path = folder / "made.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_fine_map_is_read(tmp_path: Path) -> None:
    loaded = load_map(saved(tmp_path, FINE))
    assert (loaded.name, loaded.size_mm) == ("fine", (4000, 3000))
    assert loaded.clearance_mm(2000, 2300) == (200, "obstacles[0]")
    assert loaded.clearance_mm(2150, 2000) == (100, "obstacles[0]")
    assert loaded.clearance_mm(140, 1500) == (100, "walls[0]")


@pytest.mark.parametrize(("was", "becomes", "key", "instead"), [
    ("size_mm = [4000, 3000]", "size_mm = [4000]", "size_mm", "give two numbers in mm"),
    ("size_mm = [4000, 3000]", "size_mm = [4, 3]", "size_mm", "500 to 100000"),
    ("size_mm = [4000, 3000]", "", "size_mm is missing", "give two numbers in mm"),
    ("size_mm = [4000, 3000]", "size_mm = [nan, 3000]", "size_mm", "give two numbers in mm"),
    ("[start]", "[begin]", "start is missing", r"write a table \[start\]"),
    ("x_mm = 1000", 'x_mm = "left"', "start.x_mm", "give a number 0 to 4000"),
    ("x_mm = 1000", "x_mm = true", "start.x_mm", "give a number 0 to 4000"),
    ("x_mm = 1000", "x_mm = 5000", "start.x_mm", "give a number 0 to 4000"),
    ("x_mm = 1000", "x_mm = 100", "start.x_mm", "60 mm from walls.0.: give a place 125 mm from everything"),
    ("[[walls]]", "[[wall]]", "wall ", "is no key of this table: write one of .*walls"),
    ("[[walls]]", "[walls]", "walls", r"write tables \[\[walls\]\]"),
    ("[20, 2980]", "[20, 5000]", r"walls\[0\].points_mm", "off the map: give 0 to 4000 for x and 0 to"),
    ("[20, 2980]", "[20, 20]", r"walls\[0\].points_mm", "leave one out"),
    ("[20, 2980]]", "[20, 2980]]\nthickness_mm = -1", r"walls\[0\].thickness_mm", "give a number 1 to 1000"),
    ("[20, 2980]]", "[20, 2980]]\nclosed = true", r"walls\[0\].points_mm", "at least 3 points"),
    ("[20, 2980]]", "[20, 2980]]\nthikness_mm = 1", r"walls\[0\].thikness_mm", "write one of .*thickness_mm"),
    ("open = true", 'open = "yes"', r"doors\[0\].open", "give true or false"),
    ("open = true", "", r"doors\[0\].open is missing", "give true or false"),
    ("to_mm = [900, 20]", "to_mm = [20, 20]", r"doors\[0\].to_mm", "another point than from_mm"),
    ('shape = "box"', 'shape = "cone"', r"obstacles\[0\].shape", 'give "round" or "box"'),
    ("size_mm = [100, 200]", "size_mm = [100, 0]", r"obstacles\[0\].size_mm", "1 mm or more"),
    ("speed_mm_s = 300", "speed_mm_s = 0", r"movers\[0\].speed_mm_s", r"give a number 1 to 5000 \(mm/s\)"),
    ("corner_radius_mm = 300", "corner_radius_mm = 2500", "tape.corner_radius_mm", "do not fit between"),
    ("[3500, 2500]]", "[600, 500]]", "tape.corner_radius_mm", "turns back at point 1"),
    ('name = "fine"', "name = fine", "no TOML", "line 2"),
    ('name = "fine"', 'name = ""', "name", "give a text in quotes"),
])
def test_a_mistake_in_a_map_is_told(tmp_path: Path, was: str, becomes: str, key: str, instead: str) -> None:
    path = saved(tmp_path, FINE.replace(was, becomes, 1))
    with pytest.raises(MapError, match=f"made.toml: {key}.*{instead}") as told:
        load_map(path)
    assert isinstance(told.value, ValueError)


@pytest.mark.parametrize(("was", "becomes", "key", "instead"), [
    ("loop = 2", "loop = 0", "loop", "give a whole number 1 to"),
    ("loop = 2", "loop = 1.5", "loop", "give a whole number 1 to"),
    ("loop = 2", "lop = 2", "lop", "write one of .*loop"),
    ("loop = 2", "return_home = 1", "return_home", "give true or false"),
    ("y_mm = 200", "", r"waypoints\[0\].y_mm is missing", "give a number 0 to"),
    ("dwell_ms = 5", "dwell_ms = -5", r"waypoints\[0\].dwell_ms", "give a whole number 0 to"),
    (FINE_ROUTE, "", "waypoints is missing", r"write at least one \[\[waypoints\]\]"),
])
def test_a_mistake_in_a_route_is_told(tmp_path: Path, was: str, becomes: str, key: str, instead: str) -> None:
    path = saved(tmp_path, FINE_ROUTE.replace(was, becomes, 1))
    with pytest.raises(RouteError, match=f"made.toml: {key}.*{instead}"):
        load_route(path)


def test_a_file_that_is_not_there_or_no_text_is_told(tmp_path: Path) -> None:
    with pytest.raises(MapError, match=r"none.toml: No such file.*give the path of a TOML file"):
        load_map(tmp_path / "none.toml")
    (tmp_path / "made.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(RouteError, match="not UTF-8"):
        load_route(tmp_path / "made.toml")
