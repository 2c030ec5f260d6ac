"""A TOML file is a schema, or the error says what to change in it."""

import json

import pytest

from protocol.contract import load_contract
from protocol.pilot_commands import FAULTS, MODES
from protocol.schema import Channel, Row, Schema, SchemaError, load_schema


def write(tmp_path, text):
    path = tmp_path / "rover.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_channels_come_with_name_unit_scale_and_format(tmp_path):
    text = '[[channel]]\nname = "yaw"\nunit = "rad"\nscale = 0.001\nformat = "i16"\n[[channel]]\nname = "n"\n'
    schema = load_schema(write(tmp_path, text))
    assert schema == Schema("rover", (Channel("yaw", "rad", 0.001, "i16"), Channel("n")))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"no \[\[channel\]\] table"),
        ("[[channel]", "not TOML"),
        ("[[channel]]\nunit = 'm'\n", "has no name"),
        ("[[channel]]\nname = 'x'\nscale = 'big'\n", "'x': scale must be a number"),
        ("[[channel]]\nname = 'x'\nformat = 'f32'\n", "'x': format must be one of i8, u8"),
        (f"[[channel]]\nname = '{'x' * 65}'\n", "names and units have 64 bytes at most"),
        (f"[[channel]]\nname = 'x'\nunit = '{'x' * 65}'\n", "names and units have 64 bytes at most"),
        ("[[channel]]\nname = 'x'\nstates = 'a'\n", "'x': states must be a list of names"),
        ("[[channel]]\nname = 'x'\nscale = 2\nflags = ['a']\n", "states or flags, one of them, are for"),
        ("[[channel]]\nname = 'x'\nstates = ['b']\nflags = ['a']\n", "states or flags, one of them, are for"),
        ("[[channel]]\nname = 'x'\n" * 2, "'x' is listed twice"),
        ("".join(f"[[channel]]\nname = 'c{at}'\n" for at in range(65)), "65 channels; 1 to 64"),
    ],
)
def test_what_is_wrong_with_a_schema_is_said(tmp_path, text, message):
    with pytest.raises(SchemaError, match=message):
        load_schema(write(tmp_path, text))


def test_a_schema_that_is_no_text_is_said_to_be_none(tmp_path):
    path = tmp_path / "rover.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SchemaError, match="not a text file"):
        load_schema(path)


def test_a_schema_that_is_a_folder_is_said_to_be_unreadable(tmp_path):
    with pytest.raises(SchemaError, match="cannot be read"):
        load_schema(tmp_path)


@pytest.mark.parametrize(
    ("low", "high", "format_"),
    [
        (0, 127, "i8"), (-128, 0, "i8"), (0, 255, "u8"), (-129, 0, "i16"), (0, 65535, "u16"),
        (-1, 65535, "i32"), (0, 1 << 31, "u32"),
    ],
)
def test_a_column_gets_the_narrowest_format_that_holds_it(low, high, format_):
    schema = Schema("s", (Channel("x"),)).narrowed([(low,), (high,)])
    assert schema.channels[0].format == format_
    assert schema.fits(Row(0, (low,)))
    assert schema.unpack(schema.pack(Row(5, (high,)))) == Row(5, (high,))


def test_a_column_beyond_32_bits_is_refused():
    with pytest.raises(SchemaError, match="do not fit 32 bits"):
        Schema("s", (Channel("x"),)).narrowed([(-1,), (1 << 31,)])


def test_states_and_flags_name_values_and_bits(tmp_path):
    text = (
        "[[channel]]\nname = 'm'\nstates = ['off', 'on']\n"
        "[[channel]]\nname = 'f'\nflags = ['hot', 'wet']\n"
    )
    mode, flags = load_schema(write(tmp_path, text)).channels
    assert [mode.name_of(value) for value in (0, 1, 2, -1)] == ["off", "on", "2", "-1"]
    assert [flags.name_of(value) for value in (0, 1, 3, 6, -1)] == ["none", "hot", "hot wet", "wet 4", "-1"]
    assert Channel("x").name_of(7) == "7"


def test_a_channel_survives_json_with_its_names():
    mode, flags = Channel("m", states=("off", "on")), Channel("f", "u", flags=("hot",))
    for channel in (mode, flags, Channel("x", "m", 0.5)):
        assert Channel.from_record(json.loads(json.dumps(channel.record()))) == channel


def test_the_car_names_its_modes_and_faults_as_its_commands_do():
    channels = {channel.name: channel for channel in load_contract().schema.channels}
    assert channels["mode"].states == MODES
    assert channels["faults"].flags == FAULTS
