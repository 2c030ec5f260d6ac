"""What a failed case leaves: files beside the results, and links to them in Robot Framework's log."""

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
        kept = [console, self._save_rows(words)]
        if isinstance(board, WorldBackend):
            kept.append(self._draw(board))
        self._tell(kept)

    def _path(self, kind: str) -> Path:
        return self.folder / f"{self.stem}.{kind}"

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
            # Short, since consoles and JUnit show the message as it is.
            links.append(f'<a href="{address}">{escape(path.name.removeprefix(f"{self.stem}."))}</a>')
            if path.suffix == ".png":
                logger.info(f'<img src="{address}" alt="the track" width="900">', html=True)
        told = ", ".join(links)
        logger.info(f"Kept: {told}", html=True)
        message = BuiltIn().get_variable_value("${TEST MESSAGE}") or ""
        BuiltIn().set_test_message(f"*HTML*{_as_html(message)}<br>Kept: {told}")


def _as_html(message: str) -> str:
    return message.removeprefix("*HTML*") if message.startswith("*HTML*") else escape(message)
