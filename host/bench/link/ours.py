"""This project's link: the host's own Link, and the real firmware on MicroPython, under a virtual clock."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from random import Random

from host.bench.link.task import PATIENCE_S, Outcome, Task
from host.emulate.lockstep import LockStepCar, lock_step_car
from host.faults import Channel, VirtualClock
from host.link import Link, LinkError
from host.link.port import POLL_S
from host.link.window import Pending
from protocol.contract import Contract
from protocol.frame import DELIMITER

_END = DELIMITER[0]
Told = Callable[[int], None]


class VirtualPort:
    """A port of the link with a faulty line and a car behind it. Time passes in `read` only.

    Between two delimiters the car merely collects bytes, so it is woken at each and at each poll.
    """

    name = "virtual://car"

    def __init__(self, channel: Channel, clock: VirtualClock, car: LockStepCar) -> None:
        self._channel = channel
        self._clock = clock
        self._car = car

    def read(self) -> bytes:
        """See Port."""
        channel, clock = self._channel, self._clock
        until = clock.monotonic() + POLL_S
        while True:
            times = [channel.down.next_at(_END), channel.up.next_at(), until]
            clock.advance_to(min(at for at in times if at is not None))
            now = clock.monotonic()
            to_car = channel.receive(channel.down) if self._car_is_due(now, until) else b""
            if to_car or now >= until:
                channel.send(channel.up, self._car.step(round(1e6 * now), to_car))
            came = channel.receive(channel.up)
            if came or now >= until:
                return came

    def _car_is_due(self, now: float, until: float) -> bool:
        at = self._channel.down.next_at(_END)
        return now >= until or (at is not None and at <= now)

    def write(self, data: bytes) -> None:
        """See Port."""
        self._channel.send(self._channel.down, data)

    def close(self) -> None:
        """See Port."""


class Offering:
    """Offers commands as fast as the window takes them, and notes when each was answered."""

    def __init__(self, link: Link, clock: VirtualClock, told: Told) -> None:
        self.outcome = Outcome()
        self._link = link
        self._clock = clock
        self._told = told
        self._under_way: list[Pending] = []

    def note_answers(self) -> None:
        """Take out what is done; called whenever bytes were taken in."""
        for pending in [each for each in self._under_way if each.done]:
            self._under_way.remove(pending)
            if pending.reply is None:
                self.outcome.failed += 1
            else:
                self.outcome.latencies_s.append(self._clock.monotonic() - pending.submitted_s)

    def run(self, task: Task) -> None:
        """Offer all, and wait for the last."""
        for number, values in enumerate(task.offered()):
            self._told(number)
            try:
                self._under_way.append(self._link.submit("drive", values))
            except LinkError:
                self.outcome.failed += 1
        for pending in list(self._under_way):
            with suppress(LinkError):
                self._link.wait(pending)
        self.note_answers()


class _NotedPort(VirtualPort):
    """Tells before each read, which is when all that came before was taken in."""

    before_read: Callable[[], None] = staticmethod(lambda: None)

    def read(self) -> bytes:
        self.before_read()
        return super().read()


def run_ours(task: Task, contract: Contract, told: Told) -> Outcome:
    """Bring the task's commands over the line. The session is opened before the time is taken."""
    clock = VirtualClock(1.0)
    channel = Channel(task.faults, clock)
    with lock_step_car(contract) as car:
        port = _NotedPort(channel, clock, car)
        random = Random(task.faults.seed)
        link = Link(port, contract, clock=clock, patience_s=PATIENCE_S, random=random.randbytes)
        link.hello(60.0)
        offering = Offering(link, clock, told)
        port.before_read = offering.note_answers
        started, down, up = clock.monotonic(), channel.down.counters, channel.up.counters
        offering.run(task)
        outcome = offering.outcome
        outcome.elapsed_s = clock.monotonic() - started
        outcome.bytes_down = channel.down.counters.bytes_in - down.bytes_in
        outcome.bytes_up = channel.up.counters.bytes_in - up.bytes_in
        outcome.executed = car.executed
    return outcome
