"""The window of commands: those that came ahead of their turn, and the replies that may be asked for again.

Each of the two has one buffer, made once. Numbers of commands are whole here, not cut to 16 bits as on the
wire; a number's slot is its lowest bits.
"""

from micropython import const

from patrol import wire
from patrol.buffers import move

_SLOTS = wire.WINDOW
_MASK = wire.WINDOW - 1
_BYTES = const(1024)
"""Of each buffer. The UART's ring is no larger, so no more than this can be on its way ahead of its turn."""

_LONGEST = wire.MAX_MESSAGE + 1
"""A reply as it is kept: its control byte, and a body that is never longer than its message."""


class Early:
    """Commands that came while one before them was missing: whole frames' content, without checksum.

    Room is given out from the buffer's start to its end, and again from the start once none is kept.
    """

    def __init__(self):
        self._data = bytearray(_BYTES)
        self._starts = [0] * _SLOTS
        self._sizes = [0] * _SLOTS
        self._kept = self._end = 0

    def clear(self):
        for slot in range(_SLOTS):
            self._sizes[slot] = 0
        self._kept = self._end = 0

    def has(self, number):
        return self._sizes[number & _MASK] > 0

    def keep(self, number, content, size):
        """Keep content[:size]; False when there is no room, so that the host must send it again."""
        if self._end + size > _BYTES:
            return False
        slot = number & _MASK
        move(self._data, self._end, content, 0, size)
        self._starts[slot] = self._end
        self._sizes[slot] = size
        self._end += size
        self._kept += 1
        return True

    def take(self, number, content):
        """Put the command of a number into content[0:] and keep it no longer; answers its size."""
        slot = number & _MASK
        size = self._sizes[slot]
        move(content, 0, self._data, self._starts[slot], size)
        self._sizes[slot] = 0
        self._kept -= 1
        if not self._kept:
            self._end = 0
        return size

    def after(self, number):
        """Which of the commands behind a number are kept: bit i for number + 1 + i."""
        bits = 0
        if self._kept:
            for ahead in range(_SLOTS - 1):
                if self._sizes[number + 1 + ahead & _MASK]:
                    bits |= 1 << ahead
        return bits


class Replies:
    """Replies `first` to `next` - 1, which the host may not have seen. The buffer is used in a circle."""

    def __init__(self):
        self._data = bytearray(_BYTES)
        self._starts = [0] * _SLOTS
        self._sizes = [0] * _SLOTS
        self.first = self.next = self._end = 0

    def restart(self, number):
        """Keep none; the next reply is that of this number."""
        self.first = self.next = number
        self._end = 0

    def forget(self, before):
        """Keep no reply of an earlier number."""
        if self.first < before <= self.next:
            self.first = before
            if before == self.next:
                self._end = 0

    def has_room(self):
        """Whether the longest reply would fit, whole and in one piece."""
        waiting = self.next - self.first
        if not waiting:
            return True
        if waiting >= _SLOTS:
            return False
        oldest = self._starts[self.first & _MASK]
        if self._end <= oldest:
            return self._end + _LONGEST <= oldest
        if self._end + _LONGEST > _BYTES:
            if _LONGEST > oldest:
                return False
            self._end = 0
        return True

    def keep(self, control, content, at, size):
        """Keep the next reply: its control byte and content[at:][:size]."""
        slot = self.next & _MASK
        self._data[self._end] = control
        move(self._data, self._end + 1, content, at, size)
        self._starts[slot] = self._end
        self._sizes[slot] = size
        self._end += size + 1
        self.next += 1

    def copy_out(self, number, content, at):
        """Put a kept reply's body into content[at:]; answers its size. `control_of` has the rest."""
        slot = number & _MASK
        move(content, at, self._data, self._starts[slot] + 1, self._sizes[slot])
        return self._sizes[slot]

    def control_of(self, number):
        return self._data[self._starts[number & _MASK]]
