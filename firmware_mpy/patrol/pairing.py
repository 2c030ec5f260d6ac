"""The key that a car is paired with, and the count of its starts, on the board's file system.

To take the key off, at the board's console: `from patrol import pairing; pairing.unpair()`, then a reset.
"""

import os
from binascii import crc32

from micropython import const

from patrol import wire
from patrol.session import SIGNED_HEAD_BYTES

_KEY_FILE = "patrol.key"
_BOOT_FILES = ("patrol.boot0", "patrol.boot1")
_CHECK_BYTES = const(4)
UNKNOWN = -1
"""The count of starts of a car whose records are damaged: no frame of it can be told from an old one."""

_LIMIT = SIGNED_HEAD_BYTES + wire.REPLY_HEAD_BYTES + wire.MAX_MESSAGE


class Pairing:
    """Whether and with what key this car is paired. `boot` is this start's number, after `begin`."""

    def __init__(self, folder=""):
        self._folder = folder
        self.boot = 0
        self.signer = None
        key = _read(folder + _KEY_FILE)
        if key is not None:
            self.signer = _signer(key)

    def pair(self, key):
        """Be paired from now on. Whenever power fails, the car is paired afterwards or it is not."""
        for name in _BOOT_FILES:
            if _read(self._folder + name) is None:
                _write(self._folder + name, bytes(4))
        part = self._folder + _KEY_FILE + ".part"
        _write(part, key)
        os.rename(part, self._folder + _KEY_FILE)
        self.signer = _signer(key)
        self.boot = 0

    def begin(self):
        """Have a number for this start that no start before had: it is on the file system when this returns.

        A start in which no host greets the car costs no write, any other one of eight bytes.
        """
        if self.boot:
            return
        counts = [_count(self._folder + name) for name in _BOOT_FILES]
        if max(counts) == UNKNOWN:
            self.boot = UNKNOWN
            return
        older = counts.index(min(counts))
        boot = max(counts) + 1
        # The other record stays as it is: power may fail in the middle of this.
        _write(self._folder + _BOOT_FILES[older], boot.to_bytes(4, "little"))
        self.boot = boot


def unpair(folder=""):
    """Forget the key; says what to do next. The count of starts goes on, so that no number comes again."""
    try:
        os.remove(folder + _KEY_FILE)
    except OSError:
        return "this car is not paired"
    return "the key is gone; reset the board"


def _signer(key):
    from patrol.sha256 import Signer  # whose code is in RAM: only a car with a key pays for it

    return Signer(key, _LIMIT)


def _write(path, data):
    with open(path, "wb") as file:  # noqa: PTH123  MicroPython has no pathlib
        file.write(data + crc32(data).to_bytes(_CHECK_BYTES, "little"))


def _read(path):
    """What was written there, whole; else None."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123
            content = file.read()
    except OSError:
        return None
    data = content[:-_CHECK_BYTES]
    return data if content[-_CHECK_BYTES:] == crc32(data).to_bytes(_CHECK_BYTES, "little") else None


def _count(path):
    data = _read(path)
    return UNKNOWN if data is None else int.from_bytes(data, "little")
