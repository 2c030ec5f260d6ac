"""What a failed case leaves: files beside the results, named in its message and linked in the log."""

from __future__ import annotations

import csv
import os
from dataclasses import dataclass
from html import escape
from pathlib import Path
from urllib.parse import quote

from car_words import Words
from robot.api import logger
from robot.libraries.BuiltIn import BuiltIn
from world_backend import WorldBackend

from host.emulate import EmulatorError
from host.link import Link, LinkError
from host.link.log import LogPlace
from host.monitor.physical import plain


@dataclass(frozen=True)
class Evidence:
    """Files in `folder` that begin with `stem`; the log that links to them is in `log_folder`."""

    folder: Path
    stem: str
    log_folder: Path

    def keep(self, words: Words) -> None:
        """Write what there is. A car that was never switched on leaves its absence only."""
        self.folder.mkdir(parents=True, exist_ok=True)
        board = words.board_if_on
        said = board.console() if board is not None else "(the board was not on)\n"
        console = self._path("console.txt")
        console.write_text(said or "(the console said nothing)\n", encoding="utf-8")
        kept = [console, self._save_log(words), self._save_rows(words)]
        if isinstance(board, WorldBackend):
            kept.append(self._draw(board))
        self._tell(kept)

    def _path(self, kind: str) -> Path:
        return self.folder / f"{self.stem}.{kind}"

    def _save_log(self, words: Words) -> Path:
        """The lines of its log that the car still has, asked for over the link."""
        try:
            lines = _log_of(words.link)
        except (LinkError, EmulatorError) as error:
            lines = [f"(the car could not be asked: {error})"]
        path = self._path("log.txt")
        path.write_text("".join(f"{line}\n" for line in lines) or "(the log is empty)\n", encoding="utf-8")
        return path

    def _save_rows(self, words: Words) -> Path:
        path = self._path("telemetry.csv")
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["time_us", *(channel.name for channel in words.contract.schema.channels)])
            for row in words.rows_seen:
                writer.writerow([row.time_us, *map(plain, row.values.values())])
        return path

    def _draw(self, board: WorldBackend) -> Path:
        from host.world.picture import save_picture  # only what fails needs matplotlib

        path = self._path("track.png")
        save_picture(board.world, path, self.stem.replace("_", " "))
        return path

    def _tell(self, kept: list[Path]) -> None:
        links = []
        for path in kept:
            address = quote(os.path.relpath(path, self.log_folder).replace(os.sep, "/"))
            links.append(f'<a href="{address}">{escape(path.name.removeprefix(f"{self.stem}."))}</a>')
            if path.suffix == ".png":
                logger.info(f'<img src="{address}" alt="the track" width="900">', html=True)
        logger.info(f"Kept: {', '.join(links)}", html=True)
        # As plain text, since consoles and JUnit show it as it is.
        message = BuiltIn().get_variable_value("${TEST MESSAGE}") or ""
        BuiltIn().set_test_message(f"{message}\nKept: {', '.join(path.name for path in kept)}")


def _log_of(link: Link) -> list[str]:
    place, found = LogPlace(), list[str]()
    while lines := place.take(link.send("log", {"line": place.line}).values):
        found += map(str, lines)
    return found
