"""Panels fit their width, join what belongs together, and show what a schema has that nobody thought of."""

from pathlib import Path

from host.monitor.floor import around, floor_plan
from host.monitor.memory import Memory
from host.monitor.tui import panels
from host.world import load_map, load_route
from protocol.contract import load_contract
from protocol.schema import Channel, Row, Schema

ROOT = Path(__file__).parents[3]
CAR = load_contract().schema


def shown(schema, **values):
    memory = Memory(schema)
    memory.take_rows([Row(1_000_000, tuple(values.get(each.name, 0) for each in schema.channels))])
    return memory.snapshot()


def test_channels_that_differ_by_side_share_a_line():
    names = [group.name for group in panels.groups(CAR.channels)]
    assert "duty" in names
    assert "duty_left" not in names
    lone = panels.groups([Channel("arm_left", "mm"), Channel("arm_right", "deg")])
    assert [len(group.channels) for group in lone] == [1, 1]  # other units: no joining


def test_channels_that_nobody_thought_of_are_shown():
    schema = Schema("robot", (Channel("arm_angle", "deg", 0.5), Channel("speed_of_wind", "m/s")))
    text = panels.values_text(shown(schema, arm_angle=91), schema, 43).plain
    assert "arm_angle" in text
    assert "45.5 deg" in text
    assert "speed_of_wind" in text


def test_lines_fit_into_80_columns():
    text = panels.values_text(shown(CAR, speed_set=-3000), CAR, 43).plain
    assert max(map(len, text.splitlines())) <= 43


def test_where_there_is_room_every_channel_has_a_line_of_its_own():
    assert "duty_right" in panels.values_text(shown(CAR), CAR, 43, 40).plain
    assert "duty_right" not in panels.values_text(shown(CAR), CAR, 43, 12).plain


def test_before_the_first_row_there_are_dashes():
    empty = Memory(CAR).snapshot()
    assert " - " in panels.values_text(empty, CAR, 43).plain
    assert "place not known" in panels.pose_title(empty, None)
    assert "saved -" in panels.link_text(empty, CAR).plain


def test_the_map_has_what_stands_on_it_the_route_and_the_car():
    plan = floor_plan(load_map(ROOT / "maps/yard.toml"), load_route(ROOT / "routes/loop.toml"))
    assert {line.kind for line in plan.lines} == {"wall", "obstacle", "charger", "route"}
    memory = Memory(Schema("posed", tuple(map(Channel, ("x", "y", "heading")))))
    memory.take_rows([Row(0, (3000, 2000, 90))])
    text = panels.map_text(memory.snapshot(), plan, 40, 12)
    lines = text.plain.splitlines()
    assert [len(line) for line in lines] == [40] * 12
    assert "↑" in lines[5] + lines[6]


def test_without_a_map_the_track_is_in_the_middle():
    low, high = around([(0, 0), (4000, 0)])
    assert (low[0] + high[0], low[1] + high[1]) == (4000, 0)
    assert high[0] - low[0] > 4000
