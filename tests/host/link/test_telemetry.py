from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from host.link import Link
from host.link.receiver import ASK_EVERY, MAX_QUEUED_ROWS, Receiver
from host.train.car import plausible_log
from protocol.contract import load_contract
from protocol.schema import Row
from tests.host.fake_board import FakeBoard, FakeClock

ROWS = plausible_log(40, seed=7).rows
CONTRACT = load_contract()


def test_rows_come_out_as_they_went_in(link: Link, board: FakeBoard) -> None:
    for wire in board.sample(*ROWS):
        board.say(wire)
    assert tuple(link.telemetry(timeout_s=0.1)) == ROWS
    counters = link.counters
    assert (counters.rows, counters.telemetry_frames, counters.lost_frames) == (40, 40, 0)


def test_no_telemetry_is_no_rows_after_the_time_out(link: Link, clock: FakeClock) -> None:
    started = clock.now
    assert link.next_rows(timeout_s=0.5) == []
    assert 0.5 <= clock.now - started < 0.6


def test_telemetry_during_a_command_is_kept(link: Link, board: FakeBoard) -> None:
    for wire in board.sample(*ROWS[:5]):
        board.say(wire)
    link.send("ping")
    assert link.next_rows() == list(ROWS[:5])


def test_after_a_lost_frame_rows_come_again_from_the_next_key_on(link: Link, board: FakeBoard) -> None:
    frames = board.sample(*ROWS[:6])
    link.request_key()
    frames += board.sample(*ROWS[6:10])
    for wire in frames[:2] + frames[3:]:
        board.say(wire)
    assert list(link.telemetry(timeout_s=0.1)) == [*ROWS[:2], *ROWS[6:10]]
    counters = link.counters
    assert (counters.lost_frames, counters.telemetry_without_key) == (1, 3)


def test_a_listener_who_joins_late_asks_for_a_key(link: Link, board: FakeBoard) -> None:
    board.sample(*ROWS[:5])
    board.say(board.sample(ROWS[5])[0])
    assert link.next_rows(timeout_s=0.1) == []
    link.request_key()
    board.say(board.sample(ROWS[6])[0])
    assert link.next_rows() == [ROWS[6]]


def test_a_board_that_begins_anew_has_lost_nothing(link: Link, board: FakeBoard, clock: FakeClock) -> None:
    reborn = FakeBoard(clock, board.contract)
    for wire in board.sample(*ROWS[:9]) + reborn.sample(*ROWS[9:12]):
        board.say(wire)
    assert list(link.telemetry(timeout_s=0.1)) == list(ROWS[:12])
    assert link.counters.lost_frames == 0


def test_rows_that_nobody_fetches_do_not_pile_up() -> None:
    board = FakeBoard(FakeClock(), CONTRACT)
    receiver = Receiver(CONTRACT)
    still = Row(0, tuple(0 for _ in CONTRACT.schema.channels))
    frames = board.sample(*[still] * (MAX_QUEUED_ROWS + 3))
    receiver.feed(b"".join(frames))
    assert receiver.counters.rows_dropped == 3
    assert len(receiver.take_rows()) == MAX_QUEUED_ROWS
    assert receiver.take_rows() == []


@given(st.lists(st.integers(1, 60), max_size=30))
def test_it_does_not_matter_how_the_bytes_are_cut_up(cuts: list[int]) -> None:
    stream = b"".join(FakeBoard(FakeClock(), CONTRACT).sample(*ROWS))
    receiver = Receiver(CONTRACT)
    at = 0
    for size in [*cuts, len(stream)]:
        receiver.feed(stream[at : at + size])
        at += size
    assert tuple(receiver.take_rows()) == ROWS
    assert receiver.counters.bytes_received == receiver.counters.telemetry_bytes == len(stream)


@given(st.binary(max_size=400))
def test_noise_is_never_more_than_bad_frames(noise: bytes) -> None:
    receiver = Receiver(CONTRACT)
    receiver.feed(noise + b"\x00" + b"".join(FakeBoard(FakeClock(), CONTRACT).sample(*ROWS[:3])))
    assert tuple(receiver.take_rows()) == ROWS[:3]


def test_after_a_loss_a_key_is_asked_for_once_and_rows_come_again(link: Link, board: FakeBoard) -> None:
    first, _, third, fourth = board.sample(*ROWS[:4])
    for wire in (first, third, fourth):
        board.say(wire)
    assert link.next_rows(timeout_s=0.1) == [ROWS[0]]
    assert [name for name, _ in board.executed] == ["key"]
    board.say(board.sample(ROWS[4])[0])
    assert link.next_rows() == [ROWS[4]]
    assert link.counters.telemetry_without_key == 2


def test_while_no_key_comes_it_is_asked_for_again_and_again(link: Link, board: FakeBoard) -> None:
    frames = board.sample(*ROWS[: 2 + 2 * ASK_EVERY])
    for wire in frames[2:]:
        board.say(wire)
        link.next_rows(timeout_s=0)
    assert [name for name, _ in board.executed] == ["key", "key"]
