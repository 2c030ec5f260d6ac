"""Signals that end a program in order, as Ctrl-C does."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Event
from types import FrameType

_ENDINGS = (signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else []))


@contextmanager
def signals_as_ctrl_c() -> Iterator[None]:
    """SIGTERM, and a terminal that closes, raise KeyboardInterrupt within."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    with _handled(_ENDINGS, interrupt):
        yield


@contextmanager
def signals_as_event() -> Iterator[Event]:
    """Ctrl-C, SIGTERM, and a terminal that closes, set an event within; a second Ctrl-C interrupts."""
    ends = Event()

    def end(number: int, frame: FrameType | None) -> None:
        if ends.is_set() and number == signal.SIGINT:
            raise KeyboardInterrupt
        ends.set()

    with _handled((signal.SIGINT, *_ENDINGS), end):
        yield ends


@contextmanager
def _handled(
    numbers: Sequence[signal.Signals], handler: Callable[[int, FrameType | None], None]
) -> Iterator[None]:
    before = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier)
