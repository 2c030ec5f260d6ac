"""`host record`: cars that come and go, and recorders that are killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import pytest
from mcap.reader import make_reader

from host.cli.main import run
from host.emulate import Emulator
from host.link import Link, LinkError
from host.recording import Recorder, Recording, watch
from host.recording.replay import prove
from host.recording.watch import Watch, Wish
from protocol.contract import Contract
from tests.host.fake_board import FakeBoard, FakeClock
from tests.host.recording.conftest import made_rows

MOST_LOST_S = 1.0


def events_of(path: Path) -> list[str]:
    return [entry.data["event"] for entry in Recording(path).entries(("/events",))]


def test_a_car_that_goes_and_comes_back_is_recorded_on(
    path: Path, contract: Contract, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "_RETRY_S", 0.0)
    warned: list[str] = []
    boards: list[FakeBoard] = []

    def connected() -> Link:
        if len(boards) == 1:
            boards.append(FakeBoard(FakeClock(), contract))
            raise LinkError("no such device")
        board = FakeBoard(FakeClock(), contract)
        read, board.read = board.read, lambda: _unplugged_after(3, board, read, contract)
        boards.append(board)
        link = Link(board, contract, clock=board.clock, observer=recorder)
        link.hello()
        return link

    Watch(connected, recorder, Wish(rows=5), Event(), warned.append).run()
    recorder.close()
    assert events_of(path).count("link_opened") == 2
    assert events_of(path).count("link_lost") == 1
    assert any("waiting for it" in text for text in warned)
    proof = prove(Recording(path))
    assert proof.links == 2
    assert proof.equal == proof.rows >= 5


def _unplugged_after(count: int, board: FakeBoard, read: object, contract: Contract) -> bytes:
    """Each read brings a row, until the cable is pulled."""
    board.reads = getattr(board, "reads", -3) + 1
    if 0 < board.reads <= count:
        for wire in board.sample(made_rows(contract, count)[board.reads - 1]):
            board.say(wire)
    board.unplugged = board.reads > count + 4
    return read()


def test_a_car_that_restarts_gets_a_new_session_and_its_rate(
    path: Path, contract: Contract, recorder: Recorder, board: FakeBoard, clock: FakeClock
) -> None:
    ends = Event()

    def connected() -> Link:
        link = Link(board, contract, clock=clock, observer=recorder)
        link.hello()
        return link

    def told(seconds: float, rows: int) -> None:
        rates = [values["hz"] for name, values in board.executed if name == "rate"]
        if len(rates) == 1 and recorder.in_session:
            board.restart()
        if len(rates) == 2 or seconds > 20:
            ends.set()

    Watch(connected, recorder, Wish(rate_hz=20), ends, lambda text: None, told).run()
    recorder.close()
    assert [values["hz"] for name, values in board.executed if name == "rate"] == [20, 20]
    sessions = [event for event in events_of(path) if event.startswith("session_")]
    assert sessions == ["session_opened", "session_lost", "session_opened"]


def test_a_car_that_says_nothing_is_told_of_once_with_the_next_step(
    contract: Contract, recorder: Recorder, board: FakeBoard, clock: FakeClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(watch, "SILENCE_S", 0.0)
    ends, warned, looks = Event(), [], []

    def connected() -> Link:
        link = Link(board, contract, clock=clock, observer=recorder)
        link.hello()
        return link

    def told(seconds: float, rows: int) -> None:
        looks.append(rows)
        if len(looks) == 6:
            ends.set()

    Watch(connected, recorder, Wish(), ends, warned.append, told).run()
    assert warned == ["no telemetry for 0 s; `--rate 10` sets a rate"]


def test_a_car_that_is_not_there_leaves_no_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "none.mcap"
    assert run(["record", str(out), "--port", "socket://127.0.0.1:1"]) == 1
    assert "nobody listens there" in capsys.readouterr().err
    assert not out.exists()


def test_a_file_that_exists_is_written_over_only_when_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "drive.mcap"
    out.write_text("dear diary")
    assert run(["record", str(out), "--port", "socket://127.0.0.1:1"]) == 2
    assert "is there already" in capsys.readouterr().err
    assert out.read_text() == "dear diary"


@contextmanager
def recording_process(out: Path, url: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """`host record`, which a failing test does not leave behind: it would keep the car from others."""
    command = [sys.executable, "-m", "host", "record", str(out), "--port", url, "--rate", "50", *arguments]
    with subprocess.Popen(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        try:
            yield process
        finally:
            process.kill()


def wait_for_rows(path: Path, count: int) -> None:
    """Until a recording that is being written has so many rows."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if path.exists() and sum(1 for _ in Recording(path).entries(("/telemetry",))) >= count:
            return
        time.sleep(0.05)
    pytest.fail(f"{path} did not get {count} rows")


@pytest.mark.emulator
def test_a_killed_recorder_loses_less_than_a_second(
    emulated_car: Emulator, contract: Contract, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, table = tmp_path / "killed.mcap", tmp_path / "killed.csv"
    with recording_process(out, emulated_car.link_url) as process:
        wait_for_rows(out, 60)
        time.sleep(1.2 * MOST_LOST_S)  # rows are seen right after a flush; this is not the worst time
        os.kill(process.pid, signal.SIGKILL)
        killed_ns = time.time_ns()
        assert process.wait() == -signal.SIGKILL
    with out.open("rb") as file:
        messages = list(make_reader(file).iter_messages("/telemetry"))
    assert len(messages) >= 60
    assert killed_ns - messages[-1][2].log_time < MOST_LOST_S * 1e9
    assert run(["export", str(out), str(table), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rows"] == len(messages)
    proof = prove(Recording(out))
    assert proof.equal == len(messages)
    assert proof.differences == 0
    names = [column.name for column in Recording(out).columns]
    assert names == [channel.name for channel in contract.schema.channels]


@pytest.mark.emulator
def test_a_recording_ends_in_order_at_a_signal(emulated_car: Emulator, tmp_path: Path) -> None:
    out = tmp_path / "ended.mcap"
    with recording_process(out, emulated_car.link_url, "--json", "--note", "first try") as process:
        wait_for_rows(out, 30)
        process.terminate()
        told = json.loads(process.communicate(timeout=30)[0])
        assert process.returncode == 0
    recording = Recording(out)
    assert sum(1 for _ in recording.entries(("/telemetry",))) == told["rows"] >= 30
    assert recording.is_finished
    events = [(entry.data["event"], entry.data["text"]) for entry in recording.entries(("/events",))]
    assert events[-1][0] == "recording_ended"
    assert ("note", "first try") in events
    commands = [entry.data["command"] for entry in recording.entries(("/commands",))]
    assert commands[:2] == ["rate", "key"]
    assert prove(recording).equal == told["rows"]


@pytest.mark.emulator
def test_as_many_rows_are_recorded_as_were_asked_for(
    emulated_car: Emulator, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "counted.mcap"
    arguments = ["record", str(out), "--port", emulated_car.link_url, "--rate", "100", "--count", "40"]
    assert run([*arguments, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert 40 <= told["rows"] <= 40 + 32
    assert told["bytes"] == out.stat().st_size
    assert run(["replay", str(out)]) == 0
