from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host.cli.errors import UserError
from host.cli.orders import known_commands, parse_order
from protocol.messages import COMMANDS, build_command, parse_command


@pytest.mark.parametrize(
    "line",
    ["drive 300 -20", "drive --speed 300 --turn -20", "drive --turn=-20 300", "drive 300 --turn -20"],
)
def test_arguments_come_in_order_or_by_name(line: str) -> None:
    assert parse_order(line.split()).values == {"speed": 300, "turn": -20}


def test_an_argument_that_is_left_out_has_its_default() -> None:
    assert parse_order(["drive", "--turn", "90"]).values == {"speed": 0, "turn": 90}


def test_parameters_go_by_name_or_by_number() -> None:
    by_name = parse_order(["set", "rows_per_frame", "2"])
    assert by_name.values == parse_order(["set", "4", "2"]).values == {"parameter": 4, "value": 2}
    assert by_name.spoken_values == {"parameter": "rows_per_frame", "value": 2}


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("fly", "no command 'fly'; the car knows ping, info, drive"),
        ("drive 3001", "speed is 3001; -3000 to 3000 mm/s is allowed"),
        ("drive fast", "speed is 'fast', not a whole number"),
        ("drive 1 2 3", "'3' is one too many; it takes --speed --turn"),
        ("drive --speed 1 --speed 2", "--speed is given twice"),
        ("drive --sped 1", "--sped is not known; it takes --speed --turn"),
        ("drive --speed", "--speed needs a value"),
        ("stop now", "'now' is one too many; it takes no arguments"),
        ("rate", "rate needs hz"),
        ("get colour", "parameter is 'colour', not one of speed_limit"),
        ("get 17", "parameter is 17"),
        ("set rows_per_frame 9", "rows_per_frame is 9; 1 to 8 rows is allowed"),
        ("set speed_limit -1", "speed_limit is -1; 0 to 3000 mm/s is allowed"),
    ],
)
def test_what_is_wrong_is_said_with_what_would_be_right(line: str, complaint: str) -> None:
    with pytest.raises(UserError) as caught:
        parse_order(line.split())
    assert complaint in str(caught.value)


def test_every_command_is_listed() -> None:
    lines = known_commands().splitlines()
    assert [line.split()[0] for line in lines] == [command.name for command in COMMANDS if command.typed]


@given(st.integers(-3000, 3000), st.integers(-720, 720))
def test_what_is_typed_is_what_is_sent(speed: int, turn: int) -> None:
    order = parse_order(["drive", str(speed), str(turn)])
    command, values = parse_command(build_command(order.command.name, order.values))
    assert (command.name, values) == ("drive", {"speed": speed, "turn": turn})


@given(st.lists(st.text(min_size=1), min_size=1, max_size=4))
def test_no_words_are_more_than_a_complaint(words: list[str]) -> None:
    with pytest.raises(UserError):
        parse_order(["drive", "0", "0", *words])
