"""Robot Framework keywords for the patrol car, on QEMU or, with `--variable BACKEND:renode`, on Renode."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from pathlib import Path

from car_backend import Backend
from drive_words import DriveWords
from evidence import Evidence
from file_words import FileWords
from link_words import LinkWords
from pin_words import PinWords
from qemu_backend import QemuBackend
from renode_backend import RenodeBackend
from robot.api.deco import keyword, library
from robot.libraries.BuiltIn import BuiltIn
from sight_words import SightWords
from telemetry_words import TelemetryWords

from host.emulate import build_application

_BACKENDS: dict[str, Callable[[], Backend]] = {"qemu": QemuBackend, "renode": RenodeBackend}


@library(scope="SUITE", auto_keywords=False)
class patrol_car(LinkWords, DriveWords, TelemetryWords, FileWords, PinWords, SightWords):  # noqa: N801
    """One emulated car for a suite. Robot Framework finds a library class by its file's name."""

    def __init__(self) -> None:
        super().__init__()
        self._scratch = tempfile.TemporaryDirectory(prefix="patrol-robot-")
        self._application: Path | None = None

    @keyword
    def the_car_is_switched_on(self) -> None:
        """Builds the application, starts the board with it, and connects."""
        name = BuiltIn().get_variable_value("${BACKEND}", "qemu")
        if name not in _BACKENDS:
            raise AssertionError(f"BACKEND is {name!r}; give one of {', '.join(_BACKENDS)}")
        self._switch_on(_BACKENDS[name]())

    @keyword("The Car Is Switched On In ${map_name} With Seed ${seed:\\d+}")
    def the_car_is_switched_on_in(self, map_name: str, seed: int) -> None:
        """A new car in a new world, one of the repository's maps; it is told where it stands."""
        self._switch_off()
        self.rows_seen.clear()
        self._switch_on(self.make_world(map_name, seed))
        self.take_place()

    @keyword
    def the_car_is_switched_off(self) -> None:
        """Ends link and board; may be called at any time."""
        self._switch_off()
        self._scratch.cleanup()

    def _switch_on(self, board: Backend) -> None:
        if self._application is None:
            self._application = build_application(Path(self._scratch.name) / "application.hex")
        self._board = board
        board.start(self._application)
        self.connect()

    def _switch_off(self) -> None:
        self.close_link()
        if self._board is not None:
            self._board.stop()
            self._board = None

    @keyword("A Case Begins")
    def a_case_begins(self) -> None:
        """Forget the telemetry of the one before. For a test's setup."""
        self.rows_seen.clear()

    @keyword("The Console Shows No Error")
    def the_console_shows_no_error(self) -> None:
        """Neither of the program nor of the interpreter."""
        said = self.board.console()
        assert not re.search(r"Traceback|Error|FATAL|>>>", said), f"the console said: {said}"

    @keyword("What A Failed Case Leaves Is Kept")
    def what_a_failed_case_leaves_is_kept(self) -> None:
        """Console, log, telemetry and, in a world, a picture of the track. For a test's teardown.

        They are named after the case, beside the results, told in the case's message and linked in the log.
        """
        get = BuiltIn().get_variable_value
        if get("${TEST STATUS}") == "FAIL":
            folder = Path(get("${RESULTS_DIRECTORY}") or get("${OUTPUT DIR}"))
            stem = re.sub(r"\W+", "_", f"{get('${SUITE NAME}')}_{get('${TEST NAME}')}").lower()
            Evidence(folder, stem, Path(get("${OUTPUT DIR}"))).keep(self)
