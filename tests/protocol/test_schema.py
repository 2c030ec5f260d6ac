"""A TOML file is a schema, or the error says what to change in it."""

import pytest

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
