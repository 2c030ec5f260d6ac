"""The boot record: which slot holds what, and what became of it.

It stands in two files that are written in turn. Each has a sequence number and a checksum, so that whatever
becomes of the one that is being written, the other one still says what held before.
"""

import os
import struct
from binascii import crc32

from micropython import const

EMPTY = const(0)
"""Nothing that may run."""
WRITTEN = const(1)
"""A whole application, checked; the next boot tries it."""
TRYING = const(2)
"""It was started once and has not confirmed. A boot that finds a slot so gives it up."""
CONFIRMED = const(3)

SLOTS = const(2)
DIGEST_BYTES = const(32)
RECORD_BYTES = const(88)

_MAGIC = b"PSLT"
_VERSION = const(1)
_HEAD = "<4sBIB"
_HEAD_BYTES = const(10)
_SLOT = "<BI32s"
_SLOT_BYTES = const(37)
_NAMES = ("record.0", "record.1")


class Slot:
    """What the record says of one slot."""

    def __init__(self):
        self.clear()

    def clear(self):
        self.set(EMPTY, 0, bytes(DIGEST_BYTES))

    def set(self, state, size, digest):
        self.state = state
        self.size = size
        self.digest = digest


class BootRecord:
    """The newest record of a folder that is whole. `preferred` is the slot that was confirmed last."""

    def __init__(self, folder):
        self.slots = (Slot(), Slot())
        self.preferred = 0
        self.sequence = 0
        self._folder = folder
        for name in _NAMES:
            self.take(_content(folder + "/" + name))

    def take(self, packed):
        """Hold to what a record says, if it is whole and newer."""
        sequence = _sequence_of(packed)
        if sequence > self.sequence:
            self.sequence = sequence
            self.preferred = packed[_HEAD_BYTES - 1] & 1
            for number, slot in enumerate(self.slots):
                slot.set(*struct.unpack_from(_SLOT, packed, _HEAD_BYTES + number * _SLOT_BYTES))

    def packed(self):
        """The record's bytes under the present sequence number."""
        head = struct.pack(_HEAD, _MAGIC, _VERSION, self.sequence, self.preferred)
        slots = [struct.pack(_SLOT, slot.state, slot.size, slot.digest) for slot in self.slots]
        content = head + b"".join(slots)
        return content + struct.pack("<I", crc32(content))

    def save(self):
        """Write the record over the older of the two. Raises OSError; then the newer one still holds."""
        self.sequence += 1
        make_folder(self._folder)
        with open(self._folder + "/" + _NAMES[self.sequence & 1], "wb") as file:
            file.write(self.packed())
        if hasattr(os, "sync"):
            os.sync()


def make_folder(path):
    """Make a folder unless it is there. Raises OSError."""
    try:
        os.mkdir(path)
    except OSError:
        os.stat(path)


def _content(path):
    try:
        with open(path, "rb") as file:
            return file.read(RECORD_BYTES + 1)
    except OSError:
        return b""


def _sequence_of(packed):
    """A record's sequence number; 0 when it is none, or not whole."""
    if len(packed) != RECORD_BYTES or packed[:5] != _MAGIC + bytes([_VERSION]):
        return 0
    if crc32(packed[:-4]) != struct.unpack_from("<I", packed, RECORD_BYTES - 4)[0]:
        return 0
    return struct.unpack_from("<I", packed, 5)[0]
