"""The car's log: its newest lines, each with the time since the start. docs/SPEC.md, command `log`."""

from micropython import const

from patrol.buffers import copy, move, put16

LINES = const(8)
_SLOT = const(36)
"""Time (4 bytes), length (1), text."""
_TEXT = const(5)
_U16 = const(0xFFFF)


class Log:
    """A ring of lines. `count` has all that were ever written; noting one allocates nothing."""

    def __init__(self, uptime):
        self._uptime = uptime
        self._slots = bytearray(LINES * _SLOT)
        self.count = 0

    def note(self, text, detail=""):
        """Write a line: ASCII text, and more of it. What does not fit is cut."""
        at = self.count % LINES * _SLOT
        copy(self._slots, at, self._uptime, 4)
        size = min(len(text), _SLOT - _TEXT)
        more = min(len(detail), _SLOT - _TEXT - size)
        copy(self._slots, at + _TEXT, text, size)
        copy(self._slots, at + _TEXT + size, detail, more)
        self._slots[at + 4] = size + more
        self.count += 1

    def read(self, line, reply, at):
        """Lines from number `line` (modulo 65,536) on into a reply, as many as fit; answers its end."""
        wanted = self.count - line & _U16
        first = self.count - min(wanted, self.count, LINES)
        put16(reply, at, first)
        at += 2
        for number in range(first, self.count):
            slot = number % LINES * _SLOT
            size = _TEXT + self._slots[slot + 4]
            if at + size > len(reply):
                break
            move(reply, at, self._slots, slot, size)
            at += size
        return at
