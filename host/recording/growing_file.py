"""A file that is a whole MCAP after every flush, whenever its writer is killed.

MCAP's end (a DataEnd record, a Footer, and the magic) is written behind the data at each flush, with no
summary, in the same call of `write`; the next flush writes over it. So readers that go to a file's end first,
as the `mcap` library's, Foxglove's and PlotJuggler's do, open a recording whose recorder was killed, and one
that is still being written. It has its name from the first flush on, so nobody finds less than that. Only an
interrupted call of `write` (no power, a full disk) leaves a file without an end; what is before is read all
the same (host/recording/reader.py).
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from mcap.data_stream import RecordBuilder
from mcap.records import DataEnd, Footer
from mcap.writer import MCAP0_MAGIC


def _end() -> bytes:
    """The end of a file without a summary: https://mcap.dev/spec, "File Structure"."""
    builder: Any = RecordBuilder()
    DataEnd(data_section_crc=0).write(builder)
    Footer(summary_start=0, summary_offset_start=0, summary_crc=0).write(builder)
    return bytes(builder.end()) + MCAP0_MAGIC


END = _end()


class GrowingFile:
    """The stream that an mcap.writer.Writer writes to. All methods may raise OSError."""

    def __init__(self, path: Path, *, force: bool = False) -> None:
        """Raises FileExistsError where there is such a file, unless told to write over it."""
        if not force and path.exists():
            raise FileExistsError(path)
        self._path = path
        self._force = force
        self._nameless: Path | None = path.with_name(f".{path.name}.{os.getpid()}.part")
        self._file = self._nameless.open("wb", buffering=0)
        self._kept = 0
        self._waiting = bytearray()

    def write(self, data: bytes) -> int:
        """Take in bytes; they are on their way to the disk at the next flush."""
        self._waiting += data
        return len(data)

    def tell(self) -> int:
        """Where the next byte will be."""
        return self._kept + len(self._waiting)

    def flush(self) -> None:
        """Hand all to the operating system, an end behind it: it outlives this program."""
        if self._waiting:
            self._put(self._waiting + END)
            if self._nameless is not None:
                self._give_name(self._nameless)

    def sync(self) -> None:
        """Have the operating system write all to the disk: it outlives the machine. May take its time."""
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Keep what was written, which has an end of its own, and give the file back."""
        try:
            self._put(self._waiting)  # longer than END, which was here: it has an index
            self.sync()
        finally:
            self._file.close()

    def abandon(self) -> None:
        """Give the file back as it was after the last flush that went well; none was before the first."""
        with suppress(OSError):
            self._file.seek(self._kept)
            self._file.write(END)
            self._file.truncate()
        self._file.close()
        if self._nameless is not None:
            self._nameless.unlink(missing_ok=True)

    def _give_name(self, part: Path) -> None:
        """Put the file where it was wanted. Raises FileExistsError where another program has, meanwhile."""
        if self._force:
            part.replace(self._path)
        else:
            try:
                self._path.hardlink_to(part)
                part.unlink()
            except FileExistsError:
                raise
            except OSError:  # a file system without links
                part.rename(self._path)
        self._nameless = None

    def _put(self, data: bytes | bytearray) -> None:
        self._file.seek(self._kept)
        left = memoryview(bytes(data))
        while left:
            left = left[self._file.write(left):]
        self._kept += len(self._waiting)
        self._waiting.clear()
