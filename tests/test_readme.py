"""What the README says to type works as it says."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from host.emulate import Emulator

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = [
    line
    for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
    for line in block.splitlines()
    if line.startswith("host ") and not line.startswith(("host emulate", "host faults"))
]
"""Those two run until Ctrl-C; tests/host/faults drives commands through the second."""
THROUGH_FAULTS = "socket://127.0.0.1:5340"


def run(line, **environment):
    words = shlex.split(line, comments=True)
    return subprocess.run(
        [sys.executable, "-m", *words], cwd=ROOT, env={**os.environ, **environment},
        capture_output=True, text=True, check=False, timeout=120,
    )


@pytest.fixture(scope="module")
def car(application):
    """A car that was just switched on, as the reader's is."""
    with Emulator(application) as car:
        yield car


@pytest.mark.emulator
@pytest.mark.parametrize("line", COMMANDS)
def test_a_command_of_the_readme_works(line, car):
    if THROUGH_FAULTS in line:
        line = line.replace(THROUGH_FAULTS, car.link_url)
    done = run(line, PATROL_PORT=car.link_url)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()
    assert done.stderr == ""


@pytest.mark.emulator
def test_the_monitor_shows_the_speed_that_was_sent(car):
    port = f"--port {car.link_url}"
    assert run(f"host send {port} rate 50").returncode == 0
    assert run(f"host send {port} drive --speed 300 --turn -20").returncode == 0
    rows = run(f"host monitor {port} --plain --count 5 --json").stdout.splitlines()
    assert len(rows) == 5
    assert all('"speed_set": 300, "turn_set": -20' in row for row in rows)
    run(f"host send {port} stop")


def test_the_readme_has_commands_to_check():
    assert len(COMMANDS) >= 10


@pytest.mark.parametrize("target", re.findall(r"(?:^    |`)make ([a-z]+)", README, re.MULTILINE))
def test_a_make_target_of_the_readme_is_in_its_help(target):
    told = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert f"make {target} " in told or target == "help"


@pytest.mark.parametrize("link", re.findall(r"\]\(([^)]+)\)", README))
def test_a_file_that_the_readme_links_to_is_there(link):
    assert (ROOT / link.partition("#")[0]).exists()
