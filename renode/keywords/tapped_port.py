"""The host's port with a hand on the wire: what goes out can be remembered, lost, or damaged."""

from __future__ import annotations

from host.link import Port


class TappedPort:
    """A Port around another one."""

    def __init__(self, port: Port) -> None:
        self.name = port.name
        self.sent: list[bytes] = []
        """All that was given to it, lost or not."""
        self.lose = 0
        """How many of the next frames are lost."""
        self.damage = 0
        """How many of the next frames arrive with one bit flipped."""
        self._port = port

    def read(self) -> bytes:
        """See Port."""
        return self._port.read()

    def write(self, data: bytes) -> None:
        """See Port."""
        self.sent.append(data)
        if self.lose:
            self.lose -= 1
            return
        if self.damage:
            self.damage -= 1
            data = _damaged(data)
        self._port.write(data)

    def close(self) -> None:
        """See Port."""
        self._port.close()


def _damaged(data: bytes) -> bytes:
    """One bit flipped in the middle, such that no byte becomes a delimiter."""
    middle = len(data) // 2
    for bit in (0x01, 0x02):
        if data[middle] ^ bit:
            return data[:middle] + bytes([data[middle] ^ bit]) + data[middle + 1 :]
    return data
