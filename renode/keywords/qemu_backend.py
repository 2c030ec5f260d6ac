"""The board on QEMU, through host.emulate. QEMU has no pins: what concerns them is for Renode."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

from car_backend import Console, WallTime

from host.emulate import Emulator


class QemuBackend(WallTime):
    """See Backend."""

    def __init__(self) -> None:
        self._board: Emulator | None = None
        self._console: Console | None = None
        self._boot_output = ""

    def start(self, application: Path) -> None:
        """See Backend."""
        self._board = Emulator(application)
        self._board.start()
        self._boot_output = self._board.boot_output
        self._console = Console(self._board.repl_url)
        self.link_url = self._board.link_url

    def stop(self) -> None:
        """See Backend."""
        if self._board is not None:
            self._board.stop()
            self._board = None
        if self._console is not None:
            self._console.close()

    def console(self) -> str:
        """See Backend."""
        return self._boot_output + (self._console.text() if self._console else "")

    def pwm_percent(self, motor: str) -> NoReturn:
        """See Backend."""
        raise no_pins()

    def pin(self, name: str) -> NoReturn:
        """See Backend."""
        raise no_pins()

    def press_button(self, pressed: bool) -> NoReturn:
        """See Backend."""
        raise no_pins()

    def feed_adc(self, channel: int, sample: int) -> NoReturn:
        """See Backend."""
        raise no_pins()


def no_pins() -> AssertionError:
    """What to raise where a pin is asked for."""
    return AssertionError("QEMU has no pins; tag this case `renode`, and run it with renode-test")
