"""The container: a header, blocks in records that say where they belong, and an index at the end.

Each part has a checksum of its own, and each record a marker, so that one damaged byte costs one block.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from itertools import accumulate

from host.files.checksum import crc32
from host.files.codec import LARGEST_BLOCK
from host.files.errors import FilesError
from protocol.blocks import BlockError, leb128, read_leb128

VERSION = 1
SUFFIX = ".huf"
MAGIC = b"\x89HUF\r\n\x1a\n"
"""As PNG's: tells text-mode damage, and no text begins so."""
BLOCK_MARK = b"\xabBLK"
END_MARK = b"\xabEND"
TAIL_MARK = b"HUF\x1a"

# Not with construct, which takes longer to load than a small file to compress.
_HEADER = struct.Struct("<8sBBHI")
_RECORD = struct.Struct("<4sQII")
_TAIL = struct.Struct("<QI4s")
HEADER_BYTES = _HEADER.size
RECORD_BYTES = _RECORD.size
TAIL_BYTES = _TAIL.size
LARGEST_BLOCK_BYTES = LARGEST_BLOCK + 64
"""A raw block with its header: no block is longer."""


def file_header() -> bytes:
    """The first bytes of a file."""
    checked = MAGIC + bytes((VERSION, 0, 0, 0))
    return checked + crc32(checked).to_bytes(4, "little")


def check_file_header(data: bytes) -> None:
    """Raises FilesError unless these are the first bytes of a file that this program reads."""
    if data[: len(MAGIC)] != MAGIC:
        if data[:4] == MAGIC[:4] and len(data) >= len(MAGIC):
            raise FilesError("its first bytes were changed by a text-mode transfer; transfer it as binary")
        raise FilesError("not a file that `host compress` wrote")
    if len(data) < HEADER_BYTES:
        raise FilesError("ends within its header; get the whole file")
    _, version, flags, _, check = _HEADER.unpack(data[:HEADER_BYTES])
    if check != crc32(data[: HEADER_BYTES - 4]):
        raise FilesError("its header is damaged; get the file again, or try --keep-going")
    if version > VERSION or flags:
        raise FilesError(
            f"written in version {version} of the format; this program reads up to {VERSION}: update it"
        )


@dataclass(frozen=True)
class Record:
    """What stands before a block: where its content belongs, and the bytes of the block."""

    offset: int
    block_bytes: int


def record_header(record: Record) -> bytes:
    """The bytes before a block."""
    checked = BLOCK_MARK + record.offset.to_bytes(8, "little") + record.block_bytes.to_bytes(4, "little")
    return checked + crc32(checked).to_bytes(4, "little")


def parse_record(data: bytes) -> Record | None:
    """The record that begins here; None when there is none, or it is damaged."""
    if len(data) < RECORD_BYTES or data[:4] != BLOCK_MARK:
        return None
    _, offset, block_bytes, check = _RECORD.unpack(data[:RECORD_BYTES])
    if check != crc32(data[: RECORD_BYTES - 4]) or block_bytes > LARGEST_BLOCK_BYTES:
        return None
    return Record(offset, block_bytes)


class Index:
    """Sizes of all records, as they stand in the file: two numbers a block, a few bytes each."""

    def __init__(self) -> None:
        self.count = 0
        self.content_bytes = 0
        self._packed = bytearray()

    def add(self, block_bytes: int, content_bytes: int) -> None:
        """The next block."""
        self._packed += leb128(block_bytes) + leb128(content_bytes)
        self.count += 1
        self.content_bytes += content_bytes

    def end_record(self, checksum: int) -> bytes:
        """The record behind the last block; `checksum` is the whole content's."""
        checked = b"".join([
            END_MARK,
            self.count.to_bytes(8, "little"),
            len(self._packed).to_bytes(8, "little"),
            bytes(self._packed),
            self.content_bytes.to_bytes(8, "little"),
            checksum.to_bytes(4, "little"),
        ])
        return checked + crc32(checked).to_bytes(4, "little")


@dataclass(frozen=True)
class End:
    """What an end record says: bytes of each block and of its content, in order; and the whole content."""

    block_bytes: tuple[int, ...]
    sizes: tuple[int, ...]
    content_bytes: int
    checksum: int

    @property
    def places(self) -> list[int]:
        """Where each record begins in the file."""
        steps = (RECORD_BYTES + each for each in self.block_bytes)
        return list(accumulate(steps, initial=HEADER_BYTES))[: len(self.block_bytes)]

    @property
    def offsets(self) -> list[int]:
        """Where each block's content begins."""
        return list(accumulate(self.sizes, initial=0))[: len(self.sizes)]


END_HEAD_BYTES = 20
END_REST_BYTES = 16


def end_record_bytes(head: bytes) -> int | None:
    """Bytes of the end record that begins so (END_HEAD_BYTES of it); None when it is none."""
    if len(head) < END_HEAD_BYTES or head[:4] != END_MARK:
        return None
    return END_HEAD_BYTES + int.from_bytes(head[12:20], "little") + END_REST_BYTES


def parse_end(data: bytes) -> End | None:
    """A whole end record; None when it is damaged, or its index is none."""
    if int.from_bytes(data[-4:], "little") != crc32(data[:-4]):
        return None
    index = data[END_HEAD_BYTES:-END_REST_BYTES]
    numbers, at = [], 0
    try:
        while at < len(index):
            number, at = read_leb128(index, at)
            numbers.append(number)
    except BlockError:
        return None
    if len(numbers) != 2 * int.from_bytes(data[4:12], "little"):
        return None
    rest = data[-END_REST_BYTES:]
    return End(
        tuple(numbers[0::2]), tuple(numbers[1::2]),
        int.from_bytes(rest[:8], "little"), int.from_bytes(rest[8:12], "little"),
    )


def tail(end_offset: int) -> bytes:
    """The last bytes of a file: where its end record begins."""
    place = end_offset.to_bytes(8, "little")
    return place + crc32(place).to_bytes(4, "little") + TAIL_MARK


def parse_tail(data: bytes) -> int | None:
    """Where the end record begins; None when these are no last bytes."""
    if len(data) != TAIL_BYTES:
        return None
    end_offset, check, mark = _TAIL.unpack(data)
    return end_offset if mark == TAIL_MARK and check == crc32(data[:8]) else None
