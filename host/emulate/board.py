"""What every emulator of the board offers, whatever runs it."""

from __future__ import annotations

from types import TracebackType
from typing import Protocol, Self


class EmulatedBoard(Protocol):
    """A running board. URLs are for `serial.serial_for_url`; each takes one peer at a time."""

    repl_url: str
    """MicroPython's console: USART1."""

    link_url: str
    """The wire that host and car talk over: USART2."""

    sensors_url: str
    """The port that sensors write to: USART3."""

    def start(self) -> None:
        """Return once the board is up. Raises EmulatorError."""

    def stop(self) -> None:
        """End it; does nothing when it does not run."""

    def wait(self, timeout_s: float | None = None) -> bool:
        """Whether it ended by itself within the time; None waits for ever."""

    def instructions(self, ticks: int) -> int:
        """Instructions that the board executed in so many ticks of its own counter."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
