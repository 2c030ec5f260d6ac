"""The board's half of a session: order, once, what is kept and what is refused."""

from __future__ import annotations

from random import Random

import pytest

from host.link.hello import parse_hello
from protocol.frame import Frame, Kind, encode_frame
from protocol.messages import build_command, parse_reply
from protocol.session import FLAG_HALTED, FLAG_NO_SESSION, CommandHead, ReplyHead
from tests.firmware_mpy.served import ServedFirmware
from tests.fuzz import record


def tokens(car: ServedFirmware, frames: list[Frame]) -> list[int]:
    replies = [frame for frame in frames if frame.kind is Kind.REPLY]
    return [parse_reply(car.message(frame)).values["token"] for frame in replies]


def state_of(frame: Frame, car: ServedFirmware) -> tuple[int, int]:
    """(the next command, less the session's; which later ones are kept), as the car says."""
    head = ReplyHead.parse(frame.body)
    return head.next - car.next & 255, head.later


def test_commands_out_of_order_wait_for_the_first_and_are_told_of(car: ServedFirmware) -> None:
    second, fourth = (car.wire("ping", ahead=ahead, token=ahead) for ahead in (1, 3))
    (told,) = car.feed(second)
    assert (told.kind, *state_of(told, car)) == (Kind.ALIVE, 0, 0b001)
    (told,) = car.feed(fourth)
    assert state_of(told, car) == (0, 0b101)
    assert car.counter("commands_executed") == 0
    first, third = (car.wire("ping", ahead=ahead, token=ahead) for ahead in (0, 2))
    assert tokens(car, car.feed(first)) == [0, 1]
    assert tokens(car, car.feed(third)) == [2, 3]
    assert car.counter("commands_executed") == 4
    assert car.counter("commands_early") == 2


def test_whatever_the_order_and_however_often_each_is_executed_once(car: ServedFirmware) -> None:
    random = Random(4)
    for _ in range(20):
        first = car.next
        wires = [car.wire("ping", token=token) for token in range(8)]
        car._next = first
        shuffled = random.sample(wires * 3, 24)
        answers = car.feed(b"".join(shuffled))
        assert sorted(set(tokens(car, answers))) == list(range(8))
        car._next = first + 8
    assert car.counter("commands_executed") == 160


def test_a_command_beyond_the_window_is_refused_and_counted(car: ServedFirmware) -> None:
    assert car.feed(car.wire("stop", ahead=8)) == []
    assert car.feed(car.wire("stop", ahead=30_000)) == []
    assert car.counter("refused_replayed") == 2
    assert car.counter("commands_executed") == 0


def test_a_reply_is_repeated_until_the_host_has_seen_it(car: ServedFirmware) -> None:
    first = car.next
    wire = car.command_frame(build_command("ping", {"token": 7}), True)
    car.feed(wire)
    for _ in range(6):
        car.feed(car.command_frame(build_command("stop", {}), True, seen=first))
    assert tokens(car, car.feed(wire)) == [7]
    car.feed(car.command_frame(build_command("stop", {}), True))
    (told,) = car.feed(wire)
    assert told.kind is Kind.ALIVE


@pytest.mark.parametrize("seed", range(5))
def test_replies_of_any_length_are_kept_whole_until_they_are_seen(car: ServedFirmware, seed: int) -> None:
    """None overwrites another, and there is always room again once the host has seen them all."""
    random = Random(seed)
    steps = [random.choice((0, random.randint(1, 256), 256)) for _ in range(120)]
    refused, wrong, most = (car.ask("replies_kept", steps=steps)[key] for key in ("refused", "wrong", "most"))
    assert wrong == 0
    assert refused > 0
    assert most >= 3


def test_no_room_for_commands_ahead_is_told_by_their_missing_bits(car: ServedFirmware) -> None:
    long = b"\x01" + bytes(200)
    for ahead in range(1, 8):
        (told,) = car.feed(car.command_frame(long, True, ahead=ahead))
    assert state_of(told, car) == (0, 0b0001111)
    (*_, last) = car.feed(car.command_frame(build_command("stop", {}), True))
    assert state_of(last, car) == (4, 0)


def test_a_session_is_replaced_by_the_first_frame_of_the_next_not_by_its_hello(car: ServedFirmware) -> None:
    car.command("ping")
    old, wire = car.session, car.wire("ping", token=5)
    car.feed(car.hello(nonce=777))
    assert tokens(car, car.feed(wire)) == [5]
    assert old == car.session
    car.greet(778)
    car.command("stop")
    (notice,) = car.feed(wire)
    greeting = parse_hello(notice.body)
    assert greeting is not None
    assert greeting.offer is not None
    assert greeting.offer.flags & FLAG_NO_SESSION
    assert greeting.offer.session.nonce & 0xFFFF == old.tag
    assert car.counter("refused_session") == 1


def test_commands_kept_early_do_not_outlive_their_session(car: ServedFirmware) -> None:
    car.feed(car.wire("drive", ahead=1, speed=300))
    car.greet()
    car.command("ping")
    car.command("ping")
    assert car.state["speed"] == 0


def test_a_recorded_session_replayed_executes_nothing(car: ServedFirmware) -> None:
    hello = car.hello(nonce=0xABCD_1234)
    car.greet(0xABCD_1234)
    recorded = hello + b"".join(car.wire("drive", speed=speed) for speed in (100, 200, 300))
    car.feed(recorded[len(hello) :])
    executed = car.counter("commands_executed")
    assert executed == 3
    car.greet()
    car.command("stop")
    car.feed(recorded)
    assert car.counter("commands_executed") == executed + 1
    assert car.counter("refused_session") == 3
    assert car.state["speed"] == 0


def test_the_same_hello_twice_is_offered_the_same_session(car: ServedFirmware) -> None:
    assert car.greet(5) == car.greet(5)
    assert car.greet(6) != car.greet(5)


@pytest.mark.parametrize("size", [0, 1, 2])
def test_a_body_too_short_for_its_head_is_of_no_session(car: ServedFirmware, size: int) -> None:
    body = CommandHead.build({"tag": car.session.tag, "seen": 0})[:size]
    (notice,) = car.feed(encode_frame(Frame(Kind.COMMAND, car.next & 0xFFFF, body), car.contract.hash))
    assert notice.kind is Kind.HELLO
    assert car.counter("commands_executed") == 0


def test_numbers_go_on_where_16_bits_begin_again(car: ServedFirmware) -> None:
    car.greet(0xFFFD_0001)
    for token in range(6):
        assert car.command("ping", token=token).values["token"] == token
    assert car.counter("commands_executed") == 6


def test_heartbeats_are_answered_once_each_and_only_forward(car: ServedFirmware) -> None:
    for beat in (1, 2, 5):
        (answer,) = car.feed(car.session_frame(Kind.ALIVE, beat))
        assert (answer.kind, answer.sequence) == (Kind.ALIVE, beat)
        assert car.feed(car.session_frame(Kind.ALIVE, beat)) == []
    assert car.feed(car.session_frame(Kind.ALIVE, 4)) == []
    assert car.counter("refused_replayed") == 4


def test_halt_stops_first_holds_and_is_ended_by_resume(car: ServedFirmware) -> None:
    car.command("drive", speed=300)
    for beat in (9, 3, 9):  # out of step, and again
        (answer,) = car.feed(car.session_frame(Kind.HALT, beat))
        assert answer.kind is Kind.HALT
        assert answer.body[-1] & FLAG_HALTED
        assert car.state["duties"] == [0, 0]
    assert car.counter("halts") == 1
    assert car.command("drive", speed=300).status.name == "HALTED"
    assert car.command("stop").status.name == "OK"
    car.command("resume")
    assert car.command("drive", speed=300).status.name == "OK"
    assert car.state["duties"] == [300, 300]


def test_halt_needs_no_session(car: ServedFirmware) -> None:
    car.command("drive", speed=300)
    body = CommandHead.build({"tag": car.session.tag ^ 1, "seen": 0})
    (answer,) = car.feed(encode_frame(Frame(Kind.HALT, 0, body), car.contract.hash))
    assert answer.kind is Kind.HALT
    assert car.state["duties"] == [0, 0]


def test_halt_works_when_the_window_is_full(car: ServedFirmware) -> None:
    car.command("drive", speed=300)
    for ahead in range(1, 8):
        car.feed(car.wire("drive", ahead=ahead, speed=500))
    car.feed(car.session_frame(Kind.HALT, 1))
    assert car.state["duties"] == [0, 0]
    car.feed(car.wire("ping", ahead=0))
    assert car.state["duties"] == [0, 0]


def test_the_links_ram_is_counted_and_small(car: ServedFirmware, request: pytest.FixtureRequest) -> None:
    ram = car.ask("link_ram")
    record(f"RAM of the link, bytes, {request.node.callspec.id}", {**ram, "uart_ring": 1024})
    word = 2 if request.node.callspec.id == "unix" else 1  # of 64 bits there
    assert 0 < ram["link"] <= 6 * 1024 * word
    assert 0 < ram["signer"] <= 2 * 1024 * word
