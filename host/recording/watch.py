"""Recording a car that comes and goes: reboots and pulled cables are part of what is recorded."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from threading import Event

from host.link import CommandRefusedError, ContractMismatchError, Link, LinkError, NotPairedError
from host.link.log import LogNews
from host.recording.driven import DrivenRoute
from host.recording.recorder import Recorder

_FINAL = (CommandRefusedError, ContractMismatchError, NotPairedError)
"""What waiting does not mend."""
_LOOK_S = 0.1
_RETRY_S = 0.5
SILENCE_S = 5.0
"""Without a row for so long, the car is taken to send none."""


@dataclass(frozen=True)
class Wish:
    """What to record: until `seconds` have passed or `rows` have come, at `rate_hz`; None is no matter."""

    seconds: float | None = None
    rows: int | None = None
    rate_hz: int | None = None


class Watch:
    """Keeps a link that a recorder watches open, until what was wished for is recorded or `ends` is set."""

    def __init__(
        self,
        connect: Callable[[], Link],
        recorder: Recorder,
        wish: Wish,
        ends: Event,
        warn: Callable[[str], None],
        told: Callable[[float, int], None] = lambda seconds, rows: None,
        route: DrivenRoute | None = None,
    ) -> None:
        """`warn` is told what the person should know, `told` the seconds and rows so far.

        With a `route` the car drives it from the first session on, and the recording ends with it.
        """
        self.has_begun = False
        """Whether there was a connection at all."""
        self.reconnects = 0
        self.seconds = 0.0
        self._connect = connect
        self._recorder = recorder
        self._wish = wish
        self._ends = ends
        self._warn = warn
        self._told = told
        self._route = route
        self._started_s = time.monotonic()
        self._row_s = self._started_s
        self._is_silent = False

    def run(self) -> None:
        """Record. Raises LinkError when the first connection fails, or the car refuses what is wished."""
        link: Link | None = self._connect()
        self.has_begun = True
        while not self._is_done():
            try:
                if link is None:
                    link = self._connect()
                    self.reconnects += 1
                    self._warn("the car is back")
                with link:
                    self._follow(link)
            except _FINAL:
                raise
            except LinkError as error:
                if link is not None:
                    self._warn(f"{error}; waiting for it, Ctrl-C ends the recording")
                    self._recorder.event("link_lost", str(error), time.monotonic())
                link = None
                self._ends.wait(_RETRY_S)

    def _follow(self, link: Link) -> None:
        """Record one link, over all the sessions that it has."""
        begun = False
        news = LogNews(link.contract.schema)
        while not self._is_done():
            if not (begun and self._recorder.in_session):
                begun = self._begin(link)
            rows = link.next_rows(_LOOK_S)
            self._watch_silence(bool(rows))
            if news.in_rows(rows):
                with suppress(NotPairedError):
                    link.log_lines()  # the recorder is told of them
            if self._route is not None and begun and self._recorder.in_session:
                self._route.look(link)
        if self._route is not None:
            self._route.end(link)

    def _begin(self, link: Link) -> bool:
        """Open a session, if there is none, and have telemetry begin with a key frame."""
        try:
            if self._wish.rate_hz is not None:
                link.send("rate", {"hz": self._wish.rate_hz})
            link.request_key()
            if self._route is not None:
                self._route.begin(link)
        except NotPairedError as error:  # telemetry can be read without a key
            if self._wish.rate_hz is not None or self._route is not None:
                raise
            self._recorder.note(str(error), time.monotonic())
        except (CommandRefusedError, ContractMismatchError):
            raise
        except LinkError:  # it restarted just now, or does not answer yet; a port that is gone says so again
            return False
        return True

    def _watch_silence(self, has_rows: bool) -> None:
        now = time.monotonic()
        if has_rows:
            self._row_s, self._is_silent = now, False
        elif now - self._row_s >= SILENCE_S and not self._is_silent:
            self._is_silent = True
            self._warn(f"no telemetry for {SILENCE_S:g} s; `--rate 10` sets a rate")

    def _is_done(self) -> bool:
        wish, rows = self._wish, self._recorder.rows
        self.seconds = time.monotonic() - self._started_s
        self._told(self.seconds, rows)
        if self._recorder.error is not None:
            return True
        if self._route is not None and self._route.outcome:
            return True
        enough = (wish.rows is not None and rows >= wish.rows) or (
            wish.seconds is not None and self.seconds >= wish.seconds
        )
        return enough or self._ends.is_set()
