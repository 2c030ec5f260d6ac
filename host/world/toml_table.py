"""Reads tables of a TOML file key by key; every complaint names file and key and what to write."""

from __future__ import annotations

import math
import tomllib
from itertools import pairwise
from pathlib import Path
from typing import Any

Point = tuple[float, float]


class TableError(ValueError):
    """The file is not what it should be; the text is for the person who wrote it."""


class Table:
    """A table of a file. `error` is what it raises; `finish` refuses the keys that nothing asked for."""

    def __init__(self, content: dict[str, Any], file: str, error: type[TableError], prefix: str = "") -> None:
        self._content = content
        self._file = file
        self._error = error
        self._prefix = prefix
        self._asked: list[str] = []

    def wrong(self, key: str, instead: str) -> TableError:
        """A complaint about a key of this table."""
        has = f" is {self._content[key]!r}" if key in self._content else " is missing"
        return self._error(f"{self._file}: {self._prefix}{key}{has}: {instead}")

    def has(self, key: str) -> bool:
        """Whether the key is there."""
        return self._get(key) is not None

    def number(self, key: str, default: float | None = None, low: float = -1e6, high: float = 1e6,
               unit: str = "mm") -> float:
        """A number with a unit, low to high."""
        value = self._get(key, default)
        if not _is_number(value) or not low <= value <= high:
            raise self.wrong(key, f"give a number {low:g} to {high:g} ({unit})")
        return float(value)

    def integer(self, key: str, default: int | None = None, low: int = 0, high: int = 1_000_000) -> int:
        """A whole number, low to high."""
        value = self._get(key, default)
        if type(value) is not int or not low <= value <= high:
            raise self.wrong(key, f"give a whole number {low} to {high}")
        return value

    def flag(self, key: str, default: bool | None = None) -> bool:
        """True or false."""
        value = self._get(key, default)
        if not isinstance(value, bool):
            raise self.wrong(key, "give true or false")
        return value

    def text(self, key: str, default: str | None = None) -> str:
        """A text that is not empty."""
        value = self._get(key, default)
        if not isinstance(value, str) or not value:
            raise self.wrong(key, 'give a text in quotes, as "yard"')
        return value

    def point(self, key: str) -> Point:
        """Two numbers in mm."""
        value = self._get(key)
        if not _is_point(value):
            raise self.wrong(key, "give two numbers in mm, as [1200, 800]")
        return (float(value[0]), float(value[1]))

    def points(self, key: str, least: int = 2) -> tuple[Point, ...]:
        """At least so many points in mm, no two alike in a row."""
        value = self._get(key)
        if not isinstance(value, list) or len(value) < least or not all(_is_point(at) for at in value):
            raise self.wrong(key, f"give at least {least} points in mm, as [[0, 0], [1200, 800]]")
        points = tuple((float(x), float(y)) for x, y in value)
        if any(a == b for a, b in pairwise(points)):
            raise self.wrong(key, "the same point comes twice in a row: leave one out")
        return points

    def table(self, key: str) -> Table:
        """The table of that name."""
        value = self._get(key)
        if not isinstance(value, dict):
            raise self.wrong(key, f"write a table [{self._prefix}{key}]")
        return Table(value, self._file, self._error, f"{self._prefix}{key}.")

    def tables(self, key: str) -> list[Table]:
        """The tables of that name, which may be none."""
        value = self._get(key, [])
        if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
            raise self.wrong(key, f"write tables [[{self._prefix}{key}]]")
        return [
            Table(entry, self._file, self._error, f"{self._prefix}{key}[{at}].")
            for at, entry in enumerate(value)
        ]

    def finish(self) -> None:
        """Refuse what was not asked for: a key with a slip in it would be left out without a word."""
        for key in self._content:
            if key not in self._asked:
                known = ", ".join(self._asked)
                where = f"{self._file}: {self._prefix}{key}"
                raise self._error(f"{where} is no key of this table: write one of {known}")

    def _get(self, key: str, default: Any = None) -> Any:
        if key not in self._asked:
            self._asked.append(key)
        return self._content.get(key, default)


def read_toml(path: Path, error: type[TableError]) -> Table:
    """The whole file as a table."""
    try:
        return Table(tomllib.loads(path.read_text(encoding="utf-8")), str(path), error)
    except OSError as why:
        raise error(f"{path}: {why.strerror}: give the path of a TOML file") from None
    except UnicodeDecodeError:
        raise error(f"{path}: not UTF-8: give a text file") from None
    except tomllib.TOMLDecodeError as why:
        raise error(f"{path}: no TOML: {why}") from None


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value)


def _is_point(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(_is_number(part) for part in value)
