"""A stream that can be looked into before it is taken from, and searched for a mark."""

from __future__ import annotations

from typing import BinaryIO

_CHUNK = 1 << 20


class Source:
    """Bytes of a stream that need not be able to seek; holds a chunk, and what was looked at."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._held = b""
        self._at = 0
        self.taken = 0
        """Bytes taken so far: the place in the stream."""

    def look(self, size: int) -> bytes:
        """The next `size` bytes, fewer where the stream ends; they stay."""
        if len(self._held) - self._at < size:
            self._fill(size)
        return self._held[self._at : self._at + size]

    def take(self, size: int) -> bytes:
        """The next `size` bytes, fewer where the stream ends."""
        piece = self.look(size)
        self._at += len(piece)
        self.taken += len(piece)
        return piece

    def skip(self, size: int) -> None:
        """Take bytes that were looked at; no further than those."""
        self._skip(min(size, len(self._held) - self._at))

    def find(self, *marks: bytes) -> bool:
        """Skip what stands before the next of the marks, and answer whether there is one."""
        longest = max(map(len, marks))
        while True:
            places = [self._held.find(mark, self._at) for mark in marks]
            found = [place for place in places if place >= 0]
            if found:
                self._skip(min(found) - self._at)
                return True
            # A mark may begin in the last bytes held.
            self._skip(max(0, len(self._held) - self._at - longest + 1))
            held = len(self._held) - self._at
            if len(self.look(held + _CHUNK)) == held:
                self._skip(held)
                return False

    def _skip(self, size: int) -> None:
        self._at += size
        self.taken += size

    def _fill(self, size: int) -> None:
        pieces = [self._held[self._at :]]
        missing = size - len(pieces[0])
        while missing > 0 and (piece := self._stream.read(max(missing, _CHUNK))):
            pieces.append(piece)
            missing -= len(piece)
        self._held = b"".join(pieces)
        self._at = 0
