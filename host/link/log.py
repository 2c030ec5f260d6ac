"""The car's log, as far as it was not read yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


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
