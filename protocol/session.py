"""Sessions: what COMMAND, REPLY, ALIVE and HALT frames have in front of their message and behind it.

A session is one host's conversation with one start of one car. The host picks a nonce, the car adds two
numbers of its own, and together they name it. A body of these four kinds begins with the session's tag and
what its sender has of the other's; when the car is paired with a key it ends with a code that proves who
sent it (HMAC-SHA256, RFC 2104, truncated as in its section 5).
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from construct import Byte, Int8ul, Int16ul, Int32ul, Struct

from protocol.limits import MAC_BYTES

_TAG_STEP = 0x9E37
"""Odd, so that openings in turn have tags far apart under the same nonce."""
_TAG_OPENINGS = 0x3FFF
"""The product stays a small integer on the board."""

CommandHead = Struct("tag" / Int16ul, "seen" / Byte)
"""Of the host's COMMAND, ALIVE and HALT. `seen`: the low byte of the oldest command whose reply it lacks."""

ReplyHead = Struct("tag" / Int16ul, "next" / Byte, "later" / Byte)
"""Of the car's REPLY, ALIVE and HALT. `next`: the low byte of the command it executes next; bit i of
`later`: it holds command next + 1 + i already."""

AliveState = Struct("flags" / Byte)
"""Behind the head of the car's ALIVE and HALT."""

FLAG_HALTED = 1
"""An emergency stop holds; `resume` ends it."""
FLAG_CUT = 2
"""The motors were stopped by silence, by a stall or by HALT; a drive command ends it."""
FLAG_PAIRED = 4
"""The car has a key and takes only signed frames."""
FLAG_NO_SESSION = 8
"""In a HELLO that nobody asked for: a frame came that belongs to no session of the car's. Its tag is in
place of the nonce's lower half; the upper half means nothing."""

_Signed = Struct(
    "contract_hash" / Int32ul, "nonce" / Int32ul, "boot" / Int32ul, "opening" / Int32ul,
    "direction" / Int8ul, "counter" / Int32ul, "control" / Int8ul,
)
DOWN, UP = 0, 1
"""Direction of a signed frame: from the host, from the car."""

MAX_COUNTER = (1 << 30) - 1
"""Commands and heartbeats of a session count up to here: the board's small integers."""


@dataclass(frozen=True)
class Session:
    """What names a session: the host's nonce, the car's boot, and its count of openings in this boot."""

    nonce: int
    boot: int = 0
    opening: int = 0

    @property
    def tag(self) -> int:
        """The 16 bits in every frame of the session."""
        return (self.nonce + _TAG_STEP * (self.opening & _TAG_OPENINGS)) & 0xFFFF

    @property
    def first(self) -> int:
        """The number of its first command."""
        return self.nonce >> 16

    def sign(
        self, key: bytes, contract_hash: int, direction: int, counter: int, control: int, body: bytes
    ) -> bytes:
        """The code that goes behind a frame's body; `counter` is the frame's number, not cut to 16 bits."""
        head: bytes = _Signed.build({
            "contract_hash": contract_hash, "nonce": self.nonce, "boot": self.boot,
            "opening": self.opening, "direction": direction, "counter": counter, "control": control,
        })
        return hmac.digest(key, head + body, "sha256")[:MAC_BYTES]


def nearest(low: int, reference: int, bits: int = 16) -> int:
    """The number with the lowest bits `low` that is nearest to a reference: what was cut for the wire."""
    half = 1 << bits - 1
    return reference + ((low - reference + half) & ((1 << bits) - 1)) - half
