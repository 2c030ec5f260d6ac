"""Sparklines and braille dots show what they are given, whatever it is."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host.monitor.tui.characters import Canvas, arrow, sparkline

VALUES = st.lists(st.floats(-1e9, 1e9), max_size=500)


def text_of(canvas):
    return ["".join(character for character, _ in row) for row in canvas.rows()]


def dots(line):
    return sum((ord(each) - 0x2800).bit_count() for each in line if each != " ")


def test_bars_go_from_the_lowest_to_the_highest():
    assert sparkline([0, 1, 2, 3, 4, 5, 6, 7], 8) == "▁▂▃▄▅▆▇█"


def test_few_values_stand_at_the_right():
    assert sparkline([1, 2], 5) == "   ▁█"


def test_many_values_are_gathered_so_that_all_of_them_count():
    assert sparkline([0] * 100 + [9] * 100, 4) == "▁▁██"


@given(VALUES, st.integers(1, 80))
def test_a_sparkline_is_as_wide_as_asked(values, width):
    assert len(sparkline(values, width)) == width


def test_a_line_that_never_moves_is_low():
    assert sparkline([5.0] * 4, 4) == "▁▁▁▁"


def test_a_floor_is_drawn_with_its_corners_in_the_corners_and_y_up():
    canvas = Canvas(10, 5, (0, 0), (19, 19))
    canvas.line([(0, 0), (19, 0)], "white")
    text = text_of(canvas)
    assert dots(text[4]) == 20
    assert not any(dots(line) for line in text[:4])


def test_lengths_are_alike_in_both_directions():
    canvas = Canvas(40, 20, (0, 0), (1000, 1000))
    assert canvas._dot((100, 0))[0] - canvas._dot((0, 0))[0] == pytest.approx(
        canvas._dot((0, 0))[1] - canvas._dot((0, 100))[1]
    )


def test_the_car_is_over_the_dots_under_it():
    canvas = Canvas(4, 2, (0, 0), (7, 7))
    canvas.line([(0, 0), (7, 0)], "white")
    canvas.put((0, 0), "→", "green")
    assert canvas.rows()[1][0] == ("→", "green")


@given(st.floats(-1e7, 1e7), st.floats(-1e7, 1e7))
def test_a_car_off_the_map_is_not_drawn_and_does_no_harm(x, y):
    canvas = Canvas(8, 4, (0, 0), (100, 100))
    canvas.put((x, y), "@", "")
    shown = "".join(text_of(canvas)).count("@")
    assert shown == (0 if abs(x - 50) > 60 or abs(y - 50) > 60 else shown)


@pytest.mark.parametrize(("heading", "shown"), [(0, "→"), (90, "↑"), (-90, "↓"), (180, "←"), (-135, "↙")])
def test_an_arrow_points_where_the_car_looks(heading, shown):
    assert arrow(heading) == shown
    assert arrow(heading + 360 * math.copysign(1, heading)) == shown
