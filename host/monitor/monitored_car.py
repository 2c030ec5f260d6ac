"""A car that is watched and given orders: one live model for whatever shows it.

A thread keeps a link, through reboots and pulled cables. Heartbeats would keep a car driving whose driver's
screen hangs, so whoever drives by hand says again and again that somebody is there (`attend`); else the car
is stopped.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from threading import Event, Thread
from types import TracebackType
from typing import Self

from host.link import ContractMismatchError, Link, LinkError, Observer
from host.link.hello import CarOffer
from host.monitor import orders
from host.monitor.link_work import LinkWork
from host.monitor.memory import Memory
from host.monitor.order_box import OrderBox
from host.monitor.orders import Order
from host.monitor.snapshot import Connection, NoteKind, Snapshot
from protocol.contract import Contract

FIRST_RETRY_S = 0.25
LAST_RETRY_S = 2.0
_LOOK_S = 0.05
_HELLO_S = 0.5

Connect = Callable[[Observer], Link]
"""Opens a port and makes a link on it, which the observer watches; a session is not needed yet."""


class MonitoredCar:
    """Watches one car and gives it orders. Safe to call from any thread; only `close` waits."""

    def __init__(
        self,
        connect: Connect,
        contract: Contract,
        *,
        rate_hz: int | None = None,
        on_mark: Callable[[str], None] = lambda text: None,
        box: OrderBox | None = None,
    ) -> None:
        """`rate_hz` is the telemetry rate that is asked for in every session; None leaves it as it is.
        `on_mark` is told of moments that somebody marks.
        """
        self.memory = Memory(contract.schema)
        self._box = box or OrderBox()
        self._connect = connect
        self._rate_hz = rate_hz
        self._on_mark = on_mark
        self._ends = Event()
        self._told = _Told(self.memory)
        self._thread = Thread(target=self._run, name="monitored car", daemon=True)

    def start(self) -> None:
        """Begin to connect."""
        self._thread.start()

    def close(self, timeout_s: float = 3.0) -> None:
        """Stop a car that is driven by hand, and give the port back."""
        self._ends.set()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def order(self, order: Order) -> None:
        """Have it done when the car can be reached soon; what became of it is told in the log."""
        self._box.put(order)

    def halt(self) -> None:
        """Stop at once, before all else, until `resume`."""
        self._box.put_halt()

    def mark(self, text: str = "") -> None:
        """Mark this moment in the log, and in a recording."""
        row = self.memory.latest
        at = f"at {row.time_us / 1e6:.2f} s of the car's clock" if row else "before the first row"
        marked = f"mark {text} {at}" if text else f"mark {at}"
        self.memory.note(NoteKind.MARK, marked)
        self._on_mark(marked)

    def attend(self) -> None:
        """Somebody sees the car, or could."""
        self._box.attend()

    def snapshot(self, *, since_note: int = 0, with_history: bool = True) -> Snapshot:
        """All there is to show."""
        return self.memory.snapshot(since_note=since_note, with_history=with_history)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _run(self) -> None:
        wait_s = FIRST_RETRY_S
        while not self._ends.is_set():
            try:
                with self._connect(self._told) as link:
                    self._follow(link)
                return
            except (LinkError, OSError) as error:
                self._lost(f"{error}")
            except Exception as error:  # what is shown from now on would be old, and look as if it were not
                self._lost(f"the monitor has failed, start it again: {error!r}")
                raise
            if self._told.was_in_session:
                self._told.was_in_session, wait_s = False, FIRST_RETRY_S
            self.memory.end_link()
            self._ends.wait(wait_s)
            wait_s = min(2 * wait_s, LAST_RETRY_S)

    def _follow(self, link: Link) -> None:
        """Until the monitor ends. Raises LinkError when the port is gone."""
        work = LinkWork(link, self.memory, self._box, self._rate_hz)
        while not self._ends.is_set():
            if self._box.take_halt():
                with suppress(LinkError):
                    link.halt()
            if link.has_session:
                self._attend_to(link, work)
            else:
                work.give_up()
                self._greet(link)
        if self._box.is_driven and link.has_session:
            with suppress(LinkError):
                link.send("stop")

    def _attend_to(self, link: Link, work: LinkWork) -> None:
        if self._told.takes_new_session():
            self.memory.set_connection(Connection.CONNECTED)
            work.begin()
        if self._box.is_unattended:
            self.memory.note(NoteKind.PROBLEM, "nobody looks at the monitor: the car is stopped")
            self._box.put(orders.stop())
        work.do()
        rows = link.next_rows(_LOOK_S)
        self.memory.take_rows(rows)
        work.told_rows(bool(rows))

    def _greet(self, link: Link) -> None:
        """A port with no car behind it may get one: a board that starts takes a second or two."""
        try:
            link.hello(_HELLO_S)
        except ContractMismatchError:
            raise
        except LinkError as error:
            self._lost(str(error))
            link.next_rows(0)  # a port that is gone says so here

    def _lost(self, reason: str) -> None:
        """Said once, not at every try."""
        before = self.memory.connection
        self.memory.set_connection(Connection.LOST, reason)
        if before != (Connection.LOST, reason):
            self.memory.note(NoteKind.PROBLEM, f"{reason} (trying again)")


class _Told(Observer):
    """What the link tells, written into the log."""

    def __init__(self, memory: Memory) -> None:
        self.was_in_session = False
        self._memory = memory
        self._is_new_session = False
        self._uptime_ms: int | None = None

    def takes_new_session(self) -> bool:
        """Whether a session was opened since this was last asked."""
        is_new, self._is_new_session = self._is_new_session, False
        return is_new

    def session_opened(self, offer: CarOffer, now_s: float) -> None:
        """See Observer."""
        row = self._memory.latest
        known_ms = max(self._uptime_ms or 0, row.time_us // 1000 if row else 0)
        has_restarted = offer.uptime_ms < known_ms
        is_back = self._uptime_ms is not None
        self._uptime_ms = offer.uptime_ms
        self._is_new_session = self.was_in_session = True
        up = f"board {offer.board.hex()}, up for {offer.uptime_ms / 1000:.1f} s"
        if has_restarted:
            self._memory.begin_clock()
        said = "the car has restarted" if has_restarted else "the car is back" if is_back else "connected"
        self._memory.note(NoteKind.EVENT, f"{said}: {up}")

    def session_lost(self, error: LinkError, under_way: object, now_s: float) -> None:
        """See Observer."""
        self._memory.note(NoteKind.PROBLEM, str(error))

    def halted(self, now_s: float) -> None:
        """See Observer."""
        self._memory.note(NoteKind.ORDER, "emergency stop")

    def logged(self, line: str, now_s: float) -> None:
        """See Observer."""
        self._memory.note(NoteKind.CAR, line)
