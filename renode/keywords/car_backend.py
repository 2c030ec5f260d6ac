"""What the keywords need of whatever runs the board, and what the board's console has said."""

from __future__ import annotations

import os
import socket
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from host.link import Clock, Port, open_port
from host.link.conversation import RandomBytes

ROOT = Path(__file__).parents[2]


class Backend(Protocol):
    """A board that runs, or can, and the time that it lives in."""

    clock: Clock
    random: RandomBytes
    """What a link to it takes its nonces from."""

    def start(self, application: Path) -> None:
        """Switch the board on; it may not answer yet when this returns."""

    def stop(self) -> None:
        """Switch it off; may be called at any time."""

    def open_port(self) -> Port:
        """The host's end of the link."""

    def sleep(self, seconds: float) -> None:
        """Let time pass in which the host does nothing."""

    def console(self) -> str:
        """All that the console has said so far."""

    def pwm_percent(self, motor: str) -> float:
        """The duty that a motor's pin carries, `left` or `right`, over the time since the last call."""

    def pin(self, name: str) -> bool:
        """The level of a pin, such as B0."""

    def press_button(self, pressed: bool) -> None:
        """Press or release the button on C13."""

    def feed_adc(self, channel: int, sample: int) -> None:
        """From now on a channel of the ADC reads so: 0 to 4095."""


class WallTime:
    """For a back end whose time is the wall's, and whose link is a TCP port."""

    clock: Clock = time
    random: RandomBytes = staticmethod(os.urandom)
    link_url = ""

    def open_port(self) -> Port:
        """See Backend."""
        return open_port(self.link_url)

    def sleep(self, seconds: float) -> None:
        """See Backend."""
        time.sleep(seconds)


class Console:
    """Reads a board's console in the background. A console that nobody reads would stop the board."""

    def __init__(self, url: str, timeout_s: float = 30.0) -> None:
        self._said = bytearray()
        self._socket = _connected(url, time.monotonic() + timeout_s)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def text(self) -> str:
        """What has been said so far."""
        return self._said.decode("utf-8", "replace")

    def close(self) -> None:
        """Leave the console."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._reader.join()

    def _read(self) -> None:
        with suppress(OSError):
            while data := self._socket.recv(4096):
                self._said += data


def _connected(url: str, deadline: float) -> socket.socket:
    parts = urlsplit(url)
    while True:
        try:
            connection = socket.create_connection((parts.hostname or "", parts.port or 0), 1.0)
        except OSError:
            if time.monotonic() >= deadline:
                raise
            time.sleep(0.1)
        else:
            connection.settimeout(None)
            return connection
