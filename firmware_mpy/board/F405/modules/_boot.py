"""Runs before boot.py at every start and soft reset: mounts the RAM disk at / and the ROM image at /rom."""

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


def _mount_ram_disk():
    disk = _RamDisk()
    units = {"readsize": _LFS_UNIT, "progsize": _LFS_UNIT, "lookahead": _LFS_UNIT}
    try:
        fs = vfs.VfsLfs2(disk, **units)
    except OSError:  # first start: no file system there yet
        vfs.VfsLfs2.mkfs(disk, **units)
        fs = vfs.VfsLfs2(disk, **units)
    vfs.mount(fs, "/")
    sys.path.append("/lib")


def _mount_rom():
    image = emulated_board.rom(_ROMFS_START, _ROMFS_SIZE)
    if image[: len(_ROMFS_MAGIC)] == _ROMFS_MAGIC:
        vfs.mount(vfs.VfsRom(image), "/rom")
        sys.path.append("/rom")
        sys.path.append("/rom/lib")


_mount_ram_disk()
_mount_rom()
# This ran in the namespace of the REPL and main.py.
del sys, emulated_board, vfs, const, _ROMFS_MAGIC, _RamDisk, _mount_ram_disk, _mount_rom
