"""The `host` program as a person starts it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from host.cli.main import run
from host.emulate import Emulator

HOST = [sys.executable, "-m", "host"]


def _host(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    # As it is now: a fixture hides what else runs on this machine.
    inherited = {name: value for name, value in os.environ.items() if name != "PATROL_PORT"}
    return subprocess.run(
        [*HOST, *arguments], capture_output=True, text=True, check=False, timeout=60,
        env={**inherited, **environment},
    )


@contextmanager
def _emulating(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`host emulate` running, and the first line it printed."""
    command = [*HOST, "emulate", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline()
        finally:
            process.terminate()  # in order, so that it takes its files along


def test_the_version_is_a_line() -> None:
    done = _host("--version")
    assert done.returncode == 0
    assert done.stdout.startswith("host ")


def test_the_help_of_send_lists_what_the_car_knows(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["send", "--help"]) == 0
    printed = capsys.readouterr().out
    for words in ("drive [SPEED] [TURN]", "set PARAMETER VALUE", "rows_per_frame", "PATROL_PORT"):
        assert words in printed


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("send nonsense", 2),
        ("send ping", 2),
        ("send --port socket://127.0.0.1:1 ping", 1),
        ("send --port /no/such/device ping", 1),
        ("send --file /no/such/mission", 2),
        ("emulate --link-port 99999", 2),
        ("fly", 2),
    ],
)
def test_a_failure_is_told_without_a_traceback(line: str, code: int) -> None:
    done = _host(*line.split())
    assert done.returncode == code
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert done.stderr


def test_a_missing_image_ends_emulate_with_1_and_one_line(tmp_path: Path) -> None:
    done = _host("emulate", PATROL_FIRMWARE=str(tmp_path / "firmware.elf"))
    assert (done.returncode, done.stdout) == (1, "")
    assert "run `make firmware`" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_missing_emulator_ends_emulate_with_1_and_one_line(tmp_path: Path) -> None:
    done = _host("emulate", PATH=str(tmp_path))
    assert done.returncode == 1
    assert done.stderr == "host: qemu-system-arm is not installed; run `make setup`\n"


@pytest.mark.parametrize("arguments", [["--version"], ["send", "--help"]])
def test_a_reader_that_leaves_is_no_failure_to_talk_of(arguments: list[str]) -> None:
    # Buffered, as it is for people: the last write then fails at the end, outside of any verb.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    with subprocess.Popen(
        [*HOST, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""


@pytest.mark.emulator
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_emulate_ends_in_order_when_it_is_told_to(number: signal.Signals) -> None:
    with _emulating("--json") as (process, line):
        link = json.loads(line)["link"]
        process.send_signal(number)
        assert process.wait(20) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""
    assert _host("send", "--port", link, "ping").returncode == 1


@pytest.mark.emulator
def test_emulate_prints_where_the_car_is_and_what_to_do_next() -> None:
    with _emulating() as (process, first):
        assert "The emulated car is up" in first
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(6)]
    words = next(line.split() for line in lines if "host send" in line)
    link = next(line.split()[1] for line in lines if line.split()[0] == "link")
    assert words == ["host", "send", "--port", link, "ping"]


@pytest.mark.emulator
def test_send_reaches_a_car_that_emulate_runs(tmp_path: Path) -> None:
    (tmp_path / "square.mission").write_text("drive 200\nwait 0.1\nstop\n")
    with _emulating("--json") as (_, line):
        port = json.loads(line)["link"]
        ping = _host("send", "ping", PATROL_PORT=port)
        drive = _host("send", "--port", port, "--json", "drive", "--speed", "300", "--turn", "-20")
        mission = _host("send", "--port", port, "--file", str(tmp_path / "square.mission"))
    assert ping.stdout.startswith("ping: answered in ")
    assert json.loads(drive.stdout)["values"] == {"speed": 300, "turn": -20}
    assert mission.stdout.splitlines()[:2] == ["drive: speed 200 mm/s, turn 0 deg/s", "wait: 0.1 s"]
    assert (ping.returncode, drive.returncode, mission.returncode) == (0, 0, 0)


@pytest.mark.emulator
def test_an_emulator_that_dies_ends_emulate_with_1(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    wait = Emulator.wait

    def die_first(car: Emulator, timeout_s: float | None = None) -> bool:
        if timeout_s is None and car._process is not None:
            car._process.kill()
        return wait(car, timeout_s)

    monkeypatch.setattr(Emulator, "wait", die_first)
    assert run(["emulate"]) == 1
    assert capsys.readouterr().err == "host: the emulator ended by itself; start it again\n"
