"""A faulty line in real time, between a program that connects over TCP and a board."""

from __future__ import annotations

import queue
import socket
import threading
import time
from contextlib import suppress
from typing import Any

from host.faults.channel import Channel
from host.faults.faults import Faults
from host.link import LinkError, Port

_TURN_S = 0.25
"""How long to rest at most when nothing is under way."""

HOST, BOARD, NEW, ENDED, FAILED = "host", "board", "new", "ended", "failed"


class Proxy:
    """Takes one program at a time on a listening socket; the board's port stays open between them.

    Threads only read; the channel belongs to whoever calls `run`.
    """

    def __init__(self, listener: socket.socket, board: Port, faults: Faults) -> None:
        self.channel = Channel(faults, time)
        self.connections = 0
        self._listener = listener
        self._board = board
        self._client: socket.socket | None = None
        self._events: queue.Queue[tuple[str, Any]] = queue.Queue()
        self._ends = False

    def run(self) -> None:
        """Pass bytes until interrupted. Raises LinkError when the board is gone."""
        self.channel.is_connected = False
        for reader in (self._read_board, self._accept):
            threading.Thread(target=reader, daemon=True).start()
        while True:
            with suppress(queue.Empty):
                self._take(*self._events.get(timeout=self._rest_s()))
            self._deliver()

    def close(self) -> None:
        """Give all ports back."""
        self._ends = True
        self._drop_client()
        self._listener.close()
        self._board.close()

    def _rest_s(self) -> float:
        at = self.channel.next_at()
        return _TURN_S if at is None else min(_TURN_S, max(0.0, at - time.monotonic()))

    def _take(self, what: str, value: Any) -> None:
        channel = self.channel
        if what == NEW:
            self._client = value
            self.connections += 1
            channel.reconnect()
        elif what == BOARD and self._client is not None:
            channel.send(channel.up, value)
        elif what == HOST and value[0] is self._client:
            channel.send(channel.down, value[1])
        elif what == ENDED and value is self._client:
            self._drop_client()
        elif what == FAILED:
            raise value
        if self._client is not None and not channel.is_connected:
            self._drop_client()

    def _deliver(self) -> None:
        channel = self.channel
        if down := channel.receive(channel.down):
            self._board.write(down)
        if (up := channel.receive(channel.up)) and self._client is not None:
            try:
                self._client.sendall(up)
            except OSError:
                self._drop_client()

    def _drop_client(self) -> None:
        if self._client is not None:
            client, self._client = self._client, None
            with suppress(OSError):
                client.shutdown(socket.SHUT_RDWR)
            client.close()

    def _read_board(self) -> None:
        try:
            while not self._ends:
                if data := self._board.read():
                    self._events.put((BOARD, data))
        except LinkError as error:
            self._events.put((FAILED, error))

    def _accept(self) -> None:
        """One program after the other: the next is taken once the one before has ended."""
        with suppress(OSError):
            while not self._ends:
                client, _ = self._listener.accept()
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._events.put((NEW, client))
                self._read_client(client)
                self._events.put((ENDED, client))

    def _read_client(self, client: socket.socket) -> None:
        with suppress(OSError):
            while data := client.recv(4096):
                self._events.put((HOST, (client, data)))
