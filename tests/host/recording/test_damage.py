"""A damaged recording: damage costs its own part, is told, and is never taken for a difference."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mcap.reader import make_reader

from host.cli.main import run
from host.link import Link
from host.recording import Recorder, Recording, RecordingError
from host.recording.comparison import Proof
from host.recording.growing_file import END
from host.recording.replay import prove
from protocol.contract import Contract
from protocol.schema import Row
from protocol.telemetry import KEY_INTERVAL_MS, Decoded
from tests.host.fake_board import FakeBoard, FakeClock
from tests.host.recording.conftest import made_rows

ROWS = 60
KEY_ROWS = 10
"""A key frame comes every so many rows."""
CHUNK_ROWS = 3
STEP_US = 1000 * KEY_INTERVAL_MS // KEY_ROWS

Changed = Callable[[Decoded], tuple[Row, ...]]


def recorded(path: Path, contract: Contract, changed: Changed = lambda telemetry: telemetry.rows) -> bytes:
    """A drive in many chunks, some of which end between a frame and its row; as it is before its end."""
    with Recorder(path, contract, epoch_ns=0, flush_s=1000, force=True) as recorder:
        decoded = recorder.decoded
        recorder.decoded = lambda telemetry, now_s: decoded(
            Decoded(telemetry.status, changed(telemetry), telemetry.lost_frames), now_s
        )
        clock = FakeClock()
        board = FakeBoard(clock, contract)
        link = Link(board, contract, clock=clock, observer=recorder)
        link.hello()
        received = recorder.received
        for at, row in enumerate(made_rows(contract, ROWS, step_us=STEP_US)):
            ends_chunk = at % CHUNK_ROWS == CHUNK_ROWS - 1
            splits = ends_chunk and at % 2 == 1

            def split(data: bytes, now_s: float, splits: bool = splits) -> None:
                received(data, now_s)
                if splits:
                    recorder.flush()

            recorder.received = split
            clock.now += STEP_US / 1e6
            board.say(b"".join(board.sample(row)))
            link.next_rows(0)
            if ends_chunk and not splits:
                recorder.flush()
        recorder.flush()
        return path.read_bytes()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("damage")


@pytest.fixture(scope="module")
def kinds(folder: Path, contract: Contract) -> dict[str, bytes]:
    """One drive as a killed recorder leaves it, finished, and mended."""
    finished, mended = folder / "finished.mcap", folder / "mended.mcap"
    killed = recorded(finished, contract)
    assert run(["export", str(finished), str(mended)]) == 0
    return {"killed": killed, "finished": finished.read_bytes(), "mended": mended.read_bytes()}


def chunks_of(content: bytes) -> list[int]:
    """Where the chunks begin."""
    return [match.start() for match in re.finditer(rb"\x06.{36}\x04\0\0\0zstd", content, re.DOTALL)]


def hurt(content: bytes, *places: int, by: int = 0x55) -> bytes:
    changed = bytearray(content)
    for place in places:
        changed[place] ^= by
    return bytes(changed)


def in_chunk(content: bytes, number: int) -> int:
    return chunks_of(content)[number] + 70


def proof_of(path: Path, content: bytes) -> Proof:
    path.write_bytes(content)
    return prove(Recording(path))


@pytest.mark.parametrize("kind", ["killed", "finished", "mended"])
def test_an_undamaged_recording_is_compared_to_the_last_row(
    kind: str, kinds: dict[str, bytes], tmp_path: Path
) -> None:
    proof = proof_of(tmp_path / "whole.mcap", kinds[kind])
    assert (proof.rows, proof.equal, proof.differences) == (ROWS, ROWS, 0)
    assert proof.holds


@pytest.mark.parametrize("kind", ["killed", "finished", "mended"])
@pytest.mark.parametrize("number", [0, 1, 4, 9])
def test_a_damaged_chunk_costs_its_rows_and_those_up_to_the_next_key_frame(
    kind: str, number: int, kinds: dict[str, bytes], tmp_path: Path
) -> None:
    content = kinds[kind]
    proof = proof_of(tmp_path / "hurt.mcap", hurt(content, in_chunk(content, number)))
    assert proof.differences == 0
    assert proof.rows_lost >= 1
    assert proof.equal + proof.not_comparable + proof.rows_lost == ROWS
    assert proof.not_comparable + proof.rows_lost <= CHUNK_ROWS + 1 + KEY_ROWS
    assert not proof.holds


def test_the_verb_says_how_many_rows_a_damaged_chunk_costs(
    kinds: dict[str, bytes], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, content = tmp_path / "hurt.mcap", kinds["finished"]
    path.write_bytes(hurt(content, in_chunk(content, 5)))
    assert run(["replay", str(path), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    count = told["not_comparable"] + told["rows_lost"]
    assert (told["differences"], told["damaged_chunks"], told["holds"]) == (0, 1, False)
    assert count == ROWS - told["equal"] > 0
    assert run(["replay", str(path)]) == 1
    assert f"1 chunk is damaged; {count} rows could not be compared" in capsys.readouterr().out


def test_where_all_rows_are_damaged_there_is_nothing_to_compare(
    kinds: dict[str, bytes], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, content = tmp_path / "hurt.mcap", kinds["finished"]
    path.write_bytes(hurt(content, *(at + 70 for at in chunks_of(content))))
    assert run(["replay", str(path), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["rows_lost"] == ROWS
    assert run(["replay", str(path)]) == 1
    assert "nothing to compare" in capsys.readouterr().out


def test_a_recording_without_rows_proves_nothing(
    path: Path, contract: Contract, capsys: pytest.CaptureFixture[str]
) -> None:
    with Recorder(path, contract):
        pass
    assert run(["replay", str(path)]) == 1
    assert "nothing to compare" in capsys.readouterr().out


@pytest.mark.parametrize("number", [0, 5])
def test_a_mended_copy_of_a_damaged_recording_does_not_hide_what_is_missing(
    number: int, kinds: dict[str, bytes], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, mended, content = tmp_path / "hurt.mcap", tmp_path / "mended.mcap", kinds["finished"]
    before = proof_of(path, hurt(content, in_chunk(content, number)))
    assert run(["export", str(path), str(mended)]) == 0
    after = prove(Recording(mended))
    assert (after.differences, after.rows_lost, after.rows) == (0, before.rows_lost, before.rows)
    assert after.equal + after.not_comparable == after.rows
    assert Recording(mended).damaged_chunks == 0
    assert Recording(mended).columns == Recording(path).columns
    assert run(["replay", str(mended)]) == 1
    assert "parts of it are missing" in capsys.readouterr().out


@pytest.mark.parametrize("place", [0, 1, 3])
def test_damage_in_a_chunks_kind_or_length_costs_itself_alone_and_is_told(
    place: int, kinds: dict[str, bytes], tmp_path: Path
) -> None:
    path, content = tmp_path / "hurt.mcap", kinds["killed"]
    path.write_bytes(hurt(content, chunks_of(content)[5] + place, by=0x80))
    recording = Recording(path)
    assert sum(1 for _ in recording.entries(("/telemetry",))) >= ROWS - CHUNK_ROWS - 1
    assert recording.damaged_chunks == 1
    assert not recording.is_cut


@settings(deadline=None, max_examples=150)
@given(data=st.data())
def test_a_flipped_byte_is_no_difference_and_hides_no_row(
    data: st.DataObject, kinds: dict[str, bytes], folder: Path
) -> None:
    content = kinds[data.draw(st.sampled_from(sorted(kinds)))]
    heads = [at + byte for at in chunks_of(content) for byte in range(50)]
    place = data.draw(st.integers(0, len(content) - 1) | st.sampled_from(heads))
    try:
        proof = proof_of(folder / "flip.mcap", hurt(content, place, by=data.draw(st.integers(1, 255))))
    except RecordingError:
        return
    assert proof.differences == 0
    assert proof.equal == ROWS or not proof.holds


def test_a_row_that_is_missing_costs_itself_alone(tmp_path: Path, contract: Contract) -> None:
    def changed(telemetry: Decoded) -> tuple[Row, ...]:
        return tuple(row for row in telemetry.rows if row.time_us != 20 * STEP_US)

    path = tmp_path / "short.mcap"
    recorded(path, contract, changed)
    proof = prove(Recording(path))
    assert (proof.equal, proof.differences) == (ROWS - 1, 1)
    assert proof.told == [f"row at {20 * STEP_US} us is in the frames, not in the recording"]


@pytest.mark.parametrize("wrong", ["value", "invented"])
@pytest.mark.parametrize("at", [10, 50])
def test_a_real_difference_is_one_in_a_damaged_recording_too(
    wrong: str, at: int, tmp_path: Path, contract: Contract
) -> None:
    def changed(telemetry: Decoded) -> tuple[Row, ...]:
        rows = telemetry.rows
        if rows[0].time_us != at * STEP_US:
            return rows
        other = Row(rows[0].time_us + (wrong == "invented"), (*rows[0].values[:-1], 7777))
        return (other,) if wrong == "value" else (*rows, other)

    path = tmp_path / "hurt.mcap"
    content = recorded(path, contract, changed)
    proof = proof_of(path, hurt(content, in_chunk(content, 9)))
    assert proof.differences == 1
    assert proof.not_comparable > 0


def test_a_recording_that_stops_within_a_record_does_not_prove_its_end(
    kinds: dict[str, bytes], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, content = tmp_path / "cut.mcap", kinds["killed"]
    path.write_bytes(content[: chunks_of(content)[-1] + 60])
    assert run(["replay", str(path)]) == 1
    assert "its end is missing or damaged" in capsys.readouterr().out
    path.write_bytes(content[: -len(END)])
    assert prove(Recording(path)).equal == ROWS


def test_a_mended_copy_has_chunks_as_small_as_a_recorders(kinds: dict[str, bytes], tmp_path: Path) -> None:
    path = tmp_path / "mended.mcap"
    path.write_bytes(kinds["mended"])
    with path.open("rb") as file:
        chunks = make_reader(file).get_summary().chunk_indexes
    assert all(each.message_end_time - each.message_start_time <= 500_000_000 for each in chunks)
    assert len(chunks) > ROWS // 2  # a row each 0.4 s
