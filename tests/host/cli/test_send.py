"""`host send`, with the fake board at the other end of the port."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from host.cli import send as verb
from host.cli.main import run
from host.cli.named import named
from host.cli.orders import parse_order
from host.cli.sentences import sentence
from host.link import Link, LinkError
from protocol.contract import Contract
from protocol.messages import Reply, Status
from tests.host.fake_board import FakeBoard, FakeClock


@pytest.fixture(autouse=True)
def port(monkeypatch: pytest.MonkeyPatch, board: FakeBoard, clock: FakeClock) -> None:
    """Whatever port is opened, the fake board is behind it, and waiting takes no time."""

    def connect(url: str, contract: Contract, baud: int, key_of: object) -> Link:
        assert url == "fake://board"
        link = Link(board, contract, clock=clock)
        link.hello()
        return link

    monkeypatch.setattr(verb, "connect", connect)
    monkeypatch.setattr(verb.time, "monotonic", clock.monotonic)
    monkeypatch.setenv("PATROL_PORT", "fake://board")


def test_a_ping_is_answered(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["send", "ping"]) == 0
    assert capsys.readouterr().out == "ping: answered in 0.0 ms (up 12.4 s)\n"


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("stop", "stop: done in 0.0 ms"),
        ("set rows_per_frame 2", "set: rows_per_frame 2 rows"),
        ("get track_width", "get: track_width 7 mm"),
        ("rate 20", "rate: 20 Hz"),
        ("log", "log: empty"),
        ("info", "info: machine fake, micropython 0, application none"),
    ],
)
def test_answers_read_as_sentences(capsys: pytest.CaptureFixture[str], line: str, sentence: str) -> None:
    assert run(["send", *line.split()]) == 0
    assert capsys.readouterr().out == sentence + "\n"


def test_status_has_names_for_modes_and_faults() -> None:
    values = {
        "mode": 2, "faults": 0b10001, "first_fault": 0, "ranges": [300, 4000, 25], "x": 5,
        "heading": 49152,
    }
    order, reply = parse_order(["status"]), Reply("status", Status.OK, values)
    lines = [line.split(maxsplit=1) for line in sentence(order, reply, 0.0).splitlines()[1:]]
    assert dict(lines) == {
        "mode": "patrol", "faults": "encoder_left, ranger", "first_fault": "none",
        "ranges": "300, 4000, 25 mm", "x": "5 mm", "heading": "-90.0 deg",
    }


def test_status_for_programs_has_the_same_names() -> None:
    values = {"mode": 4, "faults": 0b10001, "first_fault": 0b10000, "heading": 16384, "lap": 1}
    assert named(values) == {
        "mode": "idle", "faults": ["encoder_left", "ranger"], "first_fault": "ranger", "heading": 90.0,
        "lap": 1,
    }
    assert named({"mode": 9, "faults": 0, "first_fault": 0}) == {"mode": 9, "faults": [], "first_fault": None}


def test_after_a_drive_command_it_says_that_the_car_stops_without_a_host(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["send", "drive", "--speed", "300", "--turn", "-20"]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first == "drive: speed 300 mm/s, turn -20 deg/s"
    assert "the car stops within its link_timeout; --hold SECONDS stays" in second


def test_hold_stays_on_the_link_with_heartbeats(
    capsys: pytest.CaptureFixture[str], board: FakeBoard, clock: FakeClock
) -> None:
    started = clock.now
    assert run(["send", "drive", "300", "--hold", "2"]) == 0
    assert clock.now - started == pytest.approx(2, abs=0.1)
    assert board.beats >= 14
    assert "held for 2 s" in capsys.readouterr().out


def test_hold_is_not_for_missions(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert run(["send", "--hold", "2", "--file", _mission(tmp_path, "ping\n")]) == 2
    assert "write `wait SECONDS`" in capsys.readouterr().err


def test_json_has_the_command_its_arguments_and_the_answer(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["send", "--json", "set", "rows_per_frame", "2"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "command": "set",
        "arguments": {"parameter": "rows_per_frame", "value": 2},
        "status": "ok",
        "values": {"value": 2},
        "round_trip_ms": 0.0,
    }


def test_options_of_ours_may_follow_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["send", "drive", "--turn", "-20", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["arguments"] == {"speed": 0, "turn": -20}


@pytest.mark.parametrize("line", ["nonsense", "drive 9999", "set rows_per_frame 99", "", "ping --file x"])
def test_a_wrong_command_ends_with_2_before_anything_is_sent(
    capsys: pytest.CaptureFixture[str], board: FakeBoard, line: str
) -> None:
    assert run(["send", *line.split()]) == 2
    assert capsys.readouterr().err.startswith("host: ")
    assert board.sent == []


def test_without_a_port_it_says_how_to_give_one(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PATROL_PORT")
    assert run(["send", "ping"]) == 2
    error = capsys.readouterr().err
    assert "--port" in error
    assert "PATROL_PORT" in error
    assert error.count("\n") == 1


def test_a_refusal_ends_with_1_and_is_in_the_json(
    capsys: pytest.CaptureFixture[str], board: FakeBoard
) -> None:
    board.status = Status.OUT_OF_RANGE
    assert run(["send", "--json", "rate", "20"]) == 1
    printed = capsys.readouterr()
    assert json.loads(printed.out)["status"] == "out_of_range"
    assert printed.err.startswith("host: the board refused rate: ")


def test_another_contract_ends_with_1_and_one_line(
    capsys: pytest.CaptureFixture[str], board: FakeBoard, contract: Contract
) -> None:
    board.contract = replace(contract, schema=replace(contract.schema, name="truck"))
    assert run(["send", "ping"]) == 1
    error = capsys.readouterr().err
    assert error.startswith("host: the board speaks contract truck")
    assert error.count("\n") == 1


def test_a_contract_file_that_is_none_ends_with_2(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "c.json").write_text("{}")
    for path in (tmp_path / "none.json", tmp_path / "c.json", tmp_path):
        assert run(["send", "--contract", str(path), "ping"]) == 2
        assert capsys.readouterr().err.startswith(f"host: {path}: ")


def test_a_dead_board_ends_with_1(capsys: pytest.CaptureFixture[str], board: FakeBoard) -> None:
    board.ignores_commands = 10**9
    assert run(["send", "ping"]) == 1
    assert capsys.readouterr().err.startswith("host: no reply to ping")


def _mission(tmp_path: Path, text: str) -> str:
    path = tmp_path / "mission.txt"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_mission_is_done_in_order_and_waits(
    capsys: pytest.CaptureFixture[str], board: FakeBoard, clock: FakeClock, tmp_path: Path
) -> None:
    started = clock.now
    assert run(["send", "--file", _mission(tmp_path, "drive 300\nwait 2\nstop  # here\n")]) == 0
    assert [name for name, _ in board.executed] == ["drive", "stop"]
    assert clock.now - started == pytest.approx(2, abs=0.1)
    assert capsys.readouterr().out.splitlines() == [
        "drive: speed 300 mm/s, turn 0 deg/s",
        "wait: 2 s",
        "stop: done in 0.0 ms",
    ]


def test_a_mission_in_json_is_an_object_a_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert run(["send", "--json", "--file", _mission(tmp_path, "ping 7\nwait 0.5\nrate 5\n")]) == 0
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(r["command"], r["line"]) for r in records] == [("ping", 1), ("wait", 2), ("rate", 3)]
    assert records[0]["values"]["token"] == 7


def test_nothing_of_a_mission_is_sent_when_any_line_is_wrong(
    capsys: pytest.CaptureFixture[str], board: FakeBoard, tmp_path: Path
) -> None:
    assert run(["send", "--file", _mission(tmp_path, "drive 300\nfly\n")]) == 2
    assert "mission.txt, line 2: no command 'fly'" in capsys.readouterr().err
    assert board.sent == []


def test_a_mission_that_breaks_off_stops_the_car(
    capsys: pytest.CaptureFixture[str], board: FakeBoard, clock: FakeClock, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(link: Link, timeout_s: float) -> None:
        raise LinkError("a fault")

    monkeypatch.setattr(Link, "next_rows", fail)
    assert run(["send", "--file", _mission(tmp_path, "drive 300\nwait 2\nping\n")]) == 1
    assert [name for name, _ in board.executed] == ["drive", "stop"]
    assert "mission.txt, line 2: a fault" in capsys.readouterr().err


def test_ctrl_c_in_a_mission_stops_the_car_and_says_nothing(
    capsys: pytest.CaptureFixture[str], board: FakeBoard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(link: Link, timeout_s: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Link, "next_rows", interrupt)
    assert run(["send", "--file", _mission(tmp_path, "drive 300\nwait 2\n")]) == 130
    assert board.executed[-1][0] == "stop"
    assert capsys.readouterr().err == ""
