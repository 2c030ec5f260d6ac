"""Sessions on the board: which one a frame belongs to, and where in it. protocol/session.py says the same.

A HELLO prepares a session; the first good frame under its tag opens it. So a HELLO alone, from whomever,
ends nothing.
"""

from micropython import const

from patrol import contract
from patrol.buffers import move, put32, uint16

_TAG_STEP = const(0x9E37)
_TAG_OPENINGS = const(0x3FFF)
NO_TAG = -1

# The first bytes of what a frame's code is made over; see protocol/session.py.
_NONCE_AT = const(4)
_BOOT_AT = const(8)
_OPENING_AT = const(12)
_DIRECTION_AT = const(16)
_COUNTER_AT = const(17)
_CONTROL_AT = const(21)
SIGNED_HEAD_BYTES = const(22)


DOWN = const(0)
UP = const(1)
"""Direction of a signed frame: from the host, from the car."""


def nearest(low, reference):
    """The number with these lowest 16 bits that is nearest to a reference."""
    return reference + ((low - reference + 0x8000 & 0xFFFF) - 0x8000)


class Session:
    """One session's name and numbers. `tag` is NO_TAG while there is none."""

    def __init__(self):
        self.head = bytearray(SIGNED_HEAD_BYTES)
        move(self.head, 0, contract.HASH, 0, 4)
        self.tag = NO_TAG
        self.first = 0
        """The number of the first command."""
        self.beat = 0
        """The last ALIVE or HALT that came."""
        self.is_signed = False

    def prepare(self, nonce, at, boot, opening, is_signed):
        """Name it after the host's nonce[at:] and the car's two numbers."""
        head = self.head
        move(head, _NONCE_AT, nonce, at, 4)
        put32(head, _BOOT_AT, boot)
        put32(head, _OPENING_AT, opening)
        self.tag = uint16(nonce, at) + _TAG_STEP * (opening & _TAG_OPENINGS) & 0xFFFF
        self.first = uint16(nonce, at + 2)
        self.beat = 0
        self.is_signed = is_signed

    def is_of(self, nonce, at):
        """Whether it was prepared for this nonce."""
        return (
            self.tag != NO_TAG
            and uint16(self.head, _NONCE_AT) == uint16(nonce, at)
            and uint16(self.head, _NONCE_AT + 2) == uint16(nonce, at + 2)
        )

    def signed_head(self, direction, counter, control):
        """What goes in front of a body when its code is made."""
        head = self.head
        head[_DIRECTION_AT] = direction
        put32(head, _COUNTER_AT, counter)
        head[_CONTROL_AT] = control
        return head
