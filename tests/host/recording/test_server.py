"""A recording, played to a host: it answers as a car does, and its telemetry is what was recorded."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from host.cli.main import run
from host.link import CommandRefusedError, Link, connect
from host.recording import Recorder, Recording
from host.recording.server import ReplayServer
from protocol.contract import Contract
from tests.host.fake_board import FakeBoard
from tests.host.recording.conftest import Play, made_rows

ROWS = 40


@pytest.fixture
def drive(
    path: Path, recorder: Recorder, play: Play, watched: Link, board: FakeBoard, contract: Contract
) -> Path:
    """Two seconds by the fake clock: rows, with the car's answers among them."""
    rows = made_rows(contract, ROWS, step_us=50_000)
    for at, row in enumerate(rows):
        play([row])
        board.clock.now += 0.05
        if at == ROWS // 2:
            watched.send("info")
    recorder.close()
    return path


@contextmanager
def played(path: Path, speed: float) -> Iterator[str]:
    """The URL at which a recording is played."""
    ends = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = ReplayServer(listener, Recording(path), speed)
        thread = threading.Thread(target=server.run, args=(ends,))
        thread.start()
        try:
            yield f"socket://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            ends.set()
            thread.join()


def rows_of(link: Link, count: int) -> list:
    rows, deadline = [], time.monotonic() + 20
    while len(rows) < count and time.monotonic() < deadline:
        rows += link.next_rows(0.2)
    return rows


def test_every_program_gets_all_rows_as_they_were_recorded(drive: Path, contract: Contract) -> None:
    with played(drive, speed=20) as url:
        for _ in range(2):
            with connect(url, contract) as link:
                assert rows_of(link, ROWS) == made_rows(contract, ROWS, step_us=50_000)
                counters = link.counters
                assert (counters.frames_bad, counters.lost_frames, counters.frames_unread) == (0, 0, 0)
                assert counters.refused_session == 0  # nothing of the recorded session


def test_it_is_played_at_the_pace_that_was_asked_for(drive: Path, contract: Contract) -> None:
    recorded_s = (ROWS - 1) * 0.05
    with played(drive, speed=2) as url, connect(url, contract) as link:
        first, last = None, 0.0
        while len(rows := link.next_rows(5)) and rows[-1].time_us < 50_000 * (ROWS - 1):
            first = first or time.monotonic()
        last = time.monotonic()
    assert first is not None
    # Never early; late by what the machine was busy with.
    assert recorded_s / 2 - 0.1 < last - first


def test_a_played_car_answers_what_was_answered_and_does_not_drive(drive: Path, contract: Contract) -> None:
    with played(drive, speed=50) as url, connect(url, contract) as link:
        assert link.send("ping", {"token": 5}).values["token"] == 5
        link.request_key()
        rows_of(link, ROWS)
        assert link.send("info").values["machine"] == "fake"
        with pytest.raises(CommandRefusedError, match="recording refused drive: it is played back"):
            link.send("drive", {"speed": 100})
        assert [link.submit("ping", {"token": token}) for token in range(8)]
        assert link.send("ping", {"token": 9}).values["token"] == 9
        link.halt()


def test_the_verb_plays_to_a_monitor_until_a_signal(
    drive: Path, contract: Contract, capsys: pytest.CaptureFixture[str]
) -> None:
    command = [sys.executable, "-m", "host", "replay", str(drive), "--serve", "--speed", "20", "--json"]
    with subprocess.Popen(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["link"]
        assert run(["monitor", "--plain", "--json", "--count", "10", "--port", url]) == 0
        process.terminate()
        _, said = process.communicate(timeout=30)
        assert process.returncode == 0
    shown = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["time_us"] for row in shown] == [50_000 * at for at in range(10)]
    first, *others = said.splitlines()
    assert first == "a program has connected; playing from the beginning"
    assert "it has left" in others  # before all was played, or after it on a busy machine


def test_a_recording_that_holds_no_answer_says_what_it_is(path: Path, contract: Contract) -> None:
    with Recorder(path, contract):
        pass
    with played(path, speed=1) as url, connect(url, contract) as link:
        assert link.send("info").values["machine"] == f"recording {path.name}"
        with pytest.raises(CommandRefusedError):
            link.send("counters")


def test_a_program_with_a_session_from_before_is_told_that_it_ended(drive: Path, contract: Contract) -> None:
    with played(drive, speed=50) as url:
        with connect(url, contract) as link:
            talk = link._talk
        with connect(url, contract) as again:
            again._talk = talk
            deadline = time.monotonic() + 10
            while talk.is_open and time.monotonic() < deadline:
                again.next_rows(0)
            assert not talk.is_open
