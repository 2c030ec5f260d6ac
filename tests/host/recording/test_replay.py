"""A fresh decoder finds in a recording's frames what was recorded, to the value; what differs is found."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from host.cli.main import run
from host.link import Link
from host.recording import Recorder, Recording
from host.recording.replay import Proof, prove
from protocol.contract import Contract
from protocol.schema import Row
from protocol.telemetry import Decoded, RowStatus
from tests.host.fake_board import FakeBoard, FakeClock
from tests.host.recording.conftest import Play, made_rows


def proof_of(path: Path) -> Proof:
    return prove(Recording(path))


def test_a_recording_equals_its_frames(
    path: Path, recorder: Recorder, play: Play, contract: Contract
) -> None:
    play(made_rows(contract, 30))
    recorder.close()
    proof = proof_of(path)
    assert (proof.rows, proof.equal, proof.differences) == (30, 30, 0)
    assert proof.holds


def test_losses_and_damage_on_the_line_are_no_differences(
    path: Path, recorder: Recorder, play: Play, board: FakeBoard, contract: Contract
) -> None:
    rows = made_rows(contract, 40)
    play(rows[:10])
    board.sample(rows[10])  # never said
    board.on_wire = lambda wire: wire[:4] + bytes([wire[4] ^ 0x20]) + wire[5:]
    play(rows[11:13])
    board.on_wire = lambda wire: wire
    play(rows[13:])
    recorder.close()
    proof = proof_of(path)
    assert proof.differences == 0
    assert proof.equal == proof.rows >= 10
    assert proof.frames_bad == 2


def test_each_link_has_a_decoder_of_its_own(
    path: Path, recorder: Recorder, play: Play, board: FakeBoard, contract: Contract
) -> None:
    play(made_rows(contract, 5))
    recorder.received(b"\x03half a fra", 1001.0)
    clock = FakeClock()
    other = FakeBoard(clock, contract)
    link = Link(other, contract, clock=clock, observer=recorder)
    for wire in other.sample(*made_rows(contract, 5, start_us=77)):
        other.say(wire)
    link.next_rows(0)
    recorder.close()
    proof = proof_of(path)
    assert (proof.equal, proof.differences, proof.links) == (10, 0, 2)


def test_a_recorder_that_joins_a_link_says_which_rows_cannot_be_compared(
    path: Path, recorder: Recorder, board: FakeBoard, clock: FakeClock, link: Link, contract: Contract
) -> None:
    link.hello()
    rows = made_rows(contract, 10)
    for row in rows[:4]:
        board.say(*board.sample(row))
    link.next_rows(0)
    link.observe(recorder)
    for row in rows[4:7]:
        board.say(*board.sample(row))
    link.next_rows(0)
    link.request_key()
    for row in rows[7:]:
        board.say(*board.sample(row))
    link.next_rows(0)
    recorder.close()
    proof = proof_of(path)
    assert (proof.rows, proof.before_key, proof.equal, proof.differences) == (6, 3, 3, 0)


def test_rows_without_a_key_frame_are_differences_in_a_link_that_was_not_joined(
    path: Path, recorder: Recorder, watched: Link, board: FakeBoard, contract: Contract
) -> None:
    rows = made_rows(contract, 3)
    board.sample(rows[0])
    board.say(b"".join(board.sample(*rows[1:])))
    watched.next_rows(0)
    recorder.decoded(Decoded(RowStatus.GOOD, tuple(rows[1:]), 0), 1.0)
    recorder.close()
    assert proof_of(path).differences == 2


def test_what_the_writer_had_no_time_for_is_no_difference(
    path: Path, recorder: Recorder, watched: Link, board: FakeBoard, contract: Contract
) -> None:
    first, *rest = board.sample(*made_rows(contract, 3))
    board.say(first)
    watched.next_rows(0)
    recorder.received(b"".join(rest), 1002.0)
    recorder.close(interrupted=True)
    proof = proof_of(path)
    assert (proof.equal, proof.differences, proof.unwritten) == (1, 0, 2)


def test_frames_without_rows_are_differences_in_a_recording_that_was_ended(
    path: Path, recorder: Recorder, watched: Link, board: FakeBoard, contract: Contract
) -> None:
    recorder.received(b"".join(board.sample(*made_rows(contract, 3))), 1002.0)
    recorder.close()
    assert proof_of(path).differences == 3


@pytest.mark.parametrize("what", ["value", "time", "missing", "invented"])
def test_a_row_that_is_not_what_its_frame_says_is_found(
    what: str, path: Path, recorder: Recorder, watched: Link, board: FakeBoard, contract: Contract,
    capsys: pytest.CaptureFixture[str],
) -> None:
    decoded = recorder.decoded
    rows = made_rows(contract, 8)
    wrong = {
        "value": (Row(rows[3].time_us, (*rows[3].values[:-1], 1)),), "time": (Row(1, rows[3].values),),
        "missing": (), "invented": (rows[3], Row(rows[3].time_us + 1, rows[3].values)),
    }[what]
    recorder.decoded = lambda telemetry, now_s: [
        decoded(type(telemetry)(telemetry.status, (row,), 0), now_s)
        for each in telemetry.rows for row in (wrong if each == rows[3] else (each,))
    ]
    for wire in board.sample(*rows):
        board.say(wire)
    watched.next_rows(0)
    recorder.close()
    assert run(["replay", str(path), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["differences"] >= 1
    assert told["told"]
    assert run(["replay", str(path)]) == 1
    assert "difference" in capsys.readouterr().out


def test_the_verb_tells_what_it_compared(
    path: Path, recorder: Recorder, play: Play, contract: Contract, capsys: pytest.CaptureFixture[str]
) -> None:
    play(made_rows(contract, 6))
    recorder.flush()
    assert run(["replay", str(path)]) == 0
    told = capsys.readouterr()
    assert "6 rows, 0 differences" in told.out
    assert "killed or still runs" in told.err
    recorder.close()
    assert run(["replay", str(path), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["rows"], document["differences"], document["finished"]) == (6, 0, True)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25)
@given(data=st.data())
def test_any_rows_however_cut_up_are_the_same_again(
    data: st.DataObject, contract: Contract, tmp_path: Path
) -> None:
    value = st.integers(-(1 << 31), (1 << 31) - 1)
    width = len(contract.schema.channels)
    row = st.builds(Row, st.integers(0, (1 << 32) - 1), st.tuples(*[value] * width))
    rows = data.draw(st.lists(row, min_size=1, max_size=12))
    clock = FakeClock()
    board = FakeBoard(clock, contract)
    stream = b"".join(board.sample(*rows))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    path = tmp_path / "any.mcap"
    with Recorder(path, contract, epoch_ns=0, flush_s=1000, force=True) as recorder:
        link = Link(board, contract, clock=clock, observer=recorder)
        for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
            board.say(stream[start:end])
            link.next_rows(0)
    recorded = [
        Row(entry.data["time_us"] & 0xFFFF_FFFF, tuple(entry.data["raw"]))
        for entry in Recording(path).entries(("/telemetry",))
    ]
    assert recorded == rows
    assert proof_of(path).equal == len(rows)
