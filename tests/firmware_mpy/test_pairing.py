"""A paired car: what it obeys, what it refuses and counts, and what of it outlives a restart."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from host.link.hello import parse_hello
from protocol.frame import Deframer, Frame, Kind, encode_frame
from protocol.messages import Status, build_command, parse_reply
from protocol.session import UP, Session
from tests.firmware_mpy.served import ServedFirmware

KEY = bytes(range(1, 33))
OTHER_KEY = bytes(32)


@pytest.fixture
def paired(car: ServedFirmware) -> Iterator[ServedFirmware]:
    """A car with a key, greeted by who has it."""
    assert pair(car, KEY) is Status.OK
    car.key = KEY
    car.greet()
    yield car
    car.key = None


def pair(car: ServedFirmware, key: bytes) -> Status:
    (reply,) = car.feed(car.wire_of(build_command("pair", {"key": key})))
    return parse_reply(car.message(reply)).status


def refused(car: ServedFirmware) -> dict[str, int]:
    names = ("session", "replayed", "unsigned", "forged", "paired")
    return {name: count for name in names if (count := car.counter(f"refused_{name}"))}


@settings(max_examples=40, deadline=None)
@given(
    key=st.binary(min_size=32, max_size=32), head=st.binary(min_size=22, max_size=22),
    body=st.binary(max_size=300), variant=st.integers(0, 2),
)
def test_codes_are_those_of_hmac_sha256(
    firmware: ServedFirmware, key: bytes, head: bytes, body: bytes, variant: int
) -> None:
    answer = firmware.ask("signed", variant=-variant, key=key.hex(), head=head.hex(), body=body.hex())
    assert answer["code"] == hmac.digest(key, head + body, "sha256").hex()


def test_signed_commands_are_executed_and_answered_with_a_signed_reply(paired: ServedFirmware) -> None:
    number = paired.next
    (frame,) = paired.feed(paired.wire("ping", token=7))
    assert parse_reply(paired.message(frame)).values["token"] == 7
    body, code = frame.body[:-8], frame.body[-8:]
    assert code == paired.session.sign(KEY, paired.contract.hash, UP, number, frame.control, body)
    assert refused(paired) == {}


def test_a_paired_car_refuses_another_key_also_from_its_owner(paired: ServedFirmware) -> None:
    assert pair(paired, OTHER_KEY) is Status.PAIRED
    paired.key = None
    assert paired.feed(paired.wire_of(build_command("pair", {"key": OTHER_KEY}))) == []
    assert refused(paired) == {"paired": 1, "unsigned": 1}
    paired.key = KEY
    paired.greet()
    assert paired.command("ping").status is Status.OK


def test_the_session_in_which_a_car_was_paired_is_over(car: ServedFirmware) -> None:
    car.command("ping")
    assert pair(car, KEY) is Status.OK
    (notice,) = car.feed(car.wire("drive", speed=300))
    assert notice.kind is Kind.HELLO
    assert car.state["speed"] == 0


@pytest.mark.parametrize("kind", [Kind.COMMAND, Kind.ALIVE, Kind.HALT])
def test_unsigned_frames_are_refused_and_counted(paired: ServedFirmware, kind: Kind) -> None:
    paired.command("drive", speed=300)
    executed = paired.counter("commands_executed")
    paired.key = None
    body = build_command("drive", {"speed": 900, "turn": 0}) if kind is Kind.COMMAND else b""
    assert paired.feed(paired.session_frame(kind, paired.next, body, stored=True)) == []
    assert refused(paired) == {"unsigned": 1}
    assert paired.state["duties"] == [300, 300]
    assert paired.counter("commands_executed") == executed


def test_frames_signed_with_another_key_are_refused_and_counted(paired: ServedFirmware) -> None:
    paired.command("ping")
    paired.key = OTHER_KEY
    for kind in (Kind.COMMAND, Kind.ALIVE, Kind.HALT):
        assert paired.feed(paired.session_frame(kind, paired.next, b"\x04", stored=True)) == []
    assert refused(paired) == {"forged": 3}
    assert paired.counter("halts") == 0


def test_a_session_with_another_key_never_begins_and_ends_no_other(paired: ServedFirmware) -> None:
    paired.command("ping")
    good, following = paired.session, paired.next
    paired.key = OTHER_KEY
    paired.greet()
    assert paired.feed(paired.wire("drive", speed=300)) == []
    assert refused(paired) == {"forged": 1}
    paired.key, paired._session, paired._next = KEY, good, following
    assert paired.command("ping", token=3).values["token"] == 3


def recorded_session(car: ServedFirmware) -> list[bytes]:
    """Three commands and two heartbeats of a session with its HELLO, as they were on the wire."""
    nonce = 0xBEEF_0001
    hello = car.hello(nonce=nonce)
    car.greet(nonce)
    frames = [car.wire("drive", speed=100 * at) for at in (1, 2, 3)]
    frames += [car.session_frame(Kind.ALIVE, beat) for beat in (1, 2)]
    for frame in frames:
        car.feed(frame)
    return [hello, *frames]


@pytest.mark.parametrize("restarted", [False, True])
def test_a_recorded_session_replayed_is_refused(paired: ServedFirmware, restarted: bool) -> None:
    recorded = recorded_session(paired)
    if restarted:
        paired.ask("restart", paired=True)
    else:
        paired.greet()
        paired.command("stop")
    before = paired.counter("commands_executed")
    paired.feed(b"".join(recorded))
    assert paired.counter("commands_executed") == before
    assert paired.state["speed"] == 0
    assert refused(paired) in ({"session": 5}, {"forged": 5})


def test_a_recorded_session_replayed_while_it_goes_on_executes_nothing(paired: ServedFirmware) -> None:
    recorded = recorded_session(paired)
    before = paired.counter("commands_executed")
    paired.feed(b"".join(recorded))
    assert paired.counter("commands_executed") == before
    assert paired.counter("commands_repeated") == 3
    assert paired.counter("refused_replayed") == 2


def test_a_recorded_session_with_any_bit_flipped_is_refused(paired: ServedFirmware) -> None:
    """Flipped behind the checksum's back: each frame has a checksum that fits."""
    recorded = recorded_session(paired)
    before = paired.counter("commands_executed")
    tried = 0
    for wire in recorded[1:]:
        (received,) = Deframer(paired.contract.hash).feed(wire)
        frame = received.frame
        assert frame is not None
        stream = []
        for bit in range(8 * len(frame.body)):
            body = bytearray(frame.body)
            body[bit // 8] ^= 1 << bit % 8
            stream.append(encode_frame(replace(frame, body=bytes(body)), paired.contract.hash))
        for bit in range(16):
            moved = replace(frame, sequence=frame.sequence ^ 1 << bit)
            stream.append(encode_frame(moved, paired.contract.hash))
        for other in (replace(frame, stored=not frame.stored), replace(frame, key=False)):
            stream.append(encode_frame(other, paired.contract.hash))
        tried += len(stream)
        for at in range(0, len(stream), 20):
            paired.feed(b"".join(stream[at : at + 20]))
    assert paired.counter("commands_executed") == before
    counts = refused(paired)
    assert sum(counts.values()) == tried
    assert set(counts) == {"session", "forged", "unsigned"}
    assert counts["session"] == 5 * 16  # the tag's bits
    assert counts["unsigned"] == 5


def test_each_start_in_which_a_host_greets_has_another_number(paired: ServedFirmware) -> None:
    boots = [paired.session.boot]
    for _ in range(5):
        paired.ask("restart", paired=True)
        assert paired.ask("boot_files")["writes"] == 0
        paired.greet()
        paired.greet()
        boots.append(paired.session.boot)
        assert paired.command("ping").status is Status.OK
    assert boots == list(range(boots[0], boots[0] + 6))


@pytest.mark.parametrize("damage", ["older", "newer", "both", "older gone"])
def test_a_record_damaged_by_a_failing_power_lets_no_number_come_again(
    paired: ServedFirmware, damage: str
) -> None:
    for _ in range(3):
        paired.ask("restart", paired=True)
        session: Session = paired.greet()
    paired.ask("restart", paired=True)
    paired.ask("damage_boot", which=damage)
    after = paired.greet()
    if damage == "both":
        assert paired.feed(paired.wire("ping")) == []
        assert refused(paired) == {"forged": 1}
    elif damage != "newer":  # the newer is damaged only while it is written: before it was offered
        assert after.boot == session.boot + 1
        assert paired.command("ping").status is Status.OK


def test_a_car_that_lost_power_while_it_was_paired_is_paired_or_not(car: ServedFirmware) -> None:
    car.ask("torn_key")
    car.ask("restart", paired=True)
    car.greet()
    assert car.command("ping").status is Status.OK
    assert pair(car, KEY) is Status.OK


def test_unpaired_at_the_console_it_takes_another_key(paired: ServedFirmware) -> None:
    paired.ask("unpair")
    paired.ask("restart", paired=True)
    paired.key = None
    paired.greet()
    assert paired.command("ping").status is Status.OK
    assert pair(paired, OTHER_KEY) is Status.OK
    paired.key = OTHER_KEY
    paired.greet()
    assert paired.command("ping").status is Status.OK


def test_signed_frames_leave_nothing_on_the_heap(paired: ServedFirmware) -> None:
    assert len(paired.feed(paired.wire("drive", speed=300), locked=True)) == 1
    stream = paired.wire("ping", ahead=1) + paired.wire("ping") + paired.session_frame(Kind.ALIVE, 1)
    assert len(paired.feed(stream, locked=True)) == 4


def test_an_unpaired_car_refuses_signed_frames(car: ServedFirmware) -> None:
    car.key = KEY
    assert car.feed(car.wire("drive", speed=300)) == []
    car.key = None
    assert refused(car) == {"forged": 1}
    assert car.state["speed"] == 0


def test_a_paired_car_says_so(paired: ServedFirmware) -> None:
    (frame,) = paired.feed(paired.hello(nonce=3))
    greeting = parse_hello(frame.body)
    assert isinstance(frame, Frame)
    assert greeting is not None
    assert greeting.offer is not None
    assert greeting.offer.is_paired
