"""Messages are built and read by one definition, and what is wrong with one is said in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.contract import load_contract
from protocol.limits import MAX_MESSAGE
from protocol.messages import (
    COMMAND_BY_NAME,
    COMMANDS,
    MessageError,
    Status,
    build_command,
    build_reply,
    compress,
    expand,
    parse_command,
    parse_reply,
)

BOOK = load_contract().message_book


@given(st.sampled_from(COMMANDS), st.binary(min_size=64, max_size=64), st.text(max_size=20))
def test_any_arguments_of_the_right_size_are_read_and_built_again(command, arguments, text):
    trailing = text.encode() if command.trailing else b""
    message = bytes([command.code]) + arguments[: command.argument_bytes] + trailing
    read, values = parse_command(message)
    assert read == command
    assert bytes([command.code]) + command.layout.build(values) == message


@given(st.sampled_from([command for command in COMMANDS if command.typed]), st.data())
def test_a_command_built_is_the_command_parsed(command, data):
    values = {a.name: data.draw(st.integers(a.low, a.high)) for a in command.arguments}
    assert parse_command(build_command(command.name, values)) == (command, values)


@given(st.integers(0, 0xFFFF), st.integers(0, 0xFFFF_FFFF))
def test_a_reply_built_is_the_reply_parsed(token, uptime_ms):
    values = {"token": token, "uptime_ms": uptime_ms}
    reply = parse_reply(build_reply(COMMAND_BY_NAME["ping"], Status.OK, values))
    assert (reply.command, reply.status, reply.values) == ("ping", Status.OK, values)


def test_a_refusal_carries_no_results():
    reply = parse_reply(build_reply(COMMAND_BY_NAME["get"], Status.OUT_OF_RANGE, {}))
    assert (reply.status, reply.values) == (Status.OUT_OF_RANGE, {})


def test_an_unknown_command_is_told_what_there_is():
    with pytest.raises(MessageError, match=r"no command 'jump'; the car knows ping, info, drive, stop"):
        build_command("jump", {})


def test_a_value_out_of_range_is_told_the_range():
    with pytest.raises(MessageError, match=r"drive: speed is 4000; -3000 to 3000 mm/s is allowed"):
        build_command("drive", {"speed": 4000})


def test_a_missing_argument_is_named():
    with pytest.raises(MessageError, match=r"set needs value"):
        build_command("set", {"parameter": 0})


@given(st.binary(max_size=40))
def test_any_bytes_are_a_command_or_a_message_error(message):
    try:
        command, values = parse_command(message)
    except MessageError:
        return
    assert command.layout.build(values) == message[1:]


@given(st.binary(max_size=40))
def test_any_bytes_are_a_reply_or_a_message_error(message):
    try:
        reply = parse_reply(message)
    except MessageError:
        return
    assert reply.command in COMMAND_BY_NAME


@given(st.binary(min_size=1, max_size=MAX_MESSAGE))
def test_no_message_grows_by_compression(message):
    body, stored = compress(message, BOOK)
    assert len(body) <= len(message)
    assert expand(body, stored, BOOK) == message


def test_a_stored_body_over_the_limit_is_no_message():
    assert expand(bytes(MAX_MESSAGE + 1), True, BOOK) is None


def test_codes_and_names_are_each_used_once():
    assert len({command.code for command in COMMANDS}) == len({command.name for command in COMMANDS})
    assert len(COMMANDS) == len({command.name for command in COMMANDS})
