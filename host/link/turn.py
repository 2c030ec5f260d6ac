"""A lock that is fair between two threads."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock


class Turn:
    """Whoever waits gets the next turn, even when the holder asks for another one at once.

    A plain Lock would let a thread that reads telemetry in a loop starve one that sends a command.
    """

    def __init__(self) -> None:
        self._queue = Lock()
        self._held = Lock()

    @contextmanager
    def __call__(self) -> Iterator[None]:
        """Hold the turn for the length of a `with` block."""
        with self._queue:
            self._held.acquire()
        try:
            yield
        finally:
            self._held.release()
