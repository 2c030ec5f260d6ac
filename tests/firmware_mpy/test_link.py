"""A car on the link: what it answers, what it must not do, and what it leaves on the heap."""

from __future__ import annotations

import pytest

from host.link.hello import CarOffer, parse_hello
from protocol.frame import Frame, Kind, encode_frame
from protocol.limits import PROTOCOL_VERSION
from protocol.messages import COMMANDS, PROFILE_FRAMES, Hello, Status, build_command, build_hello, parse_reply
from protocol.parameters import PARAMETERS
from protocol.session import Session
from tests.firmware_mpy.served import COUNTERS, ServedFirmware


def test_hello_is_answered_with_the_contracts_hash_and_name(car: ServedFirmware) -> None:
    (answer,) = car.feed(car.hello(sequence=7, nonce=0xDEAD_BEEF))
    assert (answer.kind, answer.sequence, answer.stored) == (Kind.HELLO, 7, True)
    greeting = parse_hello(answer.body)
    assert greeting is not None
    assert greeting.contract_hash == car.contract.hash
    assert greeting.contract_name == car.contract.schema.name
    assert greeting.offer == CarOffer(Session(0xDEAD_BEEF, 0, 2), 0, 1024, 0, b"served")


def test_hello_of_another_version_is_answered_without_a_session(car: ServedFirmware) -> None:
    body = Hello.build({"protocol_version": 2, "contract_hash": 0, "name": "host", "rest": b""})
    (answer,) = car.feed(encode_frame(Frame(Kind.HELLO, 7, body, stored=True), 0))
    greeting = parse_hello(answer.body)
    assert greeting is not None
    assert greeting.protocol_version == PROTOCOL_VERSION


def test_hello_of_another_contract_is_answered_too(car: ServedFirmware) -> None:
    other = Frame(Kind.HELLO, 0, build_hello(car.contract.hash ^ 1, "other"), stored=True)
    (answer,) = car.feed(encode_frame(other, car.contract.hash ^ 1))
    assert answer.kind is Kind.HELLO


def test_a_command_is_answered_under_its_own_number(car: ServedFirmware) -> None:
    reply = car.command("drive", speed=300, turn=-20)
    assert reply.values == {"speed": 300, "turn": -20}
    assert car.state["speed"] == 300
    assert car.state["turn"] == -20


@pytest.mark.parametrize("bad_byte", [0, 1, 4, 6, -2])
def test_a_bad_frame_changes_nothing_but_its_counters(car: ServedFirmware, bad_byte: int) -> None:
    wire = bytearray(car.wire("drive", speed=300))
    wire[bad_byte] = wire[bad_byte] % 255 + 1
    before = car.state
    assert car.feed(bytes(wire)) == []
    after = car.state
    counted = dict(zip(COUNTERS, after.pop("counters"), strict=True))
    assert (counted["frames_bad"], counted["frames_received"]) == (1, 1)
    before.pop("counters")
    assert after == before
    assert car.counter("bytes_dropped") == len(wire)


def test_frames_that_are_no_business_of_a_cars_are_ignored(car: ServedFirmware) -> None:
    for kind in (Kind.REPLY, Kind.TELEMETRY, Kind.SENSORS):
        frame = Frame(kind, 1, build_command("drive", {}), stored=True)
        assert car.feed(encode_frame(frame, car.contract.hash)) == []
    assert car.counter("frames_received") == 4  # with HELLO
    assert car.counter("commands_executed") == 0


def test_a_command_sent_twice_is_executed_once_and_answered_twice(car: ServedFirmware) -> None:
    wire = car.wire("ping")
    first = car.feed(wire)
    car.ask("pass_time", step_us=50_000)  # executed again, it would tell another uptime
    assert car.feed(wire) == first
    assert car.counter("commands_executed") == 1
    assert car.counter("commands_repeated") == 1


def test_a_repeated_reply_survives_telemetry_in_between(car: ServedFirmware) -> None:
    car.command("rate", hz=100)
    wire = car.wire("ping", token=99).hex()
    first = car.ask("on_link", data=wire)["sent"]
    telemetry = car.frames(car.ask("pass_time", step_us=10_000, turns=8)["sent"])
    assert [frame.kind for frame in telemetry] == [Kind.TELEMETRY] * 2
    assert car.ask("on_link", data=wire)["sent"] == first




@pytest.mark.parametrize("body", [b"\xff\xff\xff", b"\x5e\xf8\xff", b""])
def test_a_body_that_does_not_decode_is_answered_with_bad_body(car: ServedFirmware, body: bytes) -> None:
    (reply,) = car.feed(car.command_frame(body, stored=False))
    assert reply.kind is Kind.REPLY
    assert car.message(reply) == bytes([0, Status.BAD_BODY])
    assert car.counter("commands_executed") == 0


def test_every_command_code_is_answered(car: ServedFirmware) -> None:
    fixed = {command.code for command in COMMANDS if not command.trailing}
    open_ended = {command.code for command in COMMANDS if command.trailing}
    for code in range(256):
        (reply,) = car.feed(car.wire_of(bytes([code, 0xEE] * 20)))
        told = car.message(reply)
        if code in open_ended:
            assert told[:1] == bytes([code])
            assert told[1] not in (Status.OK, Status.UNKNOWN_COMMAND)
        else:
            status = Status.BAD_ARGUMENTS if code in fixed else Status.UNKNOWN_COMMAND
            assert told == bytes([code, status])


def test_arguments_that_are_too_short_for_an_open_ended_command_are_refused(car: ServedFirmware) -> None:
    for command in COMMANDS:
        if command.trailing and command.argument_bytes:
            (reply,) = car.feed(car.wire_of(bytes([command.code]) + bytes(command.argument_bytes - 1)))
            assert car.message(reply) == bytes([command.code, Status.BAD_ARGUMENTS])


@pytest.mark.parametrize("number", range(len(PARAMETERS)))
def test_a_parameter_can_be_set_to_its_bounds_and_not_beyond(car: ServedFirmware, number: int) -> None:
    parameter = PARAMETERS[number]
    beyond = (parameter.low - 1, parameter.high + 1, (1 << 30) + parameter.low, (1 << 31) - 1, -(1 << 31))
    for value in (*beyond, parameter.low, parameter.high):
        packed = (value & 0xFFFF_FFFF).to_bytes(4, "little")
        before = car.state["parameters"][number]
        (frame,) = car.feed(car.wire_of(bytes([6, number]) + packed))
        status = Status.OUT_OF_RANGE if value in beyond else Status.OK
        assert parse_reply(car.message(frame)).status is status
        assert car.state["parameters"][number] == (before if value in beyond else value)


def test_a_busy_uart_gets_every_byte_in_the_end(car: ServedFirmware) -> None:
    (reply,) = car.feed(car.wire("info"), per_write=3)
    assert parse_reply(car.message(reply)).values["application"] == "patrol"


def test_counters_tell_the_time_and_what_happened(car: ServedFirmware) -> None:
    car.ask("pass_time", step_us=1_500_500, turns=4)
    car.feed(b"\x01\x02\x00")
    values = car.command("counters").values
    assert values["uptime_ms"] == 6002
    assert values["frames_received"] == 2
    assert values["frames_bad"] == 1
    assert values["bytes_dropped"] == 3
    assert values["telemetry_frames"] == 1
    assert values["telemetry_rows"] == 4
    assert values["heap_free"] > 10_000


def test_reboot_is_answered_before_it_is_done(car: ServedFirmware) -> None:
    car.command("drive", speed=300)
    assert car.command("reboot").status is Status.OK
    assert car.state["reboot_wanted"]
    assert car.state["duties"] == [0, 0]


def test_receiving_a_command_leaves_nothing_on_the_heap(car: ServedFirmware) -> None:
    for name, values in (
        ("ping", {"token": 0xFFFF}),
        ("drive", {"speed": -3000, "turn": 720}),
        ("info", {}),
        ("get", {"parameter": 3}),
        ("set", {"parameter": 3, "value": 200}),
        ("rate", {"hz": 1000}),
        ("counters", {}),
        ("key", {}),
        ("stop", {}),
        ("resume", {}),
    ):
        early = car.wire("ping", ahead=2)
        wire = car.wire(name, **values)
        last = Kind.HALT if name == "stop" else Kind.ALIVE
        beats = car.session_frame(Kind.ALIVE, car.next) + car.session_frame(last, car.next + 1)
        stream = early + wire + b"\x05garbage\x00" + wire + beats + car.hello(nonce=car.next)
        assert len(car.feed(stream, locked=True)) == 6
        assert len(car.feed(car.wire("ping"), locked=True)) == 2
        car.skip()
    assert car.counter("commands_executed") == 3 * 10
    for refused in ("0600ffffff7f", "060000000080", "06ff00000000", "ff" * 256):
        assert len(car.feed(car.wire_of(bytes.fromhex(refused)), locked=True)) == 1
    assert len(car.feed(car.session_frame(Kind.COMMAND, car.next + 20_000), locked=True)) == 0
    car.greet(99)
    assert len(car.feed(car.wire("ping"), locked=True)) == 1


def test_profile_measures_and_leaves_the_car_as_it_was(car: ServedFirmware) -> None:
    car.command("drive", speed=300, turn=20)
    before = car.state
    values = car.command("profile").values
    after = car.state
    for counted in (COUNTERS.index("frames_received"), COUNTERS.index("commands_executed")):
        assert after["counters"][counted] == before["counters"].pop(counted) + 1
        before["counters"].insert(counted, after["counters"][counted])
    assert after == before
    assert values["block_bytes"] == 1024
    assert values["frame_bytes"] == len(car.wire("drive", speed=300, turn=-20))
    assert values["encode_rows"] == PROFILE_FRAMES
    assert values["receive_heap_bytes"] == values["encode_heap_bytes"] == 0
