"""An application in a slot, as a file system: a ROM file system image (MicroPython's ROMFS) read from a file.

MicroPython's own VfsRom wants the image in memory that is mapped; here it stays in its file, and only the
module that is being imported comes into memory.
"""

import errno
import io

from micropython import const

_MAGIC = b"\xd2\xcd\x31"
# Kinds of records: https://docs.micropython.org, "ROMFS"; each is kind, size, content.
_KIND_DATA = const(2)
_KIND_POINTER = const(3)
_KIND_FOLDER = const(4)
_KIND_FILE = const(5)
_FOLDER_MODE = const(0x4000)
_FILE_MODE = const(0x8000)


class ImageError(OSError):
    """A file that is no image."""

    def __init__(self):
        super().__init__(errno.EINVAL)


class _Span(io.IOBase):
    """A piece of a file as a file. A module is imported through it a few bytes at a time: whole, it
    would need as much of the heap as its code does, in one piece."""

    def __init__(self, file, start, end):
        self._file, self._at, self._end = file, start, end

    def readinto(self, buf):
        left = self._end - self._at
        if left < len(buf):
            buf = memoryview(buf)[:left]
        self._file.seek(self._at)
        count = self._file.readinto(buf)
        self._at += count
        return count

    def read(self, size=-1):
        left = self._end - self._at
        buf = bytearray(left if size < 0 else min(size, left))
        self.readinto(buf)
        return bytes(buf)

    def close(self):
        """The file that it is a piece of stays open."""

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()

    def ioctl(self, operation, argument):
        return 0


class ImageFs:
    """A mountable, read-only file system over an open file. Raises ImageError when it holds no image."""

    def __init__(self, file):
        self._file = file
        if self._read(0, len(_MAGIC)) != _MAGIC:
            raise ImageError
        self._at = len(_MAGIC)
        size = self._number()
        self._root = (self._at, self._at + size)
        self._file_size = file.seek(0, 2)
        if self._root[1] > self._file_size:
            raise ImageError

    def mount(self, readonly, mkfs):
        """Called by vfs.mount."""

    def umount(self):
        """Called by vfs.umount."""

    def chdir(self, path):
        """The root is the only current folder there is."""
        if path.strip("/"):
            raise OSError(errno.ENOENT)

    def getcwd(self):
        return "/"

    def stat(self, path):
        folder, start, end = self._find(path)
        mode, size = (_FOLDER_MODE, 0) if folder else (_FILE_MODE, end - start)
        return (mode, 0, 0, 0, 0, 0, size, 0, 0, 0)

    def ilistdir(self, path):
        folder, start, end = self._find(path)
        if not folder:
            raise OSError(errno.ENOTDIR)
        return iter([
            (name, _FOLDER_MODE if is_folder else _FILE_MODE, 0, last - first)
            for name, is_folder, first, last in self._entries(start, end)
        ])

    def open(self, path, mode):
        if "w" in mode or "a" in mode or "+" in mode:
            raise OSError(errno.EACCES)
        folder, start, end = self._find(path)
        if folder:
            raise OSError(errno.EISDIR)
        if "b" in mode:
            return _Span(self._file, start, end)
        return io.StringIO(self._read(start, end - start).decode())

    def _find(self, path):
        """(whether it is a folder, where its content begins and ends). Raises OSError."""
        found = (True, self._root[0], self._root[1])
        for part in path.split("/"):
            if part:
                found = self._child(part, found)
        return found

    def _child(self, part, parent):
        if parent[0]:
            for name, is_folder, first, last in self._entries(parent[1], parent[2]):
                if name == part:
                    return is_folder, first, last
        raise OSError(errno.ENOENT)

    def _entries(self, start, end):
        """(name, whether it is a folder, where its content begins and ends) of all in a folder."""
        at = start
        while at < end:
            kind, at, after = self._record(at)
            if kind == _KIND_FOLDER or kind == _KIND_FILE:
                self._at = at
                size = self._number()
                name = self._read(self._at, size).decode()
                at += self._at - at + size
                if kind == _KIND_FOLDER:
                    yield name, True, at, after
                else:
                    first, last = self._data(at, after)
                    yield name, False, first, last
            at = after

    def _data(self, at, end):
        """Where a file's bytes are."""
        while at < end:
            kind, at, after = self._record(at)
            if kind == _KIND_DATA:
                return at, after
            if kind == _KIND_POINTER:
                self._at = at
                size = self._number()
                first = self._number()
                return first, first + size
            at = after
        return end, end

    def _record(self, at):
        """(kind, where its content begins, where it ends)."""
        self._at = at
        kind = self._number()
        size = self._number()
        if self._at + size > self._file_size:
            raise ImageError
        return kind, self._at, self._at + size

    def _number(self):
        """A number as the format has it: 7 bits a byte, upper ones first, bit 7 set in all but the last."""
        value = 0
        while True:
            byte = self._read(self._at, 1)
            if not byte or value >> 23:
                raise ImageError
            self._at += 1
            value = value << 7 | byte[0] & 0x7F
            if byte[0] < 0x80:
                return value

    def _read(self, at, size):
        self._file.seek(at)
        return self._file.read(size)
