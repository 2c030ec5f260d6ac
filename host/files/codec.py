"""One block there and back: in machine code where there is any and it pays, else by protocol.blocks.

Both write the same bytes. Loading the kernels takes as long as the reference needs for a megabyte or so.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from threading import Lock
from typing import Any, Protocol

from host.files.checksum import crc32
from protocol.blocks import BlockError, decode_block, encode_block, pack_header, read_header

DEFAULT_BLOCK = 256 << 10
SMALLEST_BLOCK = 4 << 10
LARGEST_BLOCK = 16 << 20
"""Bytes of content in a block. A reader takes any up to the largest."""

STREAMS = 4
_FEW = 1024
"""A block of fewer bytes is one stream: the others' sizes would cost more than they save."""

ENCODE_PAYS = 4 << 20
DECODE_PAYS = 1 << 20
"""Bytes of content from which on loading the kernels saves time (bench/results/files.md)."""

Buffer = bytes | bytearray | memoryview

SLACK = 16
"""Bytes behind a block that a decoder may read; they make no difference."""


class Codec(Protocol):
    """Blocks to and from bytes; both calls may run in several threads at once."""

    name: str

    def encode(self, data: Buffer) -> Buffer:
        """A block with this content, 1 byte or more."""

    def decode(self, data: Buffer, end: int, room: memoryview | None = None) -> Buffer:
        """The content of the block data[:end]. Faster where SLACK bytes or more follow it.

        It may be put at the beginning of `room`, if that is as long. Raises BlockError when it is damaged, or
        too large.
        """


def streams_for(size: int) -> int:
    """Streams that a block of so many bytes is written in."""
    return STREAMS if size >= _FEW else 1


class Reference:
    """protocol.blocks alone, in plain Python."""

    name = "python"

    def encode(self, data: Buffer) -> Buffer:
        """See Codec."""
        return encode_block(bytes(data), streams_for(len(data)))

    def decode(self, data: Buffer, end: int, room: memoryview | None = None) -> Buffer:
        """See Codec."""
        content, found = decode_block(bytes(data[:end]), limit=LARGEST_BLOCK)
        _check_end(found, end)
        return content


def _check_end(found: int, end: int) -> None:
    if found != end:
        raise BlockError(f"{end - found} bytes behind its end")


class Compiled:
    """The kernels, and the reference for what they leave to it."""

    name = "numba"

    def __init__(self) -> None:
        import numpy

        from host.files import kernels

        self._numpy: Any = numpy
        self._kernels: Any = kernels
        self._reference = Reference()

    def encode(self, data: Buffer) -> Buffer:
        """See Codec."""
        kernels, np = self._kernels, self._numpy
        size, streams = len(data), streams_for(len(data))
        # The body where there is room for its header before it: nothing is copied.
        block = np.empty(_HEADER_ROOM + 2 * size + 512 + SLACK, np.uint8)
        kind, body_bytes = kernels.encode_body(_readonly(data, np), 0, size, block, _HEADER_ROOM, streams)
        end = _HEADER_ROOM + body_bytes
        view: memoryview = block.data
        header = pack_header(
            kind, size, view[_HEADER_ROOM:end], streams if kind == kernels.CODED else 1, crc32
        )
        start = _HEADER_ROOM - len(header)
        view[start:_HEADER_ROOM] = header
        return view[start:end]

    def decode(self, data: Buffer, end: int, room: memoryview | None = None) -> Buffer:
        """See Codec."""
        kernels, np = self._kernels, self._numpy
        if len(data) < end + SLACK:
            data = bytes(data[:end]) + bytes(SLACK)
        header = read_header(memoryview(data)[:end], 0, limit=LARGEST_BLOCK, crc32=crc32)
        _check_end(header.end, end)
        if header.kind != kernels.CODED or header.streams not in (1, STREAMS):
            return self._reference.decode(data, end)
        if room is not None and len(room) >= header.size:
            content = np.frombuffer(room, np.uint8, header.size)
        else:
            content = np.empty(header.size, np.uint8)
        status = kernels.decode_body(
            _readonly(data, np), header.start, header.end, content, 0, header.size, header.streams
        )
        if status == kernels.GOOD:
            view: memoryview = content.data
            return view
        return self._reference.decode(data, end)  # it says what is wrong


_HEADER_ROOM = 16
"""Bytes that no block's header exceeds."""


class Rising:
    """For content of unknown length: the reference at first, the kernels once there is enough to do."""

    name = "python, then numba"

    def __init__(self, pays: int) -> None:
        self._left = pays
        self._codec: Codec = Reference()
        self._lock = Lock()

    def encode(self, data: Buffer) -> Buffer:
        """See Codec."""
        return self._for(len(data)).encode(data)

    def decode(self, data: Buffer, end: int, room: memoryview | None = None) -> Buffer:
        """See Codec."""
        return self._for(end).decode(data, end, room)

    def _for(self, size: int) -> Codec:
        with self._lock:
            self._left -= size
            if self._left < 0 and isinstance(self._codec, Reference):
                self._codec = Compiled()
            return self._codec


def _readonly(data: Buffer, np: Any) -> Any:
    array = np.frombuffer(data, np.uint8)
    array.flags.writeable = False
    return array


def compiled_available() -> bool:
    """Whether the extra `files` is installed, which the kernels need."""
    return all(find_spec(name) is not None for name in ("numba", "numpy"))


def codec_for(content_bytes: int | None, pays: int) -> Codec:
    """The codec for about so many bytes of content; None when nobody knows how many will come."""
    if not compiled_available():
        return Reference()
    if content_bytes is None:
        return Rising(pays)
    return Compiled() if content_bytes >= pays else Reference()


encoder_for: Callable[[int | None], Codec] = partial(codec_for, pays=ENCODE_PAYS)
decoder_for: Callable[[int | None], Codec] = partial(codec_for, pays=DECODE_PAYS)
__all__ = [
    "DEFAULT_BLOCK",
    "LARGEST_BLOCK",
    "SLACK",
    "SMALLEST_BLOCK",
    "BlockError",
    "Codec",
    "Compiled",
    "Reference",
    "compiled_available",
    "decoder_for",
    "encoder_for",
    "streams_for",
]
