"""Plays a recording to any program that speaks to a car, at the pace at which it was recorded."""

from __future__ import annotations

import select
import socket
import time
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import suppress
from threading import Event

from host.recording import layout
from host.recording.played_car import PlayedCar
from host.recording.reader import Entry, Recording
from protocol.frame import Kind, decode_frame

_LOOK_S = 0.25
_CONVERSATION = (Kind.HELLO, Kind.REPLY, Kind.ALIVE, Kind.HALT)
"""Frames of the recorded session: a program that listens now has one of its own."""
_SEND_S = 5.0


class ReplayServer:
    """Takes one program at a time, as a car's port does; each gets the recording from its beginning."""

    def __init__(
        self,
        listener: socket.socket,
        recording: Recording,
        speed: float = 1.0,
        told: Callable[[str], None] = lambda what: None,
    ) -> None:
        """`speed` is 2 for twice as fast. `told` what happens, in words. Raises RecordingError."""
        self._listener = listener
        self._recording = recording
        self._contract = recording.contract
        self._speed = speed
        self._told = told

    def run(self, ends: Event) -> None:
        """Serve until told to end."""
        while not ends.is_set():
            if not select.select([self._listener], [], [], _LOOK_S)[0]:
                continue
            client, _ = self._listener.accept()
            with client:
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                client.settimeout(_SEND_S)
                self._told("a program has connected; playing from the beginning")
                with suppress(OSError):  # it has left
                    _Playing(client, self._recording, self._speed, self._told).run(ends)
            self._told("it has left")


class _Playing:
    """The recording, played once to one program. OSError says that it has left."""

    def __init__(
        self, client: socket.socket, recording: Recording, speed: float, told: Callable[[str], None]
    ) -> None:
        self._client = client
        self._recording = recording
        self._speed = speed
        self._told = told
        self._started_s = time.monotonic()
        self._car = PlayedCar(recording.contract, recording.path.name, self._uptime_ms)

    def run(self, ends: Event) -> None:
        """Play all, then answer what is asked until the program leaves."""
        for entry, due_s in self._timed():
            while (rest_s := due_s - time.monotonic()) > 0 and not ends.is_set():
                self._listen(min(rest_s, _LOOK_S))
            if ends.is_set():
                return
            self._play(entry)
        self._told("all was played")
        while not ends.is_set():
            self._listen(_LOOK_S)

    def _timed(self) -> Iterator[tuple[Entry, float]]:
        start_ns: int | None = None
        for entry in self._recording.entries((layout.FRAMES, layout.REPLIES)):
            start_ns = entry.time_ns if start_ns is None else start_ns
            yield entry, self._started_s + (entry.time_ns - start_ns) / 1e9 / self._speed

    def _play(self, entry: Entry) -> None:
        if entry.topic == layout.REPLIES:
            if entry.data["status"] == "ok":
                self._car.told[entry.data["command"]] = entry.data["values"]
            return
        data = b64decode(entry.data["data"])
        frame = decode_frame(data.rstrip(b"\x00"), self._recording.contract.hash).frame
        if frame is None or frame.kind not in _CONVERSATION:  # a damaged one is played damaged
            self._client.sendall(data)
        self._listen(0)

    def _listen(self, timeout_s: float) -> None:
        if not select.select([self._client], [], [], timeout_s)[0]:
            return
        data = self._client.recv(4096)
        if not data:
            raise ConnectionResetError
        for wire in self._car.take(data):
            self._client.sendall(wire)

    def _uptime_ms(self) -> int:
        return round(1000 * (time.monotonic() - self._started_s))
