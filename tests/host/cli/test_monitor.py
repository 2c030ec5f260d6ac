"""`host monitor` and `host web` as they are typed: what goes together, and what is refused in a line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from host.cli.main import run
from host.emulate import Emulator

NOBODY = "socket://127.0.0.1:1"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["monitor"], "no link to a car found"),
        (["monitor", "--port", NOBODY, "--plain", "--map", "maps/yard.toml"], "--map is for the full screen"),
        (["monitor", "--port", NOBODY, "--json", "--route", "routes/loop.toml"], "--route is for the full"),
        (["monitor", "--port", NOBODY, "--plain", "--record", "a.mcap"], "--record is for the full screen"),
        (["monitor", "--port", NOBODY, "--picture", "p.svg", "--map", "maps/none.toml"], "maps/none.toml"),
        (["web"], "no link to a car found"),
        (["web", "--port", NOBODY, "--listen", "here"], "give an address as 127.0.0.1"),
        (["web", "--port", NOBODY, "--map", "maps/none.toml"], "maps/none.toml"),
        (["web", "--port", NOBODY, "--route", "maps/yard.toml"], "maps/yard.toml"),
        (["web", "--port", NOBODY, "--listen", "192.0.2.1"], "cannot serve on 192.0.2.1"),
    ],
)
def test_what_cannot_be_done_is_refused_in_a_line(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PATROL_PORT", raising=False)
    assert run(arguments) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") <= 2
    assert not Path("p.svg").exists()


def test_without_a_terminal_a_car_that_is_not_there_ends_the_lines(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["monitor", "--port", NOBODY]) == 1
    assert "nobody listens there" in capsys.readouterr().err


def test_on_the_network_the_page_warns_and_has_a_token(tmp_path: Path) -> None:
    options = ["--port", NOBODY, "--listen", "0.0.0.0", "--web-port", "0", "--json"]
    server = subprocess.Popen(
        [sys.executable, "-m", "host", "web", *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    assert server.stderr is not None
    told = json.loads(server.stdout.readline())
    warned = server.stderr.readline()
    server.terminate()
    assert server.wait(20) == 0
    assert told["url"].endswith(f"#token={told['token']}")
    assert len(told["token"]) >= 21
    assert "can read the token" in warned


@pytest.mark.emulator
def test_lines_are_printed_where_there_is_no_terminal(
    emulated_car: Emulator, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["monitor", "--port", emulated_car.link_url, "--rate", "20", "--count", "2", "--json"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(rows) == 2
    assert rows[0]["time_us"] < rows[1]["time_us"]


@pytest.mark.emulator
def test_what_is_watched_is_recorded_too(emulated_car: Emulator, tmp_path: Path) -> None:
    picture, recording = tmp_path / "monitor.svg", tmp_path / "drive.mcap"
    arguments = ["--port", emulated_car.link_url, "--rate", "20", "--picture", str(picture), "--after", "2"]
    assert run(["monitor", *arguments, "--record", str(recording)]) == 0
    assert picture.is_file()
    assert run(["export", str(recording), str(tmp_path / "drive.csv")]) == 0
    assert len((tmp_path / "drive.csv").read_text().splitlines()) > 10


@pytest.mark.parametrize("verb", ["monitor", "web"])
def test_a_device_that_was_never_there_is_told_and_not_waited_for(
    verb: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([verb, "--port", "/dev/nothing"]) == 2
    assert "no such device; plug the board in" in capsys.readouterr().err
