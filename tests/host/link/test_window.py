"""Several commands under way: in order, once, or told of; and no more than the car can hold."""

from __future__ import annotations

import pytest

from host.link import Link, NoReplyError, SessionLostError
from host.link.timing import HIGHEST_S, LOWEST_S, RetransmissionTimer
from protocol.frame import Deframer, Kind
from tests.host.fake_board import FakeBoard, FakeClock


def tokens(board: FakeBoard) -> list[int]:
    return [values["token"] for name, values in board.executed if name == "ping"]


def test_commands_under_way_together_are_executed_in_order(link: Link, board: FakeBoard) -> None:
    pending = [link.submit("ping", {"token": token}) for token in range(30)]
    assert [link.wait(each).values["token"] for each in pending] == list(range(30))
    assert tokens(board) == list(range(30))


def test_eight_are_under_way_and_the_ninth_waits_for_room(link: Link, board: FakeBoard) -> None:
    link.hello()
    board.ignores_all = True
    for token in range(8):
        link.submit("ping", {"token": token})
    board.ignores_all = False
    link.wait(link.submit("ping", {"token": 8}))
    assert tokens(board) == list(range(9))


def test_one_lost_of_a_window_comes_again_before_its_time_is_up(
    link: Link, board: FakeBoard, clock: FakeClock
) -> None:
    link.send("ping", {"token": 0})
    board.ignores_commands = 1
    started = clock.now
    pending = [link.submit("ping", {"token": token}) for token in range(1, 6)]
    assert [link.wait(each).values["token"] for each in pending] == [1, 2, 3, 4, 5]
    assert clock.now - started < LOWEST_S
    assert tokens(board) == list(range(6))
    assert link.counters.retries == 1


def test_a_lost_last_command_is_found_out_by_a_heartbeat(
    link: Link, board: FakeBoard, clock: FakeClock
) -> None:
    link.send("ping", {"token": 0})
    board.ignores_commands = 1
    started = clock.now
    link.send("ping", {"token": 1})
    assert clock.now - started < LOWEST_S
    assert tokens(board) == [0, 1]


def test_lost_replies_of_a_window_are_asked_for_again(link: Link, board: FakeBoard) -> None:
    link.send("ping", {"token": 0})
    lost = iter([True, False, True, False, True])
    board.on_wire = lambda wire: b"" if next(lost, False) else wire
    pending = [link.submit("ping", {"token": token}) for token in range(1, 6)]
    assert [link.wait(each).values["token"] for each in pending] == [1, 2, 3, 4, 5]
    assert tokens(board) == list(range(6))


def test_when_nothing_gets_through_every_caller_is_told_within_a_bounded_time(
    link: Link, board: FakeBoard, clock: FakeClock
) -> None:
    link.send("ping")
    board.ignores_all = True
    started = clock.now
    pending = [link.submit(name) for name in ("stop", "info", "key")]
    for each in pending:
        with pytest.raises(NoReplyError, match="no reply to stop, info, key from"):
            link.wait(each)
    assert clock.now - started == pytest.approx(4, abs=0.2)
    board.ignores_all = False
    assert link.send("ping", {"token": 9}).values["token"] == 9


def test_a_restart_is_seen_at_once_and_names_what_was_under_way(
    link: Link, board: FakeBoard, clock: FakeClock
) -> None:
    link.send("ping")
    executed = len(board.executed)
    board.restart()
    started = clock.now
    with pytest.raises(SessionLostError) as caught:
        link.send("drive", {"speed": 100})
    message = "the board restarted; 1 command may or may not have been executed: drive"
    assert str(caught.value) == message
    assert clock.now - started < 0.05
    assert len(board.executed) == executed
    link.send("drive", {"speed": 200})
    assert board.executed[executed:] == [("drive", {"speed": 200, "turn": 0})]


def test_a_restart_between_commands_is_told_before_the_next_one(link: Link, board: FakeBoard) -> None:
    link.send("ping")
    board.restart()
    link.next_rows(0.3)
    with pytest.raises(SessionLostError, match="the board restarted; no command was under way"):
        link.send("ping")
    assert link.send("ping", {"token": 3}).values["token"] == 3


def test_heartbeats_go_out_while_somebody_listens(link: Link, board: FakeBoard) -> None:
    link.hello()
    link.next_rows(1.0)
    assert 8 <= board.beats <= 10


def test_an_emergency_stop_needs_no_session_and_no_room(link: Link, board: FakeBoard) -> None:
    link.hello()
    board.ignores_all = True
    for token in range(8):
        link.submit("ping", {"token": token})
    board.ignores_all = False
    board.ignores_commands = 10**6
    link.halt()
    assert board.halts == 1


def test_no_more_is_on_its_way_than_the_cars_ring_holds(
    link: Link, board: FakeBoard, clock: FakeClock
) -> None:
    link.send("ping")
    board.ignores_all = True
    sent = len(board.sent)
    key = bytes(range(200))
    for _ in range(8):
        link.submit_message("ping", b"\x01" + key)
    assert sum(map(len, board.sent[sent:])) <= 1024
    assert len(board.sent) > sent + 2


def test_the_timer_follows_rfc_6298_and_its_bounds() -> None:
    timer = RetransmissionTimer()
    assert timer.timeout_s == 0.5
    timer.measured(0.4)
    assert timer.timeout_s == pytest.approx(min(HIGHEST_S, 0.4 + 4 * 0.2))
    for _ in range(100):
        timer.measured(0.3)
    assert timer.round_trip_s == pytest.approx(0.3, abs=0.01)
    assert timer.timeout_s == pytest.approx(0.32, abs=0.01)
    timer.timed_out()
    assert timer.timeout_s == pytest.approx(0.64, abs=0.02)
    for _ in range(20):
        timer.timed_out()
    assert timer.timeout_s == HIGHEST_S
    for _ in range(100):
        timer.measured(0.001)
    assert timer.timeout_s == LOWEST_S


def test_what_is_sent_again_carries_what_was_seen_meanwhile(link: Link, board: FakeBoard) -> None:
    link.send("ping")
    link.send("ping")
    frames = [
        received.frame for wire in board.sent for received in Deframer(board.contract.hash).feed(wire)
        if received.frame is not None and received.frame.kind is Kind.COMMAND
    ]
    first, second = frames
    assert second.body[2] == first.body[2] + 1 & 255 == second.sequence & 255
