"""A stand-in for the keywords of renode-test, with nothing of Renode in it.

It takes the monitor's commands that the back end sends, checks them against the platform and the script, and
puts QEMU's board behind the ports. What is read from pins is made up.
"""

from __future__ import annotations

import re
from pathlib import Path

from host.emulate import Emulator
from tests.renode.repl import load_platform


class stand_in_keywords:  # noqa: N801  Robot Framework finds a library class by its file's name
    """One board at most."""

    ROBOT_LIBRARY_SCOPE = "SUITE"

    def __init__(self) -> None:
        self._platform = load_platform()
        self._settings: dict[str, str] = {}
        self._board: Emulator | None = None
        self._is_set_up = False

    def setup(self) -> None:
        """Has to come before any command."""
        self._is_set_up = True

    def teardown(self) -> None:
        """Has to come last."""
        assert self._is_set_up
        assert self._board is None

    def reset_emulation(self) -> None:
        """Ends the board."""
        if self._board is not None:
            self._board.stop()
            self._board = None

    def start_emulation(self) -> None:
        """The script must have been included."""
        assert self._board is not None

    def execute_command(self, command: str) -> str:
        """One line for the monitor."""
        assert self._is_set_up
        if found := re.fullmatch(r"\$(\w+)=(\S+)", command):
            self._settings[found[1]] = found[2]
        elif found := re.fullmatch(r"include @(/\S+)", command):
            self._include(Path(found[1]))
        else:
            return self._ask(command)
        return ""

    def _include(self, script: Path) -> None:
        known = re.findall(r"^\$(\w+)\?=", script.read_text(encoding="utf-8"), re.MULTILINE)
        assert set(self._settings) == set(known) - {"name"}
        files = {name: Path(self._settings[name][1:]) for name in ("platform", "image", "application")}
        assert all(path.is_absolute() and path.is_file() for path in files.values()), files
        ports = {name: int(value) for name, value in self._settings.items() if name.endswith("_port")}
        self._board = Emulator(files["application"], image=files["image"], **ports)
        self._board.start()

    def _ask(self, command: str) -> str:
        for name in re.findall(r"sysbus\.([\w.]+)", command):
            *parents, last = name.split(".")
            assert self._platform[last].parent == (parents[0] if parents else "sysbus"), command
        forms = {
            r"sysbus\.gpioPortA\.pwm_(left|right) HighPercentage": "NaN\r\n",
            r"sysbus\.gpioPortA\.pwm_(left|right) Reset": "",
            r"sysbus ReadDoubleWord 0x[0-9a-f]{8}": "0x00002000\r\n",
            r"sysbus\.gpioPortC\.button (Press|Release)": "",
            r"sysbus\.adc1 FeedSample \d+ \d+ -1": "",
        }
        for form, answer in forms.items():
            if re.fullmatch(form, command):
                return answer
        raise AssertionError(f"not a command that the notes have: {command}")
