"""`host record --patrol`: the car drives a route while it is recorded."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path
from threading import Event

import pytest
from mcap.reader import make_reader

from host.cli.main import run
from host.link import Link
from host.recording import Recorder, Recording
from host.recording.driven import DrivenRoute
from host.recording.replay import prove
from host.recording.watch import Watch, Wish
from protocol.contract import Contract
from tests.host.emulated_world import emulated_hall
from tests.host.fake_board import FakeBoard, FakeClock
from tests.host.recording.test_record import MOST_LOST_S, recording_process, wait_for_rows

ROUTE = """
name = "ahead"
loop = 1
return_home = false
[[waypoints]]
x_mm = {x_mm}
y_mm = 1000
"""


def route_file(folder: Path, x_mm: int) -> str:
    path = folder / "ahead.toml"
    path.write_text(ROUTE.format(x_mm=x_mm))
    return str(path)


@pytest.mark.emulator
def test_a_recorder_killed_in_mid_patrol_loses_less_than_a_second(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, table, route = tmp_path / "killed.mcap", tmp_path / "killed.csv", route_file(tmp_path, 5400)
    with (
        emulated_hall(tmp_path) as hall,
        recording_process(out, hall.link_url, "--patrol", route) as process,
    ):
        wait_for_rows(out, 150)
        os.kill(process.pid, signal.SIGKILL)
        killed_ns = time.time_ns()
        process.wait()
    with out.open("rb") as file:
        messages = list(make_reader(file).iter_messages("/telemetry"))
    assert killed_ns - messages[-1][2].log_time < MOST_LOST_S * 1e9
    assert run(["export", str(out), str(table), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rows"] == len(messages)
    first, last = (messages[at][2].data for at in (0, -1))
    assert json.loads(last)["values"]["x"] > json.loads(first)["values"]["x"] + 300
    proof = prove(Recording(out))
    assert (proof.equal, proof.differences) == (len(messages), 0)


@pytest.mark.emulator
def test_a_recording_ends_with_its_route(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "whole.mcap"
    with emulated_hall(tmp_path) as hall:
        told = ["record", str(out), "--port", hall.link_url, "--rate", "20", "--json"]
        assert run([*told, "--patrol", route_file(tmp_path, 900)]) == 0
    assert json.loads(capsys.readouterr().out)["route"] == "completed"
    commands = [entry.data["command"] for entry in Recording(out).entries(("/commands",))]
    assert [name for name in commands if name != "status"][:5] == ["rate", "key", "route", "waypoint", "mode"]


@pytest.mark.emulator
def test_a_fault_ends_the_recording_and_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with emulated_hall(tmp_path, "--fault", "imu@2.5") as hall:
        told = ["record", str(tmp_path / "fault.mcap"), "--port", hall.link_url, "--rate", "20"]
        assert run([*told, "--patrol", route_file(tmp_path, 5400)]) == 1
    assert "route: imu" in capsys.readouterr().out


def test_a_car_that_restarts_is_not_told_to_drive_again(
    contract: Contract, recorder: Recorder, board: FakeBoard, clock: FakeClock
) -> None:
    route = DrivenRoute((("drive", {"speed": 100, "turn": 0}),))

    def connected() -> Link:
        link = Link(board, contract, clock=clock, observer=recorder)
        link.hello()
        return link

    def told(seconds: float, rows: int) -> None:
        if recorder.in_session and "drive" in [name for name, _ in board.executed]:
            board.restart()

    Watch(connected, recorder, Wish(seconds=20), Event(), lambda text: None, told, route).run()
    assert [name for name, _ in board.executed].count("drive") == 1
    assert route.outcome == "lost"


def test_a_route_that_is_none_is_refused_before_a_port_is_opened(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "none.mcap"
    route = str(tmp_path / "no.toml")
    assert run(["record", str(out), "--port", "socket://127.0.0.1:1", "--patrol", route]) == 2
    assert "no.toml" in capsys.readouterr().err
    assert not out.exists()
