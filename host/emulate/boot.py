"""Tells when a board that was just started is up: by its answer to HELLO, or by a text on its console."""

from __future__ import annotations

import select
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from socket import socket

from host.emulate.errors import BootError
from protocol.frame import DELIMITER, Deframer, Frame, FrameStatus, Kind, encode_frame
from protocol.messages import build_hello

PROMPT = b">>> "
_PROBE = DELIMITER + encode_frame(Frame(Kind.HELLO, 0, build_hello(0, "emulator"), stored=True), 0)
_PROBE_INTERVAL_S = 0.1
"""The board drops what comes before it has opened its port, so HELLO is repeated."""


_NOT_NEWS = (">>>", "MicroPython v", 'Type "help()"')


def _tail(console: str, lines: int = 4) -> str:
    """The console's last lines on one line, without the interpreter's greeting."""
    said = [line.strip() for line in console.splitlines() if not line.startswith(_NOT_NEWS)]
    return " | ".join([line for line in said if line][-lines:])


@dataclass
class BootWatch:
    """Follows one boot on the console and on the link.

    `ready_when` is what the console says once the board is up; without it, the board must answer HELLO on
    the link, and a prompt on the console means that its program has ended. A `bare` board has no program of
    its own: it is up at the prompt, too.
    """

    console: socket
    link: socket | None
    ready_when: bytes | None
    bare: bool = False
    monotonic: Callable[[], float] = time.monotonic
    said: bytearray = field(default_factory=bytearray)
    _deframer: Deframer = field(default_factory=lambda: Deframer(seed=0))

    @property
    def text(self) -> str:
        """What the console has said so far."""
        return self.said.decode("utf-8", "replace")

    def wait(self, timeout_s: float) -> None:
        """Return once the board is up; raises BootError with what its console said."""
        now = self.monotonic()
        deadline, next_probe = now + timeout_s, now
        while now < deadline:
            if self.link is not None and now >= next_probe:
                self.link.sendall(_PROBE)
                next_probe = now + _PROBE_INTERVAL_S
            if self._is_up(min(next_probe if self.link else deadline, deadline) - now):
                return
            now = self.monotonic()
        raise self._failure(f"it was not up within {timeout_s:g} s")

    def _is_up(self, timeout_s: float) -> bool:
        sockets = [self.console, self.link] if self.link else [self.console]
        readable, _, _ = select.select(sockets, [], [], max(0, timeout_s))
        if self.link in readable and self.link is not None and self._is_hello(self._read(self.link)):
            return True
        if self.console in readable:
            self.said += self._read(self.console)
        if self.ready_when is not None:
            return self.ready_when in self.said
        if self.said.endswith(PROMPT):
            if self.bare:
                return True
            raise self._failure("its program ended")
        return False

    def _is_hello(self, data: bytes) -> bool:
        good = [got.frame for got in self._deframer.feed(data) if got.status is FrameStatus.GOOD]
        return any(frame is not None and frame.kind is Kind.HELLO for frame in good)

    def _read(self, port: socket) -> bytes:
        data = port.recv(4096)
        if not data:
            raise self._failure("the emulator ended")
        return data

    def _failure(self, reason: str) -> BootError:
        last = _tail(self.text) or "nothing"
        advice = "mend firmware_mpy/, or run `make firmware`"
        return BootError(f"the board did not start: {reason}; {advice}. Its console said: {last}", self.text)
