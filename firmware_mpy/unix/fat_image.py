"""Puts a folder's files into an image of a FAT file system, made by the code with which boards make theirs.

micropython fat_image.py IMAGE BYTES FOLDER NAME...     with the names sorted, relative to FOLDER
"""

import sys

import vfs

_BLOCK = 512


class Ram:
    def __init__(self, size):
        self.data = bytearray(size)

    def readblocks(self, block, buf):
        buf[:] = memoryview(self.data)[block * _BLOCK : block * _BLOCK + len(buf)]

    def writeblocks(self, block, buf):
        self.data[block * _BLOCK : block * _BLOCK + len(buf)] = buf

    def ioctl(self, op, arg):
        return {4: len(self.data) // _BLOCK, 5: _BLOCK}.get(op, 0)


def fill(fs, folder, names):
    made = set()
    for name in names:
        parts = name.split("/")[:-1]
        for depth in range(1, len(parts) + 1):
            path = "/".join(parts[:depth])
            if path not in made:
                fs.mkdir(path)
                made.add(path)
        with open(folder + "/" + name, "rb") as source, fs.open(name, "wb") as target:
            content = source.read()
            if target.write(content) != len(content):
                raise OSError("full")


def main(image, size, folder, *names):
    disk = Ram(int(size))
    vfs.VfsFat.mkfs(disk)
    fs = vfs.VfsFat(disk)
    fill(fs, folder, names)
    fs.umount()
    with open(image, "wb") as out:
        out.write(disk.data)


main(*sys.argv[1:])
