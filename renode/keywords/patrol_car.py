"""Robot Framework keywords for the patrol car, on QEMU or, with `--variable BACKEND:renode`, on Renode."""

from __future__ import annotations

import csv
import re
import tempfile
from collections.abc import Callable
from pathlib import Path

from car_backend import Backend
from drive_words import DriveWords
from file_words import FileWords
from link_words import LinkWords
from pin_words import PinWords
from qemu_backend import QemuBackend
from renode_backend import RenodeBackend
from robot.api.deco import keyword, library
from robot.libraries.BuiltIn import BuiltIn
from telemetry_words import TelemetryWords

from host.emulate import build_application
from host.monitor.physical import plain

_BACKENDS: dict[str, Callable[[], Backend]] = {"qemu": QemuBackend, "renode": RenodeBackend}


@library(scope="SUITE", auto_keywords=False)
class patrol_car(LinkWords, DriveWords, TelemetryWords, FileWords, PinWords):  # noqa: N801
    """One emulated car for a suite. Robot Framework finds a library class by its file's name."""

    def __init__(self) -> None:
        super().__init__()
        self._scratch = tempfile.TemporaryDirectory(prefix="patrol-robot-")

    @keyword
    def the_car_is_switched_on(self) -> None:
        """Builds the application, starts the board with it, and connects."""
        name = BuiltIn().get_variable_value("${BACKEND}", "qemu")
        if name not in _BACKENDS:
            raise AssertionError(f"BACKEND is {name!r}; give one of {', '.join(_BACKENDS)}")
        application = build_application(Path(self._scratch.name) / "application.hex")
        self._board = board = _BACKENDS[name]()
        board.start(application)
        self.connect()

    @keyword
    def the_car_is_switched_off(self) -> None:
        """Ends link and board; may be called at any time."""
        self.close_link()
        if self._board is not None:
            self._board.stop()
            self._board = None
        self._scratch.cleanup()

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
        """Console and telemetry, named after the case, beside the results. For a test's teardown."""
        get = BuiltIn().get_variable_value
        if get("${TEST STATUS}") == "FAIL":
            folder = Path(get("${RESULTS_DIRECTORY}") or get("${OUTPUT DIR}"))
            stem = re.sub(r"\W+", "_", f"{get('${SUITE NAME}')}_{get('${TEST NAME}')}").lower()
            folder.mkdir(parents=True, exist_ok=True)
            said = self._board.console() if self._board is not None else "the board was not on\n"
            (folder / f"{stem}.console.txt").write_text(said, encoding="utf-8")
            self._save_rows(folder / f"{stem}.telemetry.csv")

    def _save_rows(self, path: Path) -> None:
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["time_us", *(channel.name for channel in self.contract.schema.channels)])
            for row in self.rows_seen:
                writer.writerow([row.time_us, *map(plain, row.values.values())])
