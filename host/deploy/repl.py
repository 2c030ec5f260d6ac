"""The board's console as a tool, over mpremote's transport: what is run there, and the board's restart."""

from __future__ import annotations

import contextlib
import io
import socket
import time
from types import TracebackType
from typing import Any, Self

import serial
from mpremote.transport import TransportError, TransportExecError  # type: ignore[import-untyped]
from mpremote.transport_serial import SerialTransport  # type: ignore[import-untyped]

from host.deploy.errors import DeployError

_READ_S = 5.0
"""What a read of the transport waits for at most, so that a board that hangs is told from one that works."""
_ENTER_S = 10.0
_RESET = b"soft reboot"
"""What MicroPython says at a soft reset, before it runs anything."""


class Repl:
    """The console in raw mode: what ran is stopped on entry, and started again at the end.

    Whatever happens in between: a car that was taken its program must not stay without one.
    """

    def __init__(self, url: str, baud: int = 115_200) -> None:
        self.url = url
        self.baud = baud
        self._transport: Any = None
        self._said = bytearray()
        """What came with the restart, for `heard`."""

    def __enter__(self) -> Self:
        try:
            self._transport = SerialTransport(self.url, self.baud, timeout=_READ_S)
        except (TransportError, OSError, ValueError) as error:
            raise DeployError(
                f"{self.url}: the console cannot be opened ({error}); is it in use by another program? "
                "`host devices` lists ports"
            ) from None
        _send_at_once(self._transport.serial)
        try:
            with contextlib.redirect_stdout(io.StringIO()):  # the transport prints what it cannot make out
                self._transport.enter_raw_repl(timeout_overall=_ENTER_S)
        except (TransportError, OSError) as error:
            self._close()
            raise DeployError(
                f"{self.url}: no MicroPython console answers ({error}); is this the console (not the link), "
                "does MicroPython run there, and is no other program connected to it?"
            ) from None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(DeployError):
            self.restart()
        self._close()

    def run(self, code: str) -> str:
        """Run code on the board; what it printed. Raises DeployError with the board's last line."""
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                said: bytes = self._transport.exec(code)
        except TransportExecError as error:
            raise DeployError(f"the board said: {_last_line(error.error_output)}") from None
        except (TransportError, OSError, serial.SerialException) as error:
            raise DeployError(f"{self.url}: the console is gone ({error}); plug the board in again") from None
        return said.decode("utf-8", "replace")

    def restart(self) -> None:
        """Soft reset: the board runs main.py. Does nothing when it was done before. Raises DeployError.

        Waits until the board says that it does: a port that is closed at once may take the order along.
        """
        if not self._transport.in_raw_repl:
            return
        try:
            self._transport.serial.write(b"\r\x03")  # out of code that was half sent, or runs
            self._transport.exit_raw_repl()
            self._transport.serial.write(b"\x04")
            deadline = time.monotonic() + _READ_S
            while _RESET not in self._said and time.monotonic() < deadline:
                self._said += self._transport.serial.read(1)
        except OSError as error:
            raise DeployError(f"{self.url}: the console is gone ({error}); reset the board") from None

    def heard(self) -> bytes:
        """What the console said since it was last asked; does not wait."""
        said, self._said = self._said, bytearray()
        try:
            while self._transport.serial.in_waiting:
                said += self._transport.serial.read(1)
        except OSError as error:
            raise DeployError(f"{self.url}: the console is gone ({error}); reset the board") from None
        return bytes(said)

    def _close(self) -> None:
        with contextlib.suppress(OSError):
            self._transport.close()


def _send_at_once(port: object) -> None:
    """Code goes over in windows that the board asks for, one by one: TCP must not hold any of them back."""
    connection = getattr(port, "_socket", None)  # pyserial's socket:// has no option for it
    if isinstance(connection, socket.socket):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "nothing"
