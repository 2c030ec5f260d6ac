"""The car's log, as far as it was not read yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from protocol.schema import Row, Schema


@dataclass(frozen=True)
class LogLine:
    """A line that the board wrote, and when: in ms since its start."""

    uptime_ms: int
    text: str

    def __str__(self) -> str:
        return f"{self.uptime_ms / 1000:.3f} s  {self.text}"


class LogPlace:
    """Where in the board's log a reader is. Lines that the board no longer keeps are skipped."""

    def __init__(self) -> None:
        self.line = 0
        """The number of the next line, modulo 65,536."""

    def take(self, values: dict[str, Any]) -> list[LogLine]:
        """The lines in a reply to `log`; none when all have been read."""
        lines = [LogLine(each["uptime_ms"], each["text"]) for each in values["lines"]]
        self.line = values["line"] + len(lines) & 0xFFFF
        return lines


class LogNews:
    """Tells from telemetry whether there are new lines. Contracts without the channel never have any."""

    def __init__(self, schema: Schema) -> None:
        names = [channel.name for channel in schema.channels]
        self._at = names.index("log_lines") if "log_lines" in names else None
        self._count: int | None = None

    def in_rows(self, rows: Sequence[Row]) -> bool:
        """Whether the number of lines has changed in rows that came, or was seen for the first time."""
        if self._at is None or not rows:
            return False
        before, self._count = self._count, rows[-1].values[self._at]
        return self._count != before
