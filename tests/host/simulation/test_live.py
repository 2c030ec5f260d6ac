"""`host emulate --world`: the car moves, people and programs talk to it over TCP, and time is the wall's."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from host.cli.main import run
from host.link import Link, connect
from protocol.contract import Contract
from protocol.parameters import BY_NAME
from protocol.pilot_commands import FAULTS, MODES
from tests.host.emulated_world import Emulation, emulated_hall

pytestmark = pytest.mark.emulator

@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulation]:
    with emulated_hall(tmp_path_factory.mktemp("hall"), "--seed", "3") as emulation:
        yield emulation
    assert emulation.picture.read_bytes().startswith(b"\x89PNG")


@pytest.fixture
def link(hall: Emulation, contract: Contract) -> Iterator[Link]:
    with connect(hall.link_url, contract) as link:
        yield link
        link.send("stop")


def test_the_car_knows_where_it_stands_and_drives_as_far_as_it_is_told(link: Link) -> None:
    before = link.send("status").values
    assert (before["x"], before["y"]) == (500, 1000)
    link.send("drive", {"speed": 300})
    for _ in range(200):
        link.next_rows(0.05)
        if (now := link.send("status").values)["x"] > 800:
            break
    link.send("stop")
    assert 800 < now["x"] < 1000
    assert abs(now["y"] - 1000) < 20


def test_a_parameter_that_is_set_does_not_end_a_patrol(link: Link) -> None:
    link.send("route", {"laps": 1, "home": 0})
    link.send("waypoint", {"x": 5200, "y": 1000, "dwell": 0})
    link.send("mode", {"mode": MODES.index("patrol")})
    link.send("set", {"parameter": BY_NAME["rows_per_frame"], "value": 2})
    assert MODES[link.send("status").values["mode"]] == "patrol"


def test_virtual_time_does_not_run_ahead_of_the_walls(link: Link) -> None:
    wall = time.monotonic()
    first = link.send("ping").values["uptime_ms"]
    while time.monotonic() - wall < 0.7:
        link.next_rows(0.1)
    last = link.send("ping").values["uptime_ms"]
    # One period may have begun before the first answer, and one before the last.
    assert last - first <= 1000 * (time.monotonic() - wall) + 10


def test_programs_come_and_go(hall: Emulation, contract: Contract) -> None:
    for token in range(3):
        with connect(hall.link_url, contract) as link:
            assert link.send("ping", {"token": token}).values["token"] == token


def test_the_console_is_there_for_others(hall: Emulation) -> None:
    command = [sys.executable, "-m", "mpremote", "connect", hall.repl_url, "fs", "ls", "/rom"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert "main.mpy" in done.stdout, done.stderr


def test_a_fault_strikes_and_the_car_says_which(tmp_path: Path, contract: Contract) -> None:
    with (
        emulated_hall(tmp_path, "--fault", "imu@1.0") as emulation,
        connect(emulation.link_url, contract) as link,
    ):
        for _ in range(100):
            status = link.send("status").values
            if fault := status["first_fault"]:
                break
            if MODES[status["mode"]] != "manual":
                link.send("drive", {"speed": 100})
            link.next_rows(0.05)
        assert FAULTS[fault.bit_length() - 1] == "imu"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--picture", "track.png"], "--picture needs a world"),
        (["--fault", "imu@3"], "--fault needs a world"),
        (["--world", "maps/yard.toml", "--emulator", "renode"], "--world is for QEMU only"),
        (["--world", "maps/none.toml"], "maps/none.toml"),
        (["--world", "maps/yard.toml", "--fault", "rain@3"], "give one of"),
    ],
)
def test_what_does_not_go_together_is_refused_in_a_line(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["emulate", *arguments]) == 2
    assert said in capsys.readouterr().err
