"""A recording holds what passed over the link, and can be read at every moment."""

from __future__ import annotations

import errno
import json
import time
from base64 import b64decode
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mcap.reader import make_reader

from host.cli.main import run
from host.link import Link
from host.recording import Recorder, Recording, RecordingError
from host.recording.growing_file import END, GrowingFile
from host.recording.writer import RecordingWriter
from protocol.contract import Contract
from protocol.schema import Row
from protocol.telemetry import Decoded, RowStatus
from tests.host.fake_board import FakeBoard, FakeClock
from tests.host.recording.conftest import Play, made_rows


def of_topic(path: Path, topic: str) -> list[dict]:
    return [entry.data for entry in Recording(path).entries((topic,))]


def library_messages(path: Path) -> list[tuple[str, dict]]:
    """As anybody's program reads them: by way of the file's end."""
    with path.open("rb") as file:
        return [
            (channel.topic, json.loads(message.data))
            for _, channel, message in make_reader(file).iter_messages(log_time_order=False)
        ]


def test_rows_are_recorded_in_their_units_and_as_integers(
    path: Path, recorder: Recorder, play: Play, contract: Contract
) -> None:
    rows = made_rows(contract, 5)
    play(rows)
    recorder.close()
    recorded = of_topic(path, "/telemetry")
    assert [each["raw"] for each in recorded] == [list(row.values) for row in rows]
    for row, each in zip(rows, recorded, strict=True):
        assert each["values"] == {
            channel.name: value * Decimal(repr(channel.scale))
            for channel, value in zip(contract.schema.channels, row.values, strict=True)
        }


def test_the_frames_are_the_bytes_that_came_damaged_ones_too(
    path: Path, recorder: Recorder, play: Play, board: FakeBoard, watched: Link, contract: Contract
) -> None:
    came = bytearray()
    read = board.read
    board.read = lambda: came.extend(data := read()) or data
    play(made_rows(contract, 3))
    board.say(b"\x05noise\x00\x00\x02")
    watched.next_rows(0)
    recorder.close()
    frames = [b64decode(frame["data"]) for frame in of_topic(path, "/frames")]
    assert b"".join(frames).endswith(bytes(came))
    assert b"\x05noise\x00" in frames
    assert all(frame.endswith(b"\x00") for frame in frames[:-1])


def test_commands_replies_marks_and_sessions_are_recorded(
    path: Path, recorder: Recorder, watched: Link, board: FakeBoard
) -> None:
    watched.send("ping", {"token": 77})
    recorder.mark("a bump")
    recorder.note("wet floor")
    board.restart()
    watched.next_rows(0.3)
    recorder.close()
    [command], [reply] = of_topic(path, "/commands"), of_topic(path, "/replies")
    assert (command["command"], command["arguments"]) == ("ping", {"token": 77})
    assert (reply["number"], reply["status"], reply["values"]["token"]) == (command["number"], "ok", 77)
    events = [(event["event"], event["text"]) for event in of_topic(path, "/events")]
    assert [name for name, _ in events] == [
        "link_opened", "session_opened", "mark", "note", "session_lost", "recording_ended",
    ]
    assert ("mark", "a bump") in events
    assert "restarted" in dict(events)["session_lost"]


def test_the_key_of_a_pairing_is_not_recorded(path: Path, recorder: Recorder, watched: Link) -> None:
    key = bytes(range(100, 132))
    watched.send("pair", {"key": key})
    recorder.close()
    [command] = of_topic(path, "/commands")
    assert command["arguments"] == {"key": "(not recorded)"}


def test_a_message_that_no_car_knows_is_recorded_as_it_is(
    path: Path, recorder: Recorder, watched: Link, board: FakeBoard
) -> None:
    board.ignores_all = True
    watched.submit_message("odd", b"\xfe\x01")
    recorder.close()
    [command] = of_topic(path, "/commands")
    assert (command["command"], command["arguments"]) == ("odd", {"message": "fe01"})


def test_lost_frames_are_recorded(
    path: Path, recorder: Recorder, play: Play, board: FakeBoard, contract: Contract
) -> None:
    rows = made_rows(contract, 4)
    play(rows[:1])
    board.sample(*rows[1:3])  # never said
    play(rows[3:])
    recorder.close()
    lost = [event for event in of_topic(path, "/events") if event["event"] == "telemetry_lost"]
    assert [event["count"] for event in lost] == [2]


def test_a_line_of_the_log_has_the_form_that_foxglove_shows(path: Path, recorder: Recorder) -> None:
    recorder.logged("motor driver is hot", now_s=12.5)
    recorder.close()
    with path.open("rb") as file:
        [(schema, _, message)] = make_reader(file).iter_messages("/log")
    assert (schema.name, schema.encoding) == ("foxglove.Log", "jsonschema")
    said = json.loads(message.data)
    assert (said["message"], said["timestamp"]) == ("motor driver is hot", {"sec": 12, "nsec": 500_000_000})


def test_a_recording_brings_its_contract_and_schema(
    path: Path, recorder: Recorder, contract: Contract
) -> None:
    recorder.close()
    with path.open("rb") as file:
        reader = make_reader(file)
        [attachment] = reader.iter_attachments()
        [metadata] = reader.iter_metadata()
    assert attachment.data.decode() == contract.to_json()
    assert metadata.metadata["contract_hash"] == f"{contract.hash:08x}"
    recording = Recording(path)
    assert recording.contract.hash == contract.hash
    assert [(column.name, column.unit) for column in recording.columns] == [
        (channel.name, channel.unit) for channel in contract.schema.channels
    ]


def test_the_rows_of_a_frame_have_the_distances_of_their_own_clock(
    path: Path, recorder: Recorder, watched: Link, contract: Contract
) -> None:
    rows = made_rows(contract, 4, step_us=10_000)
    recorder.decoded(Decoded(RowStatus.GOOD, tuple(rows), 0), now_s=50.0)
    recorder.close()
    times = [entry.time_ns for entry in Recording(path).entries(("/telemetry",))]
    assert times == [49_970_000_000, 49_980_000_000, 49_990_000_000, 50_000_000_000]


def test_the_boards_time_begins_anew_with_the_board_and_does_not_wrap(
    path: Path, recorder: Recorder, play: Play, contract: Contract
) -> None:
    width = len(contract.schema.channels)
    times = [(1 << 32) - 1000, 500, 20_500, 100]
    play([Row(at, (0,) * width) for at in times])
    recorder.close()
    wrapped = 1 << 32
    assert [each["time_us"] for each in of_topic(path, "/telemetry")] == [
        wrapped - 1000, wrapped + 500, wrapped + 20_500, 100,
    ]


def test_the_library_opens_a_recording_that_is_not_finished(
    path: Path, recorder: Recorder, play: Play, contract: Contract
) -> None:
    rows = made_rows(contract, 20)
    for row in rows:
        play([row])
        recorder.flush()
        raw = [data["raw"] for topic, data in library_messages(path) if topic == "/telemetry"]
        assert raw == [list(each.values) for each in rows[: rows.index(row) + 1]]
    recording = Recording(path)
    list(recording.entries())
    assert not recording.is_finished
    assert not recording.is_cut
    recorder.close()
    list(recording.entries())
    assert recording.is_finished
    assert path.read_bytes().count(END) == 0


def test_a_finished_recording_has_an_index(
    path: Path, recorder: Recorder, play: Play, contract: Contract
) -> None:
    play(made_rows(contract, 3))
    recorder.close()
    with path.open("rb") as file:
        summary = make_reader(file).get_summary()
    assert summary is not None
    assert summary.statistics is not None
    telemetry = next(number for number, each in summary.channels.items() if each.topic == "/telemetry")
    assert summary.statistics.channel_message_counts[telemetry] == 3
    assert summary.chunk_indexes


def test_what_came_last_is_written_though_nothing_else_comes(
    path: Path, contract: Contract, board: FakeBoard, clock: FakeClock
) -> None:
    with Recorder(path, contract, flush_s=0.05) as recorder:
        recorder.mark("the only one")
        deadline = time.monotonic() + 10
        while not of_topic(path, "/events") and time.monotonic() < deadline:
            time.sleep(0.01)
        assert [event["text"] for event in of_topic(path, "/events")] == ["the only one"]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, contract: Contract) -> bytes:
    """An unfinished recording of several chunks, without its end."""
    path = tmp_path_factory.mktemp("whole") / "whole.mcap"
    recorder = Recorder(path, contract, epoch_ns=0, flush_s=1000)
    clock = FakeClock()
    board = FakeBoard(clock, contract)
    link = Link(board, contract, clock=clock, observer=recorder)
    link.hello()
    for row in made_rows(contract, 12):
        for wire in board.sample(row):
            board.say(wire)
        link.next_rows(0)
        recorder.flush()
    content = path.read_bytes()
    recorder.close()
    assert content.endswith(END)
    return content[: -len(END)]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_a_file_cut_anywhere_is_read_up_to_the_cut(data: st.DataObject, whole: bytes, tmp_path: Path) -> None:
    path = tmp_path / "cut.mcap"
    path.write_bytes(whole)
    everything = list(Recording(path).entries())
    front = whole.index(b"contract_hash") + 200
    path.write_bytes(whole[: data.draw(st.integers(front, len(whole)))])
    recording = Recording(path)
    found = list(recording.entries())
    assert found == everything[: len(found)]
    assert recording.is_cut


def test_a_file_cut_within_its_last_chunk_has_all_chunks_before(whole: bytes, tmp_path: Path) -> None:
    path = tmp_path / "cut.mcap"
    path.write_bytes(whole[:-20])  # within the last chunk's index
    assert len(of_topic(path, "/telemetry")) == 12
    path.write_bytes(whole[: whole.rindex(b"zstd") + 8])
    assert len(of_topic(path, "/telemetry")) == 11


@given(data=st.data())
def test_a_file_cut_in_front_is_refused_or_has_its_whole_contract(
    data: st.DataObject, whole: bytes, contract: Contract, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "front.mcap"
    front = whole.index(b"contract_hash") + 200
    path.write_bytes(whole[: data.draw(st.integers(0, front))])
    try:
        recording = Recording(path)
    except RecordingError:
        return
    assert recording.contract.hash == contract.hash


@settings(deadline=None, max_examples=200)
@given(data=st.data())
def test_of_a_damaged_file_nothing_wrong_is_read(
    data: st.DataObject, whole: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "damaged.mcap"
    path.write_bytes(whole)
    everything = list(Recording(path).entries(("/telemetry", "/frames")))
    first = whole.index(b"zstd", whole.index(b"zstd") + 4)  # without the schemas, which tell what is what
    hurt = bytearray(whole)
    hurt[data.draw(st.integers(first, len(whole) - 1))] ^= data.draw(st.integers(1, 255))
    path.write_bytes(hurt)
    assert all(entry in everything for entry in Recording(path).entries(("/telemetry", "/frames")))


def test_a_mended_copy_has_all_that_can_be_read_and_an_index(whole: bytes, tmp_path: Path) -> None:
    cut, mended = tmp_path / "cut.mcap", tmp_path / "mended.mcap"
    cut.write_bytes(whole[:-20])
    assert run(["export", str(cut), str(mended)]) == 0
    assert list(Recording(mended).entries()) == list(Recording(cut).entries())
    assert Recording(mended).contract == Recording(cut).contract
    with mended.open("rb") as file:
        summary = make_reader(file).get_summary()
    assert summary is not None
    assert summary.chunk_indexes
    assert summary.attachment_indexes


def test_a_damaged_chunk_costs_itself_alone(whole: bytes, tmp_path: Path) -> None:
    path = tmp_path / "hurt.mcap"
    places = [at for at in range(len(whole)) if whole.startswith(b"zstd", at)]
    hurt = bytearray(whole)
    hurt[places[5] + 40] ^= 0x55
    path.write_bytes(hurt)
    recording = Recording(path)
    times = [entry.data["time_us"] for entry in recording.entries(("/telemetry",))]
    assert len(times) == 11
    assert recording.damaged_chunks == 1


@given(st.binary(max_size=400))
def test_what_is_no_recording_is_refused_in_a_line(
    tmp_path_factory: pytest.TempPathFactory, junk: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "junk.mcap"
    for content in (junk, b"\x89MCAP0\r\n" + junk):
        path.write_bytes(content)
        with pytest.raises(RecordingError, match=r"not an MCAP file|no recording of this program's"):
            Recording(path)


def test_a_recording_has_its_name_when_it_can_be_read_and_leaves_nothing_beside_it(
    tmp_path: Path, contract: Contract, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, seen = tmp_path / "drive.mcap", []
    flush = RecordingWriter.flush

    def looked_at(writer: RecordingWriter) -> None:
        seen.append(path.exists())
        flush(writer)
        seen.append(len(library_messages(path)))

    monkeypatch.setattr(RecordingWriter, "flush", looked_at)
    with Recorder(path, contract, flush_s=1000):
        assert seen == [False, 0]
        assert [each.name for each in tmp_path.iterdir()] == ["drive.mcap"]


def test_a_recording_that_cannot_begin_leaves_nothing(
    path: Path, contract: Contract, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(file: GrowingFile, data: bytes) -> None:
        path.write_bytes(b"somebody was faster")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(GrowingFile, "_put", full)
    with pytest.raises(RecordingError, match="No space left"):
        Recorder(path, contract)
    assert [each.name for each in path.parent.iterdir()] == [path.name]
    assert path.read_bytes() == b"somebody was faster"


def test_a_disk_that_fails_ends_the_recording_and_not_the_link(
    path: Path, recorder: Recorder, play: Play, watched: Link, contract: Contract
) -> None:
    play(made_rows(contract, 2))
    recorder.flush()

    def full(data: bytes) -> None:
        raise OSError(28, "No space left on device")

    recorder._file._put = full
    recorder.mark("too late")
    recorder.flush()
    assert watched.send("ping", {"token": 3}).values["token"] == 3
    with pytest.raises(RecordingError, match="No space left on device"):
        recorder.close()
    assert len([topic for topic, _ in library_messages(path) if topic == "/telemetry"]) == 2


def test_a_file_that_exists_is_not_written_over(path: Path, contract: Contract) -> None:
    path.write_text("dear diary")
    with pytest.raises(RecordingError, match="is there already"):
        Recorder(path, contract)
    assert path.read_text() == "dear diary"


def test_a_folder_that_is_not_there_is_told(tmp_path: Path, contract: Contract) -> None:
    with pytest.raises(RecordingError, match="name another file"):
        Recorder(tmp_path / "no" / "such.mcap", contract)
