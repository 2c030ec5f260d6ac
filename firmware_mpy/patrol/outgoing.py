"""A file on its way from the car: its blocks, made one at a time."""

import os

from patrol import wire
from patrol.block_writer import BlockWriter
from patrol.storage import digest_of

NO_BLOCK = -1


class Outgoing:
    """A file at a time, each in the memory of the one before."""

    def __init__(self):
        self._file = None
        self._content = bytearray(wire.BLOCK_BYTES)
        self._writer = BlockWriter(wire.BLOCK_BYTES)

    def open(self, name):
        """Begin with a file. Raises OSError when it is none."""
        self.close()
        self.size = os.stat(name)[6]
        self.digest = digest_of(name)
        self._file = open(name, "rb")
        self._offset = NO_BLOCK
        self._bytes = 0

    @property
    def block(self):
        return self._writer.block

    def read_block(self, offset):
        """Have the block that begins at this offset in `block`; answers its bytes, 0 at the file's end."""
        if offset != self._offset:
            self._offset = NO_BLOCK
            self._file.seek(offset)
            count = self._file.readinto(self._content)
            self._bytes = self._writer.write(self._content, count) if count else 0
            self._offset = offset
        return self._bytes

    def close(self):
        if self._file is not None:
            self._file.close()
            self._file = None
