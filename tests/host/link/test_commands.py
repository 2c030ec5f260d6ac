from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host.link import CommandRefusedError, Link, LinkError, NoReplyError
from protocol.contract import load_contract
from protocol.frame import FrameStatus
from protocol.messages import MessageError, Status
from tests.host.fake_board import FakeBoard, FakeClock


def test_a_command_comes_back_with_the_cars_reply(link: Link, board: FakeBoard) -> None:
    reply = link.send("drive", {"speed": 300, "turn": -20})
    assert (reply.command, reply.status, reply.values) == ("drive", Status.OK, {"speed": 300, "turn": -20})
    assert board.executed == [("drive", {"speed": 300, "turn": -20})]


def test_commands_have_a_sequence_number_each(link: Link, board: FakeBoard) -> None:
    for _ in range(3):
        link.send("stop")
    assert len(board.executed) == 3
    assert board.repeated == 0


def test_numbers_go_on_where_16_bits_begin_again(board: FakeBoard, clock: FakeClock) -> None:
    link = Link(board, board.contract, clock=clock, random=lambda size: b"\x00\x00\xfe\xff")
    for token in range(5):
        assert link.send("ping", {"token": token}).values["token"] == token
    assert board.repeated == 0


def test_a_command_that_is_lost_is_sent_again(link: Link, board: FakeBoard) -> None:
    board.ignores_commands = 3
    link.send("stop")
    assert board.executed == [("stop", {})]
    assert link.counters.retries == 3


def test_a_second_try_is_read_even_when_the_first_lost_its_end(link: Link, board: FakeBoard) -> None:
    link.hello()
    first = iter([True])
    board.on_wire_down = lambda wire: wire[:-2] if next(first, False) else wire
    link.send("stop")
    assert link.counters.retries == 1


def test_a_command_whose_reply_is_lost_is_executed_once_only(link: Link, board: FakeBoard) -> None:
    link.hello()
    passing = iter([False, False])
    board.on_wire = lambda wire: wire if next(passing, True) else b""
    assert link.send("drive", {"speed": 100}).values["speed"] == 100
    assert len(board.executed) == 1
    assert board.repeated == 1


def test_a_corrupted_reply_is_counted_and_asked_for_again(link: Link, board: FakeBoard) -> None:
    link.hello()
    link.next_rows(0)
    first = iter([True])
    board.on_wire = lambda wire: wire[:3] + bytes([wire[3] ^ 0x40]) + wire[4:] if next(first, False) else wire
    before = link.counters.frames[FrameStatus.GOOD]
    link.send("ping")
    counters = link.counters
    assert counters.frames_bad == 1
    assert counters.frames[FrameStatus.GOOD] == before + 2  # a heartbeat's answer, and the reply
    assert counters.retries == 1


def test_a_reply_that_comes_twice_answers_one_command_only(link: Link, board: FakeBoard) -> None:
    board.on_wire = lambda wire: wire + wire
    assert link.send("ping", {"token": 1}).values["token"] == 1
    assert link.send("ping", {"token": 2}).values["token"] == 2
    link.next_rows(0)
    assert link.counters.replies_stray == 2


def test_a_reply_to_an_earlier_command_is_not_taken_for_this_ones(link: Link, board: FakeBoard) -> None:
    link.hello()
    late: list[bytes] = []
    board.on_wire = lambda wire: late.append(wire) or b""
    with pytest.raises(NoReplyError):
        link.send("ping", {"token": 1})
    board.on_wire = lambda wire: b"".join(late) + wire
    assert link.send("ping", {"token": 2}).values["token"] == 2
    assert link.counters.refused_session > 0


def test_no_reply_at_all_is_an_error_after_every_try(link: Link, board: FakeBoard, clock: FakeClock) -> None:
    board.ignores_commands = 10**9
    started = clock.now
    with pytest.raises(NoReplyError, match=r"no reply to stop from fake://board in 4 s"):
        link.send("stop")
    assert clock.now - started == pytest.approx(4, abs=0.2)
    assert link.counters.retries >= 4


def test_the_car_can_refuse(link: Link, board: FakeBoard) -> None:
    board.status = Status.OUT_OF_RANGE
    with pytest.raises(CommandRefusedError, match="the board refused set: a value is outside") as caught:
        link.send("set", {"parameter": 0, "value": 5})
    assert caught.value.reply.status is Status.OUT_OF_RANGE


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.OK])
def test_every_refusal_has_a_reason(link: Link, board: FakeBoard, status: Status) -> None:
    board.status = status
    with pytest.raises(CommandRefusedError, match="the board refused ping: "):
        link.send("ping")


@pytest.mark.parametrize(("name", "values"), [("fly", {}), ("drive", {"speed": 3001}), ("rate", {})])
def test_a_wrong_command_is_refused_before_anything_is_sent(
    link: Link, board: FakeBoard, name: str, values: dict[str, int]
) -> None:
    with pytest.raises(MessageError):
        link.send(name, values)
    assert board.sent == []


def test_an_unplugged_port_is_an_error_for_the_caller(link: Link, board: FakeBoard) -> None:
    link.send("ping")
    board.unplugged = True
    with pytest.raises(LinkError, match="unplugged"):
        link.send("ping")
    with pytest.raises(LinkError, match="unplugged"):
        link.next_rows()


def test_a_closed_link_says_so_and_closes_its_port(link: Link, board: FakeBoard) -> None:
    with link:
        link.send("ping")
    assert board.closed
    with pytest.raises(LinkError, match="is closed"):
        link.send("ping")
    link.close()


@given(st.lists(st.sampled_from(["pass", "lose", "flip", "cut", "noise"]), max_size=2))
def test_whatever_happens_to_two_replies_a_command_is_executed_once(faults: list[str]) -> None:
    # Two of four: a reply without its end takes the next one along.
    clock, contract = FakeClock(), load_contract()
    board = FakeBoard(clock, contract)
    left = iter(faults)
    board.on_wire = lambda wire: _faulty(wire, next(left, "pass"))
    reply = Link(board, contract, clock=clock).send("drive", {"speed": 250, "turn": 9})
    assert reply.values == {"speed": 250, "turn": 9}
    assert len(board.executed) == 1


def _faulty(wire: bytes, fault: str) -> bytes:
    return {
        "pass": wire,
        "lose": b"",
        "flip": bytes([wire[0] ^ 1]) + wire[1:],
        "cut": wire[: len(wire) // 2],
        "noise": b"\x07\x55\xaa" + wire,
    }[fault]
