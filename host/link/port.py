"""Ports: where bytes come from and go to. A serial device, or socket://HOST:PORT for an emulated board."""

from __future__ import annotations

import errno
import select
import socket
from typing import Protocol
from urllib.parse import urlsplit

import serial

from host.link.errors import LinkError

DEFAULT_BAUD = 115_200
POLL_S = 0.02
"""How long a read waits for its first byte."""
_WRITE_S = 5.0
_CONNECT_S = 5.0


class Port(Protocol):
    """The narrow waist of the link. All methods raise LinkError once the port is gone."""

    name: str

    def read(self) -> bytes:
        """What has come; waits a moment (POLL_S) for the first byte, then returns b""."""

    def write(self, data: bytes) -> None:
        """Send all of it."""

    def close(self) -> None:
        """Give the port back; may be called twice."""


def open_port(url: str, baud: int = DEFAULT_BAUD) -> Port:
    """Open a serial device, socket://HOST:PORT, or any other URL of pyserial's. Raises LinkError."""
    try:
        if url.startswith("socket://"):
            return SocketPort(url)
        return SerialPort(url, baud)
    except (OSError, ValueError) as error:
        raise LinkError(f"{url}: {_advice(url, error)}") from None


class SerialPort:
    """A port through pyserial."""

    def __init__(self, url: str, baud: int = DEFAULT_BAUD) -> None:
        self.name = url
        # exclusive: two programs on one device would each get half of the bytes.
        self._serial = serial.serial_for_url(
            url, baud, timeout=POLL_S, write_timeout=_WRITE_S, exclusive=True
        )

    def read(self) -> bytes:
        """See Port."""
        try:
            first: bytes = self._serial.read(1)
            waiting = self._serial.in_waiting if first else 0
            return first + self._serial.read(waiting) if waiting else first
        except (OSError, TypeError) as error:  # pyserial: TypeError when closed meanwhile
            raise _gone(self.name, error) from None

    def write(self, data: bytes) -> None:
        """See Port."""
        try:
            self._serial.write(data)
        except (OSError, TypeError) as error:
            raise _gone(self.name, error) from None

    def close(self) -> None:
        """See Port."""
        self._serial.close()


class SocketPort:
    """A TCP port. Not pyserial's socket://, which reads one byte a call and tells no errors apart."""

    def __init__(self, url: str) -> None:
        self.name = url
        parts = urlsplit(url)
        if not parts.hostname or not parts.port:
            raise ValueError("not socket://HOST:PORT")
        self._socket = socket.create_connection((parts.hostname, parts.port), _CONNECT_S)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.settimeout(_WRITE_S)

    def read(self) -> bytes:
        """See Port."""
        try:
            if not select.select([self._socket], [], [], POLL_S)[0]:
                return b""
            data = self._socket.recv(4096)
        except (OSError, ValueError) as error:
            raise _gone(self.name, error) from None
        if not data:
            raise _gone(self.name, "closed by the other end")
        return data

    def write(self, data: bytes) -> None:
        """See Port."""
        try:
            self._socket.sendall(data)
        except OSError as error:
            raise _gone(self.name, error) from None

    def close(self) -> None:
        """See Port."""
        self._socket.close()


def _gone(name: str, reason: object) -> LinkError:
    return LinkError(f"{name} is gone ({reason}); plug the board in, or start `host emulate`, and try again")


def _advice(url: str, error: Exception) -> str:
    """Why a port did not open, and what to do about it."""
    number = error.errno if isinstance(error, OSError) else None
    if number == errno.ECONNREFUSED:
        return "nobody listens there; start `host emulate` and use the link it prints"
    if number in (errno.ENOENT, errno.ENODEV, errno.ENXIO):
        return "no such device; plug the board in; `host devices` lists what is there"
    if number in (errno.EACCES, errno.EPERM):
        return "not allowed; add yourself to the device's group (often `dialout`) and log in again"
    if number in (errno.EBUSY, errno.EAGAIN):
        return "in use by another program; close that one first"
    if isinstance(error, socket.gaierror):
        return "no such host; check the name in the URL"
    if isinstance(error, TimeoutError):
        return "it does not answer; is another program connected to it? An emulated board takes one at a time"
    if url.startswith("socket://"):
        return f"cannot be reached ({error}); the form is socket://HOST:PORT, as `host emulate` prints it"
    return f"cannot be opened ({error}); give a serial device or socket://HOST:PORT"
