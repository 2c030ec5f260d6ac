"""The simulated bootloader behind a pseudo-terminal, at once or at the pace of a real line and real flash."""

from __future__ import annotations

import os
import select
import threading
import time
import tty
from types import TracebackType
from typing import NamedTuple, Self

from host.flash.an3155 import BITS_PER_BYTE
from host.flash.rom_simulator import RomBootloader


class Answered(NamedTuple):
    """A moment of the line's clock, and what had been written and done otherwise by then."""

    at_s: float
    written_bytes: int
    other_commands: int


class PtyBoard:
    """The chip behind a pseudo-terminal, whose name is `port`; with a `baud` at the pace of such a line."""

    def __init__(self, rom: RomBootloader, baud: int | None = None) -> None:
        self.rom = rom
        self.blocks: list[Answered] = []
        """When each block that was written was answered."""
        self._byte_s = BITS_PER_BYTE / baud if baud else 0.0
        self._late_s = 0.0
        self._ours, self._theirs = os.openpty()
        tty.setraw(self._theirs)
        self.port = os.ttyname(self._theirs)
        self._stop_read, self._stop_write = os.pipe()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.write(self._stop_write, b"x")
        self._thread.join()
        for each in (self._ours, self._theirs, self._stop_read, self._stop_write):
            os.close(each)

    def _serve(self) -> None:
        free_s = 0.0
        while True:
            ready, _, _ = select.select([self._ours, self._stop_read], [], [])
            if self._stop_read in ready:
                return
            data = os.read(self._ours, 4096)
            free_s = self._wait(max(free_s, time.monotonic() - self._late_s) + len(data) * self._byte_s)
            writes = self.rom.counts.writes
            self.rom.feed(data)
            busy_s, self.rom.delay_s = self.rom.delay_s, 0.0
            answer = self.rom.take()
            answered_s = self._wait(free_s + busy_s + len(answer) * self._byte_s)
            if answer:
                os.write(self._ours, answer)
            if self.rom.counts.writes > writes:
                counts = self.rom.counts
                self.blocks.append(Answered(answered_s, counts.written_bytes, counts.other_commands))

    def _wait(self, until_s: float) -> float:
        """Until a moment, if there is a pace. What a sleep takes too long is taken off the next one: it is
        this machine's fault, not the line's."""
        if self._byte_s:
            time.sleep(max(0.0, until_s - time.monotonic()))
            self._late_s = max(0.0, time.monotonic() - until_s)
        return until_s
