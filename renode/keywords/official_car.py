"""Robot Framework keywords for the car on one of MicroPython's own builds, which only Renode runs."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from renode_backend import RenodeBackend
from robot.api.deco import keyword, library

from host.emulate.official import build
from host.link import Link, connect

_MEASURED_S = 1.0
_BOARD = "NUCLEO_F411RE"


@library(scope="SUITE", auto_keywords=False)
class official_car:  # noqa: N801  Robot Framework finds a library class by its file's name
    """A Nucleo for a suite."""

    def __init__(self) -> None:
        self._scratch = tempfile.TemporaryDirectory(prefix="patrol-robot-")
        self._board = RenodeBackend()
        self._link: Link | None = None

    @property
    def link(self) -> Link:
        """The link to the car."""
        assert self._link is not None, "the car is not on"
        return self._link

    @keyword("The Nucleo Is Switched On")
    def the_nucleo_is_switched_on(self, firmware: str) -> None:
        """Loads the build and a file system with the application, and connects."""
        path = Path(firmware)
        assert path.is_file(), f"{path}: no such file; give MicroPython's build with --variable FIRMWARE:FILE"
        built = build(_BOARD, Path(self._scratch.name))
        self._board.start_official(path, built.image)
        self._link = connect(self._board.link_url, built.contract)
        try:
            self._link.hello(60)
        except Exception as error:
            raise AssertionError(f"{error}; the console said: {self._board.console()}") from error

    @keyword("The Nucleo Is Switched Off")
    def the_nucleo_is_switched_off(self) -> None:
        """Ends link and board; may be called at any time."""
        if self._link is not None:
            self._link.close()
            self._link = None
        self._board.stop()
        self._scratch.cleanup()

    @keyword("The Nucleo Stands")
    def the_nucleo_stands(self) -> None:
        """For a test's setup."""
        self.link.send("stop")

    @keyword("The Application Is ${application} On A ${machine:\\S+}")
    def the_application_is(self, application: str, machine: str) -> None:
        """What the car says of itself."""
        said = self.link.send("info").values
        assert said["application"] == application, said
        assert machine in said["machine"], said

    @keyword("At Least ${kib:\\d+} KiB Of The Heap Are Free")
    def heap_is_free(self, kib: int) -> None:
        """Of MicroPython's heap, garbage counted as taken."""
        free = self.link.send("counters").values["heap_free"]
        assert free >= 1024 * kib, f"{free} bytes are free"

    @keyword("The Nucleo Drives At ${speed:-?\\d+} mm/s Turning ${turn:-?\\d+} deg/s")
    def the_nucleo_drives(self, speed: int, turn: int) -> None:
        """One drive command."""
        self.link.send("drive", {"speed": speed, "turn": turn})

    @keyword("The Host Says Nothing For ${seconds:\\d+} s")
    def the_host_says_nothing(self, seconds: int) -> None:
        """The time is the host's: Renode keeps its own no faster by default."""
        time.sleep(seconds)

    @keyword("Both Pins Carry ${percent:\\d+} %")
    def both_pins_carry(self, percent: int) -> None:
        """PWM of both motors, within one percent."""
        if percent:  # the link is used meanwhile: without heartbeats the car would stop
            self._measured()
            deadline = time.monotonic() + _MEASURED_S
            while time.monotonic() < deadline:
                self.link.next_rows(0.05)
        else:
            self._measured()
            time.sleep(_MEASURED_S)
        for motor, found in self._measured().items():
            assert abs(found - percent) <= 1, f"the {motor} motor's pin carries {found:.2f} %"

    def _measured(self) -> dict[str, float]:
        return {motor: self._board.pwm_percent(motor) for motor in ("left", "right")}
