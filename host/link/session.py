"""A conversation with the car: HELLO, commands with their replies, and the stream of telemetry.

There is no thread in here: whoever waits for something moves the bytes meanwhile. Telemetry that arrives
while a command waits for its reply is kept, up to a bound, for the next one to ask for rows.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from copy import deepcopy
from types import TracebackType
from typing import Protocol, Self

from host.link.counters import LinkCounters
from host.link.errors import CommandRefusedError, LinkError, NoReplyError
from host.link.hello import hello_frame, silence
from host.link.port import DEFAULT_BAUD, Port, open_port
from host.link.receiver import Receiver
from host.link.turn import Turn
from protocol.contract import Contract
from protocol.frame import DELIMITER, Frame, Kind, encode_frame
from protocol.messages import Reply, Status, build_command, compress
from protocol.schema import Row
from protocol.telemetry import SEQUENCES

HELLO_INTERVAL_S = 0.25


class Clock(Protocol):
    """Where the link takes the time from."""

    def monotonic(self) -> float:
        """Seconds since some start."""


def connect(url: str, contract: Contract, *, baud: int = DEFAULT_BAUD, timeout_s: float = 3.0) -> Link:
    """Open a port and greet the board on it. Raises LinkError."""
    link = Link(open_port(url, baud), contract)
    try:
        link.hello(timeout_s)
    except BaseException:
        link.close()
        raise
    return link


class Link:
    """The host's end of the wire; safe to share between threads, which take turns.

    A command is sent again after `reply_timeout_s` without its reply, `tries` times in all, always under
    its own sequence number: the board executes it at most once and repeats its reply.
    """

    def __init__(
        self,
        port: Port,
        contract: Contract,
        *,
        clock: Clock = time,
        reply_timeout_s: float = 1.0,
        tries: int = 4,
    ) -> None:
        self.contract = contract
        self.reply_timeout_s = reply_timeout_s
        self.tries = tries
        self._port = port
        self._clock = clock
        self._turn = Turn()
        self._closed = False
        self._receiver = Receiver(contract)
        self._sequence = 0

    def hello(self, timeout_s: float = 3.0) -> None:
        """Greet the board and compare contracts. Raises LinkError, or ContractMismatchError."""
        greeting = DELIMITER + encode_frame(hello_frame(self.contract), self.contract.hash)
        receiver = self._receiver
        with self._turn():
            receiver.greeting = None
            deadline = self._clock.monotonic() + timeout_s
            while (now := self._clock.monotonic()) < deadline:
                # Asked again and again: a board that still starts drops what comes before it listens.
                self._write(greeting)
                until = min(now + HELLO_INTERVAL_S, deadline)
                if self._pump_until(lambda: receiver.greeting is not None, until):
                    return
        raise silence(self._port.name, timeout_s, receiver.counters)

    def send(self, name: str, values: Mapping[str, int] | None = None) -> Reply:
        """Send a command and return the car's reply to it.

        Raises MessageError before anything is sent when the command or a value is wrong,
        CommandRefusedError when the car says no, NoReplyError when it says nothing.
        """
        message = build_command(name, dict(values or {}))
        with self._turn():
            reply = self._exchange(name, message)
        if reply.status is not Status.OK:
            raise CommandRefusedError(reply)
        return reply

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
            with suppress(NoReplyError):  # on a one-way wire the interval must do
                self.request_key()

    def telemetry(self, timeout_s: float = 1.0) -> Iterator[Row]:
        """Telemetry rows as they come; ends when none came for so long."""
        while rows := self.next_rows(timeout_s):
            yield from rows

    def request_key(self) -> None:
        """Have the next telemetry frame need no earlier one, so that it can be decoded at once."""
        self.send("key")

    @property
    def counters(self) -> LinkCounters:
        """A copy of the counts as they stand."""
        with self._turn():
            return deepcopy(self._receiver.counters)

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

    def _exchange(self, name: str, message: bytes) -> Reply:
        sequence, self._sequence = self._sequence, (self._sequence + 1) % SEQUENCES
        body, stored = compress(message, self.contract.message_book)
        wire = encode_frame(Frame(Kind.COMMAND, sequence, body, stored), self.contract.hash)
        receiver = self._receiver
        receiver.expect(sequence, name)
        for attempt in range(self.tries):
            receiver.counters.retries += attempt > 0
            # Before a second try, a delimiter ends whatever noise the board may have read.
            self._write(DELIMITER + wire if attempt else wire)
            deadline = self._clock.monotonic() + self.reply_timeout_s
            if self._pump_until(lambda: receiver.reply is not None, deadline) and receiver.reply:
                return receiver.reply
        raise NoReplyError(
            f"no reply to {name} from {self._port.name} in {self.tries} tries of {self.reply_timeout_s:g} s; "
            "check the wiring, then `host send ping`"
        )

    def _pump_until(self, done: Callable[[], bool], deadline: float) -> bool:
        """Move bytes until `done`, at least once; False when the time is up before."""
        while True:
            self._pump()
            if done() or self._clock.monotonic() >= deadline:
                return done()

    def _pump(self) -> None:
        self._check_open()
        self._receiver.feed(self._port.read())

    def _write(self, wire: bytes) -> None:
        self._check_open()
        self._port.write(wire)
        self._receiver.counters.bytes_sent += len(wire)

    def _check_open(self) -> None:
        if self._closed:
            raise LinkError(f"the link to {self._port.name} is closed; open it again with connect()")
