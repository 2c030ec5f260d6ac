"""What a monitor does on a link that is open: orders, and asking for what the car does not say by itself."""

from __future__ import annotations

import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field

from host.link import CommandRefusedError, Link, LinkError, NotPairedError, Pending
from host.monitor.memory import Memory
from host.monitor.order_box import OrderBox
from host.monitor.orders import Command, Order
from host.monitor.snapshot import NoteKind
from protocol.messages import MessageError

SILENCE_S = 5.0
"""Without a row for so long, the car is taken to send none."""
_FIGURES_S = 0.2
_STATUS_S = 0.25
_STEPS = 4
"""Commands of one order under way at once: the window has room left for a stop."""


@dataclass
class _Doing:
    """An order under way."""

    order: Order
    left: deque[Command]
    pending: deque[Pending] = field(default_factory=deque)


class LinkWork:
    """Called again and again by the thread that has the link; it waits for replies between the calls."""

    def __init__(self, link: Link, memory: Memory, box: OrderBox, rate_hz: int | None) -> None:
        self._link = link
        self._memory = memory
        self._box = box
        self._rate_hz = rate_hz
        self._doing: list[_Doing] = []
        self._status: Pending | None = None
        self._wants_status = not (memory.has_pose and memory.has_mode)
        self._status_s = self._figures_s = 0.0
        self._row_s = time.monotonic()
        self._is_silent = False
        self._log_line = -1
        self._is_read_only = False

    def begin(self) -> None:
        """A session was opened: say what is wished for, and have telemetry begin with a key frame."""
        self._wants_status = self._wants_status or not (self._memory.has_pose and self._memory.has_mode)
        self._status, self._log_line, self._is_silent = None, -1, False
        self._row_s = time.monotonic()
        try:
            if self._rate_hz is not None:
                self._link.send("rate", {"hz": self._rate_hz})
            self._link.request_key()
            self._is_read_only = False
        except NotPairedError as error:  # telemetry can be read without a key
            self._is_read_only = True
            self._memory.note(NoteKind.PROBLEM, str(error))
        except LinkError as error:
            self._memory.note(NoteKind.PROBLEM, str(error))

    def do(self) -> None:
        """What is due now. Raises LinkError when the port is gone."""
        now = time.monotonic()
        self._start_orders()
        self._doing = [each for each in self._doing if not self._go_on(each)]
        if not self._is_read_only:
            self._look_at_status(now)
            self._read_log()
        if now - self._figures_s >= _FIGURES_S:
            self._figures_s = now
            self._memory.take_counters(self._link.counters, self._link.round_trip_s, now)
            self._memory.set_halted(self._link.is_halted)

    def told_rows(self, has_rows: bool) -> None:
        """Whether rows came; a car that sends none is told of, once."""
        now = time.monotonic()
        if has_rows:
            self._row_s, self._is_silent = now, False
        elif now - self._row_s >= SILENCE_S and not self._is_silent:
            self._is_silent = True
            self._memory.note(
                NoteKind.PROBLEM, f"no telemetry for {SILENCE_S:g} s; `host send rate 10` sets a rate"
            )

    def give_up(self) -> None:
        """Forget orders under way: the session that they were of is no more."""
        self._doing.clear()
        self._status = None

    def _start_orders(self) -> None:
        for old in self._box.take_old():
            self._memory.note(
                NoteKind.PROBLEM, f"{old.text}: not done, the car could not be reached in time; give it again"
            )
        while (order := self._box.take()) is not None:
            if order.clears:
                self._doing.clear()
            self._memory.note(NoteKind.ORDER, order.text)
            self._doing.append(_Doing(order, deque(order.commands)))

    def _go_on(self, doing: _Doing) -> bool:
        """Send what there is room for, take in replies; whether the order is done or has failed."""
        try:
            while doing.left and len(doing.pending) < _STEPS:
                doing.pending.append(self._link.submit(*doing.left.popleft()))
            while doing.pending and doing.pending[0].done:
                self._link.wait(doing.pending.popleft())
        except (CommandRefusedError, NotPairedError, MessageError) as error:
            self._memory.note(NoteKind.PROBLEM, f"{doing.order.text}: {error}")
            return True
        except LinkError as error:
            self._memory.note(NoteKind.PROBLEM, f"{doing.order.text}: not known to be done: {error}")
            return True
        return not doing.left and not doing.pending

    def _look_at_status(self, now: float) -> None:
        """Mode, faults and pose, for contracts whose telemetry has none."""
        if self._status is not None and self._status.done:
            pending, self._status = self._status, None
            try:
                self._memory.take_status(self._link.wait(pending).values)
            except CommandRefusedError:  # a car without encoders has no status
                self._wants_status = False
            except LinkError:
                return
        if self._wants_status and self._status is None and now - self._status_s >= _STATUS_S:
            self._status_s = now
            with suppress(LinkError):
                self._status = self._link.submit("status")

    def _read_log(self) -> None:
        """When telemetry says that there are new lines; the link tells them to its observer."""
        row = self._memory.latest
        if row is None or "log_lines" not in row.values or not hasattr(self._link, "log_lines"):
            return
        line = int(row.values["log_lines"])
        if line != self._log_line:
            self._log_line = line
            with suppress(LinkError):
                self._link.log_lines()


