"""Going on after a session was lost: the car restarted, or the wire was cut for a while."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from host.link import Link, NoReplyError, SessionLostError

Told = Callable[[int, int], None]
"""Told how many bytes are through, and of how many."""

_Result = TypeVar("_Result")
_TRIES = 5


def silent(done: int, total: int) -> None:
    """Tells nobody."""


def resumed(link: Link, attempt: Callable[[], _Result]) -> _Result:
    """The result of an attempt, made again in a new session when its session is lost. Raises LinkError."""
    for _ in range(_TRIES - 1):
        try:
            return attempt()
        except (SessionLostError, NoReplyError):
            link.hello(link.patience_s)
    return attempt()
