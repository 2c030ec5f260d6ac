"""Runs before boot.py at every start and soft reset: mounts the store, or else the RAM disk, at / and the ROM
image at /rom."""

import sys

import emulated_board
import vfs
from micropython import const

_BLOCK_SIZE = const(256)
_ROMFS_START = const(0x080C0000)
_ROMFS_SIZE = const(256 * 1024)
_ROMFS_MAGIC = b"\xd2\xcd\x31"
# LittleFS reads, programs and keeps its free-block map in units of this: small, as the disk is.
_LFS_UNIT = const(32)
_STORE_BLOCK_SIZE = const(4096)
_STORE_UNIT = const(64)
_FAT_BLOCK_SIZE = const(512)


class _Store:
    """The block device over the emulator's store."""

    def __init__(self, size, block_size):
        self._size, self._block_size = size, block_size
        self._read, self._write = emulated_board.store_read, emulated_board.store_write

    def readblocks(self, block, buf, offset=0):
        self._read(block * self._block_size + offset, buf)

    def writeblocks(self, block, buf, offset=0):
        self._write(block * self._block_size + offset, buf)

    def ioctl(self, op, arg):
        if op == 4:  # block count
            return self._size // self._block_size
        if op == 5:  # block size
            return self._block_size
        if op == 6:  # erase: a file needs none
            return 0


class _RamDisk:
    """The block device over RAM that no reset clears."""

    def __init__(self):
        self.data = emulated_board.ramdisk()

    def readblocks(self, block, buf, offset=0):
        start = block * _BLOCK_SIZE + offset
        buf[:] = memoryview(self.data)[start : start + len(buf)]

    def writeblocks(self, block, buf, offset=0):
        start = block * _BLOCK_SIZE + offset
        self.data[start : start + len(buf)] = buf

    def ioctl(self, op, arg):
        if op == 4:  # block count
            return len(self.data) // _BLOCK_SIZE
        if op == 5:  # block size
            return _BLOCK_SIZE
        if op == 6:  # erase: RAM needs none
            return 0


def _mount_disk():
    size = emulated_board.store()
    if size and _has_fat():
        fs = vfs.VfsFat(_Store(size, _FAT_BLOCK_SIZE))
    else:
        fs = _little_fs(size)
    vfs.mount(fs, "/")
    sys.path.append("/lib")


def _has_fat():
    """Whether the store was formatted with FAT, as MicroPython's own stm32 builds do it with their flash."""
    start = bytearray(_FAT_BLOCK_SIZE)
    emulated_board.store_read(0, start)
    return start[54:57] == b"FAT"


def _little_fs(size):
    disk = _Store(size, _STORE_BLOCK_SIZE) if size else _RamDisk()
    unit = _STORE_UNIT if size else _LFS_UNIT
    units = {"readsize": unit, "progsize": unit, "lookahead": _LFS_UNIT}
    try:
        return vfs.VfsLfs2(disk, **units)
    except OSError:  # first start: no file system there yet
        vfs.VfsLfs2.mkfs(disk, **units)
        return vfs.VfsLfs2(disk, **units)


def _mount_rom():
    image = emulated_board.rom(_ROMFS_START, _ROMFS_SIZE)
    if image[: len(_ROMFS_MAGIC)] == _ROMFS_MAGIC:
        vfs.mount(vfs.VfsRom(image), "/rom")
        sys.path.append("/rom")
        sys.path.append("/rom/lib")


_mount_disk()
_mount_rom()
# This ran in the namespace of the REPL and main.py.
del sys, emulated_board, vfs, const, _ROMFS_MAGIC, _RamDisk, _Store
del _has_fat, _little_fs, _mount_disk, _mount_rom
