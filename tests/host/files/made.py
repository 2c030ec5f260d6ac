"""Files for tests, compressed by the reference codec in small blocks."""

from __future__ import annotations

import io
import random

from host.files.codec import Codec, Reference
from host.files.compress import Compressed, compress_stream
from host.files.decompress import Restored, decompress_stream

BLOCK = 4096
TEXT = b"".join(b"row %d: left %d mm/s, right %d mm/s\n" % (n, n * 7 % 311, n * 13 % 307) for n in range(700))


class Pipe(io.RawIOBase):
    """A stream that cannot seek and gives what it has, a few bytes at a time."""

    def __init__(self, data: bytes, seed: int = 0) -> None:
        self._data, self._random = io.BytesIO(data), random.Random(seed)

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        return self._data.read(min(size, self._random.randint(1, 5000)))


def compressed(
    content: bytes, *, codec: Codec | None = None, block: int = BLOCK, threads: int = 1
) -> tuple[bytes, Compressed]:
    target = io.BytesIO()
    result = compress_stream(Pipe(content), target, codec or Reference(), block=block, threads=threads)
    return target.getvalue(), result


def restored(data: bytes, *, keep_going: bool = False, codec: Codec | None = None) -> tuple[bytes, Restored]:
    target = io.BytesIO()
    result = decompress_stream(Pipe(data), target, codec or Reference(), keep_going=keep_going)
    return target.getvalue(), result
