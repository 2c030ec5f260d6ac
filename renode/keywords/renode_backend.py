"""The board on Renode, through the keywords of renode-test. The link goes over a socket terminal."""

from __future__ import annotations

import math
import socket
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from car_backend import ROOT, Console, WallTime
from robot.libraries.BuiltIn import BuiltIn

_GPIO = 0x4002_0000
_IDR = 0x10
"""Holds outputs too: Renode's ports have one state for both directions."""


class RenodeBackend(WallTime):
    """See Backend."""

    def __init__(self) -> None:
        self._console: Console | None = None

    def start(self, application: Path) -> None:
        """See Backend."""
        self._load(ROOT / "renode" / "patrol_car.resc", {
            "platform": ROOT / "renode" / "patrol_car.repl",
            "image": ROOT / "build" / "board" / "firmware.elf",
            "application": application,
        })
        _keyword("Start Emulation")

    def start_official(self, firmware: Path, files: Path) -> None:
        """Switch on a NUCLEO-F411RE with one of MicroPython's own builds and this file system."""
        folder = ROOT / "renode" / "official"
        script = folder / "nucleo_f411re.resc"
        self._load(script, {"platform": folder / "nucleo_f411re.repl", "files": files}, ("repl", "link"))
        kind = "ELF" if firmware.suffix == ".elf" else "HEX"
        self._execute(f"sysbus Load{kind} {_file(firmware)}")
        self._execute("runMacro $reset")
        _keyword("Start Emulation")

    def _load(
        self, script: Path, files: Mapping[str, Path], names: Sequence[str] = ("repl", "link", "sensors")
    ) -> None:
        """Run a script with these files and with free ports, and listen to the console."""
        # renode-test calls this by itself only in suites that have no setup of their own.
        _keyword("Setup")
        ports = dict(zip(names, _free_ports(len(names)), strict=True))
        for name, path in files.items():
            self._execute(f"${name}={_file(path)}")
        for name, port in ports.items():
            self._execute(f"${name}_port={port}")
        self._execute(f"include {_file(script)}")
        self._console = Console(f"socket://127.0.0.1:{ports['repl']}")
        self.link_url = f"socket://127.0.0.1:{ports['link']}"

    def stop(self) -> None:
        """See Backend."""
        if self._console is not None:
            self._console.close()
            self._console = None
            _keyword("Reset Emulation")
            _keyword("Teardown")

    def console(self) -> str:
        """See Backend."""
        return self._console.text() if self._console else ""

    def pwm_percent(self, motor: str) -> float:
        """See Backend. Without an edge Renode says NaN, which is a duty of 0 here, or one of 100."""
        observer = f"sysbus.gpioPortA.pwm_{motor}"
        percent = float(self._execute(f"{observer} HighPercentage"))
        self._execute(f"{observer} Reset")
        return 0.0 if math.isnan(percent) else percent

    def pin(self, name: str) -> bool:
        """See Backend."""
        address = _GPIO + 0x400 * (ord(name[0]) - ord("A")) + _IDR
        levels = int(self._execute(f"sysbus ReadDoubleWord {address:#x}"), 16)
        return bool(levels >> int(name[1:]) & 1)

    def press_button(self, pressed: bool) -> None:
        """See Backend."""
        self._execute(f"sysbus.gpioPortC.button {'Press' if pressed else 'Release'}")

    def feed_adc(self, channel: int, sample: int) -> None:
        """See Backend."""
        self._execute(f"sysbus.adc1 FeedSample {sample} {channel} -1")

    def _execute(self, command: str) -> str:
        return str(_keyword("Execute Command", command)).strip()


def _keyword(name: str, *arguments: str) -> object:
    """Run a keyword of renode-test. Robot would take `\\`, `$` and `=` for its own; they are escaped."""
    escaped = [text.replace("\\", "\\\\").replace("$", "\\$").replace("=", "\\=") for text in arguments]
    return BuiltIn().run_keyword(name, *escaped)


def _file(path: Path) -> str:
    """A path for Renode's monitor, in which a blank ends a word."""
    return "@" + path.resolve().as_posix().replace(" ", "\\ ")


def _free_ports(count: int = 3) -> list[int]:
    with ExitStack() as sockets:
        free = [sockets.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [each.getsockname()[1] for each in free]
