"""A serial line as a TCP server: one program at a time, and nobody listening loses what is said."""

from __future__ import annotations

import socket
from contextlib import suppress

from host.emulate import listen, url_of

_MOST_UNSENT = 65_536
"""A program that does not read loses the rest, as it would on a wire."""


class TcpLine:
    """Never waits. Raises PortTakenError when the port cannot be had; 0 is a free one."""

    def __init__(self, name: str, port: int) -> None:
        self._listener = listen(name, port)
        self._listener.setblocking(False)
        self.url = url_of(self._listener)
        self._peer: socket.socket | None = None
        self._unsent = bytearray()

    def take(self, most: int) -> bytes:
        """What the program has sent, up to so many bytes; the rest waits in its socket."""
        if self._peer is None:
            self._accept()
        if self._peer is None or most <= 0:
            return b""
        try:
            data = self._peer.recv(most)
        except BlockingIOError:
            return b""
        except OSError:
            data = b""
        if not data:
            self._hang_up()
        return data

    def give(self, data: bytes) -> None:
        """Send what the program can take now; keep a little of the rest."""
        if self._peer is None:
            return
        self._unsent += data[: _MOST_UNSENT - len(self._unsent)]
        if not self._unsent:
            return
        try:
            del self._unsent[: self._peer.send(self._unsent)]
        except BlockingIOError:
            pass
        except OSError:
            self._hang_up()

    def close(self) -> None:
        """Hang up, and give the port back."""
        self._hang_up()
        self._listener.close()

    def _accept(self) -> None:
        with suppress(BlockingIOError):
            self._peer, _ = self._listener.accept()
            self._peer.setblocking(False)
            # Else each frame would wait for the ACK of the one before.
            self._peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def _hang_up(self) -> None:
        self._unsent.clear()
        if self._peer is not None:
            self._peer.close()
            self._peer = None
