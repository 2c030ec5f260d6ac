"""A link to the car: a port, a conversation over it, and the stream of telemetry.

There is no thread in here: whoever waits for something moves the bytes meanwhile, heartbeats among them. A
program that no longer calls is silent on the wire, and the car stops: that is what heartbeats are for.
Telemetry that arrives while a command waits for its reply is kept, up to a bound, for the next one to ask.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from copy import deepcopy
from types import TracebackType
from typing import Any, Protocol, Self

from host.link.conversation import Conversation, KeyOf, RandomBytes, no_key
from host.link.counters import LinkCounters
from host.link.errors import CommandRefusedError, LinkError, NoReplyError, NotPairedError, SessionLostError
from host.link.hello import CarOffer, silence
from host.link.log import LogLine, LogPlace
from host.link.observer import NOBODY, Observer
from host.link.port import DEFAULT_BAUD, Port, open_port
from host.link.receiver import Receiver
from host.link.turn import Turn
from host.link.window import Pending
from protocol.contract import Contract
from protocol.frame import Frame, Kind, encode_frame
from protocol.messages import Reply, Status, build_command
from protocol.schema import Row
from protocol.session import CommandHead

HELLO_INTERVAL_S = 0.25
PATIENCE_S = 4.0
"""How long a command may take, with all that is done to get it through."""
_HALT_INTERVAL_S = 0.05


class Clock(Protocol):
    """Where the link takes the time from."""

    def monotonic(self) -> float:
        """Seconds since some start."""


def connect(
    url: str,
    contract: Contract,
    *,
    baud: int = DEFAULT_BAUD,
    timeout_s: float = 3.0,
    key_of: KeyOf = no_key,
    observer: Observer = NOBODY,
) -> Link:
    """Open a port and greet the board on it. Raises LinkError."""
    link = Link(open_port(url, baud), contract, key_of=key_of, observer=observer)
    try:
        link.hello(timeout_s)
    except BaseException:
        link.close()
        raise
    return link


class Link:
    """The host's end of the wire; safe to share between threads, which take turns.

    Commands are executed exactly once and in the order in which they were given, or the caller is told which
    were not within `patience_s`. Up to eight are under way at once: `submit` does not wait, `send` does.
    """

    def __init__(
        self,
        port: Port,
        contract: Contract,
        *,
        clock: Clock = time,
        patience_s: float = PATIENCE_S,
        key_of: KeyOf = no_key,
        random: RandomBytes = os.urandom,
        observer: Observer = NOBODY,
    ) -> None:
        self.contract = contract
        self.patience_s = patience_s
        self._port = port
        self._clock = clock
        self._turn = Turn()
        self._closed = False
        self._log = LogPlace()
        self._observer = observer
        self._receiver = Receiver(contract, lambda telemetry: self._observer.decoded(telemetry, self._now))
        self._talk = Conversation(contract, self._receiver.counters, key_of, random, observer)
        observer.link_opened(port.name, self._now)

    def observe(self, observer: Observer) -> None:
        """Have another observer from now on, who joins in the middle; NOBODY for none."""
        with self._turn():
            self._observer = self._talk.observer = observer
            observer.link_joined(self._port.name, self._now)

    def hello(self, timeout_s: float = 3.0) -> None:
        """Open a session: greet the board, compare contracts. Raises LinkError, or ContractMismatchError."""
        with self._turn():
            self._hello(timeout_s)

    def submit(self, name: str, values: Mapping[str, Any] | None = None) -> Pending:
        """Send a command without waiting for its reply; waits for room when eight are under way.

        Raises MessageError before anything is sent when the command or a value is wrong, LinkError when no
        session is or can be opened.
        """
        return self.submit_message(name, build_command(name, dict(values or {})))

    def submit_message(self, name: str, message: bytes) -> Pending:
        """As `submit`, with a message that is built already."""
        with self._turn():
            self._make_ready()
            pending = self._talk.submit(name, message, self._now)
            self._write_due()
        return pending

    def wait(self, pending: Pending) -> Reply:
        """The reply to a command that was submitted.

        Raises CommandRefusedError when the car says no, NoReplyError when it says nothing, and
        SessionLostError when it has restarted meanwhile.
        """
        while not pending.done:
            # A turn for each look, so that other threads get in between.
            with self._turn():
                if not pending.done:
                    self._pump()
        if pending.error is not None:
            raise pending.error
        reply = pending.reply
        if reply is None:
            raise RuntimeError("a command was done without a reply and without an error")
        if reply.status is not Status.OK:
            offer = self._talk.offer
            raise CommandRefusedError(reply, by_recording=offer is not None and offer.is_played)
        return reply

    def send(self, name: str, values: Mapping[str, Any] | None = None) -> Reply:
        """Send a command and return the car's reply to it: `submit`, then `wait`."""
        return self.wait(self.submit(name, values))

    def halt(self, timeout_s: float = 3.0) -> None:
        """Stop the car at once and hold it until `resume`, whatever else is under way, session or none.

        Repeated until the car says that it stands. Raises NoReplyError when it does not say so in time.
        """
        with self._turn():
            deadline = self._now + timeout_s
            self._observer.halted(self._now)
            self._talk.halted = False
            if not self._talk.is_open:
                self._talk.restart()
            while self._now < deadline:
                self._write_halt()
                if self._pump_until(lambda: self._talk.halted, min(deadline, self._now + _HALT_INTERVAL_S)):
                    return
        raise NoReplyError(
            f"{self._port.name} did not confirm the emergency stop in {timeout_s:g} s; cut the motors' power"
        )

    def next_rows(self, timeout_s: float = 1.0) -> list[Row]:
        """All telemetry rows that have come; waits for the first one. Empty when none came in time."""
        deadline = self._clock.monotonic() + timeout_s
        while True:
            # A turn for each look, so that another thread's command gets in between.
            with self._turn():
                rows = self._receiver.take_rows()
                if not rows:
                    self._pump()
                    rows = self._receiver.take_rows()
            self._ask_for_key()
            if rows or self._clock.monotonic() >= deadline:
                return rows

    def _ask_for_key(self) -> None:
        """After a loss, rows come again within a round trip instead of at the next key frame by interval."""
        if self._receiver.wants_key:
            self._receiver.wants_key = False
            with suppress(LinkError):  # on a one-way wire the interval must do
                self.request_key()

    def telemetry(self, timeout_s: float = 1.0) -> Iterator[Row]:
        """Telemetry rows as they come; ends when none came for so long."""
        while rows := self.next_rows(timeout_s):
            yield from rows

    def request_key(self) -> None:
        """Have the next telemetry frame need no earlier one, so that it can be decoded at once."""
        self.send("key")

    def log_lines(self) -> list[LogLine]:
        """What the board has written into its log since this was last asked; it keeps the newest lines only.

        The channel `log_lines` of the car's own contract tells when there is something new.
        """
        found: list[LogLine] = []
        while lines := self._log.take(self.send("log", {"line": self._log.line}).values):
            found += lines
            for line in lines:
                self._observer.logged(str(line), self._now)
        return found

    @property
    def counters(self) -> LinkCounters:
        """A copy of the counts as they stand."""
        with self._turn():
            return deepcopy(self._receiver.counters)

    @property
    def has_session(self) -> bool:
        """Whether a session is open; what was sent in another one may be lost."""
        return self._talk.is_open

    @property
    def is_halted(self) -> bool:
        """Whether the car said last that an emergency stop holds."""
        return self._talk.halted

    @property
    def round_trip_s(self) -> float | None:
        """The smoothed round trip of the open session; None before one was measured."""
        return self._talk.timer.round_trip_s

    def close(self) -> None:
        """Give the port back. Whoever waits on the link in another thread gets a LinkError."""
        self._closed = True
        with self._turn():
            self._port.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def offer(self) -> CarOffer | None:
        """What the board offered when the session was opened; None before."""
        return self._talk.offer

    def _hello(self, timeout_s: float) -> None:
        """Open a session, with the turn held."""
        talk = self._talk
        talk.restart()
        talk.lost = None
        deadline = self._now + timeout_s
        while (now := self._now) < deadline:
            # Asked again and again: a board that still starts drops what comes before it listens.
            self._write(talk.hello(now))
            if self._pump_until(lambda: talk.is_open, min(now + HELLO_INTERVAL_S, deadline)):
                return
        raise silence(self._port.name, timeout_s, self._receiver.counters)

    def _make_ready(self) -> None:
        """A session with room in its window; one that was lost is told of once."""
        talk = self._talk
        if talk.lost is not None:
            error, talk.lost = talk.lost, None
            raise error
        if not talk.is_open:
            self._hello(self.patience_s)
        offer = talk.offer
        if offer is not None and offer.is_paired and talk.key is None:
            raise NotPairedError(
                f"board {offer.board.hex()} takes signed commands only, and no key for it is here; copy "
                "the key file from the host that paired it, or unpair it at its console and `host pair` again"
            )
        while (window := talk.window) is not None and not window.has_room:
            self._pump()
        if talk.window is None:
            raise talk.lost or SessionLostError(f"the session with {self._port.name} ended; send it again")

    def _write_halt(self) -> None:
        if self._talk.window is not None:
            self._talk.window.halt()
            self._write_due()
        else:
            # A car without a key heeds it at once; one with a key, once there is a session.
            self._write(self._talk.hello(self._now))
            body = CommandHead.build({"tag": 0, "seen": 0})
            self._write(encode_frame(Frame(Kind.HALT, 0, body), self.contract.hash))

    @property
    def _now(self) -> float:
        return self._clock.monotonic()

    def _pump_until(self, done: Callable[[], bool], deadline: float) -> bool:
        """Move bytes until `done`, at least once; False when the time is up before."""
        while True:
            self._pump()
            if done() or self._now >= deadline:
                return done()

    def _pump(self) -> None:
        """Read what has come, take it in, and write what is due."""
        self._check_open()
        data = self._port.read()
        if data:
            self._observer.received(data, self._now)
        self._receiver.feed(data)
        frames = self._receiver.conversation
        while frames:
            self._talk.take(frames.popleft(), self._now)
        self._talk.give_up(self._now, self.patience_s, self._port.name)
        self._write_due()

    def _write_due(self) -> None:
        for wire in self._talk.due(self._now):
            self._write(wire)

    def _write(self, wire: bytes) -> None:
        self._check_open()
        self._port.write(wire)
        self._receiver.counters.bytes_sent += len(wire)

    def _check_open(self) -> None:
        if self._closed:
            raise LinkError(f"the link to {self._port.name} is closed; open it again with connect()")
