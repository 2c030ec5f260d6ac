"""`host monitor` in a real terminal, under tmux, with the emulated car: values change, keys drive it."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from host.emulate import Emulator

pytestmark = pytest.mark.emulator

ROOT = Path(__file__).parents[3]
_WAIT_S = 30.0


class Terminal:
    """A terminal of 80 x 24 with a program in it."""

    def __init__(self, socket: Path, command: str) -> None:
        assert shutil.which("tmux"), "tmux is missing; `make setup` installs it"
        self._tmux = ["tmux", "-S", str(socket), "-f", "/dev/null"]
        # tmux 3.3 does not always notice that a program has ended, so a shell says it and waits.
        shell = f"{command}; echo ended with $?; cat"
        self._run("new-session", "-d", "-x", "80", "-y", "24", shell)

    def press(self, *keys: str) -> None:
        """Press keys, by tmux's names."""
        self._run("send-keys", *keys)

    def text(self) -> str:
        """What is on the screen."""
        return self._run("capture-pane", "-p")

    def until(self, what: Callable[[str], object]) -> str:
        """Wait until the screen shows something; the screen."""
        deadline = time.monotonic() + _WAIT_S
        while not what(text := self.text()):
            assert time.monotonic() < deadline, f"it did not come about:\n{text}"
            time.sleep(0.05)
        return text

    def ends(self) -> int:
        """Wait until the program has ended and the terminal is the shell's again; its exit code."""
        text = self.until(lambda text: "ended with" in text)
        return int(text.partition("ended with")[2].split()[0])

    def close(self) -> None:
        """End whatever runs in it."""
        self._run("kill-server")

    def _run(self, *arguments: str) -> str:
        done = subprocess.run(
            [*self._tmux, *arguments], capture_output=True, text=True, timeout=20, check=True
        )
        return done.stdout


@pytest.fixture
def terminal(emulated_car: Emulator, tmp_path: Path) -> Iterator[Terminal]:
    command = [
        sys.executable, "-m", "host", "monitor", "--port", emulated_car.link_url, "--rate", "20",
        "--map", str(ROOT / "maps/yard.toml"),
    ]
    noted = f"echo $$ > {shlex.quote(str(tmp_path / 'pid'))}; exec {shlex.join(command)}"
    terminal = Terminal(tmp_path / "tmux", shlex.join(["sh", "-c", noted]))
    yield terminal
    terminal.close()


def value(text: str, name: str) -> str | None:
    found = re.search(rf"{name} +(\S+)", text)
    return found[1] if found else None


def clock(text: str) -> float:
    found = re.search(r"(\d+\.\d) s", text.splitlines()[0])
    return float(found[1]) if found else 0.0


def test_values_change_and_keys_drive_the_car_until_q(terminal: Terminal) -> None:
    first = terminal.until(lambda text: "connected" in text and clock(text) > 0)
    terminal.until(lambda text: clock(text) > clock(first))
    terminal.press("Up", "Up")
    text = terminal.until(lambda text: value(text, "speed_set") == "200")
    assert value(text, "duty") != "0.0"
    terminal.press("a")
    terminal.until(lambda text: value(text, "turn_set") == "20")
    terminal.press("Space")
    terminal.until(lambda text: value(text, "speed_set") == "0" and value(text, "duty") == "0.0")
    terminal.press("h")
    terminal.until(lambda text: "EMERGENCY STOP" in text)
    terminal.press("r")
    text = terminal.until(lambda text: "EMERGENCY STOP" not in text)
    for shown in ("yard", "saved", "heap_free", "loop_time", "resume", "q Quit"):
        assert shown in text
    assert max(map(len, text.splitlines())) <= 80
    terminal.press("q")
    assert terminal.ends() == 0


def test_a_signal_to_end_leaves_the_terminal_as_it_was(terminal: Terminal, tmp_path: Path) -> None:
    terminal.until(lambda text: "connected" in text)
    os.kill(int((tmp_path / "pid").read_text()), signal.SIGTERM)
    assert terminal.ends() == 0
    assert "values" not in terminal.text()
