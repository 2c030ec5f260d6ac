"""For MicroPython: NOR flash in memory, as a block device whose power can be cut at any write.

Erasing sets bits, programming clears them, and programming what was not erased is the caller's error.
Nothing here allocates once the power is off: the collector closes files then, and must not.
"""

import errno

ERASED = 0xFF
BLOCK_BYTES = 4096


def erased(blocks):
    """The content of new flash."""
    return bytearray(bytes([ERASED]) * (blocks * BLOCK_BYTES))


class NorFlash:
    """One life of flash with this content, from power on to power off: a file that was open in an earlier
    life cannot write in this one. `writes` counts programs and erases; the one numbered `cut_at` (from 1)
    does not happen, or half of it does when it is torn, and nothing works from there on."""

    def __init__(self, data, cut_at=0, torn=False):
        self.data = data
        self.is_on = True
        self.writes = 0
        self._cut_at = cut_at
        self._torn = torn

    def readblocks(self, block, buf, offset=0):
        if not self.is_on:
            return -errno.EIO
        start = block * BLOCK_BYTES + offset
        buf[:] = memoryview(self.data)[start : start + len(buf)]
        return 0

    def writeblocks(self, block, buf, offset=0):
        if not self.is_on:
            return -errno.EIO
        start = block * BLOCK_BYTES + offset
        size = self._allowed(len(buf))
        if self.data[start : start + size] != bytes([ERASED]) * size:
            raise ValueError("programmed without having been erased")
        self.data[start : start + size] = bytes(memoryview(buf)[:size])
        return 0 if self.is_on else -errno.EIO

    def ioctl(self, op, arg):
        if op == 4:
            return len(self.data) // BLOCK_BYTES
        if op == 5:
            return BLOCK_BYTES
        if op == 6:
            return self._erase(arg)
        return 0

    def _erase(self, block):
        if not self.is_on:
            return -errno.EIO
        start = block * BLOCK_BYTES
        size = self._allowed(BLOCK_BYTES)
        self.data[start : start + size] = bytes([ERASED]) * size
        return 0 if self.is_on else -errno.EIO

    def _allowed(self, size):
        """How many bytes of a write happen."""
        self.writes += 1
        if self.writes != self._cut_at:
            return size
        self.is_on = False
        return size // 2 if self._torn else 0
