"""The records of an MCAP file that may be damaged: a damaged one costs itself alone, and is counted.

The library's stream reader ends at the first record that it cannot read, and passes over those whose kind it
does not know: one flipped bit in that byte hides a chunk. Here a record is whole when its kind is known and
its content is as long as the parts in it say. Behind one that is not, reading goes on at the next record,
where its length leads to one, or else at the next chunk that can be found.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import IO, Any, BinaryIO, cast

from mcap.data_stream import ReadDataStream
from mcap.exceptions import EndOfFile, InvalidMagic, McapError
from mcap.opcode import Opcode
from mcap.records import (
    Attachment,
    AttachmentIndex,
    Channel,
    Chunk,
    ChunkIndex,
    DataEnd,
    Footer,
    Header,
    McapRecord,
    MessageIndex,
    Metadata,
    MetadataIndex,
    Schema,
    Statistics,
    SummaryOffset,
)
from mcap.stream_reader import CRCValidationError
from mcap.writer import MCAP0_MAGIC
from zstandard import ZstdError

DAMAGED = (
    McapError, CRCValidationError, ZstdError, struct.error, UnicodeDecodeError, OverflowError, MemoryError,
)
"""What the libraries raise at bytes that are not what they should be."""

_READ: dict[int, Callable[[ReadDataStream], McapRecord]] = {
    Opcode.HEADER: Header.read, Opcode.FOOTER: Footer.read, Opcode.SCHEMA: Schema.read,
    Opcode.CHANNEL: Channel.read, Opcode.CHUNK: Chunk.read, Opcode.MESSAGE_INDEX: MessageIndex.read,
    Opcode.CHUNK_INDEX: ChunkIndex.read, Opcode.ATTACHMENT: Attachment.read,
    Opcode.ATTACHMENT_INDEX: AttachmentIndex.read, Opcode.STATISTICS: Statistics.read,
    Opcode.METADATA: Metadata.read, Opcode.METADATA_INDEX: MetadataIndex.read,
    Opcode.SUMMARY_OFFSET: SummaryOffset.read, Opcode.DATA_END: DataEnd.read,
}
"""Messages are not among them: in a recording they are in chunks, which have a checksum."""

_HEAD = struct.Struct("<BQ")
"""Of every record: its kind, and how many bytes follow."""
_BEFORE_NAME = _HEAD.size + 28
"""Of a chunk: what is before the name of its compression, from https://mcap.dev/spec, "Chunk"."""
_ZSTD = b"\x04\x00\x00\x00zstd"
_BLOCK = 1 << 16


class _Content(BytesIO):
    """A record's content, which ends where it ends: a damaged length reads nothing."""

    def read(self, count: int | None = -1, /) -> bytes:
        data = super().read(count)
        if count is not None and len(data) < count:
            raise EndOfFile
        return data


class RecordReader:
    """One pass over a file. It may grow meanwhile."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.damaged = 0
        """Records so far that could not be read, of those behind which another one was found."""
        self.is_cut = False
        """Whether the file had no whole end; known after the pass."""

    def records(self) -> Iterator[McapRecord]:
        """All that are whole. Raises InvalidMagic where the file does not begin as an MCAP."""
        magic = self._bytes(0, len(MCAP0_MAGIC))
        if magic != MCAP0_MAGIC:
            raise InvalidMagic(magic)
        at: int | None = len(MCAP0_MAGIC)
        while at is not None:
            record, end = self._record(at)
            if record is not None:
                yield record
                at = end
                if isinstance(record, Footer):
                    self.is_cut = self._bytes(end, len(MCAP0_MAGIC)) != MCAP0_MAGIC
                    return
            else:
                at = end if self._may_begin(end) else self._next_chunk(at + 1)
                self.damaged += at is not None
        self.is_cut = True

    def _record(self, at: int) -> tuple[McapRecord | None, int]:
        """The record that begins there, if it is whole, and where it ends by its own word."""
        opcode, length = self._head(at)
        end = at + _HEAD.size + length
        if opcode not in _READ or end > self._size():
            return None, end
        content = _Content(self._bytes(at + _HEAD.size, length))
        try:
            record = _READ[opcode](ReadDataStream(cast(IO[bytes], content)))
        except DAMAGED:
            return None, end
        return (record if content.tell() == length else None), end

    def _may_begin(self, at: int) -> bool:
        opcode, length = self._head(at)
        return opcode in _READ and at + _HEAD.size + length <= self._size()

    def _head(self, at: int) -> tuple[int, int]:
        """Kind and length; a kind that there is not at the end of the file."""
        head = self._bytes(at, _HEAD.size)
        found: Any = _HEAD.unpack(head) if len(head) == _HEAD.size else (0, 0)
        opcode, length = found
        return opcode, length

    def _next_chunk(self, start: int) -> int | None:
        """Where the first chunk begins from there on. Its compression's name is what it is found by."""
        position = start + _BEFORE_NAME
        while block := self._bytes(position, _BLOCK):
            found = block.find(_ZSTD)
            if found < 0:
                if len(block) < _BLOCK:
                    break
                position += len(block) - len(_ZSTD) + 1
            elif self._is_chunk(position + found - _BEFORE_NAME):
                return position + found - _BEFORE_NAME
            else:
                position += found + 1
        return None

    def _is_chunk(self, at: int) -> bool:
        """Whether both lengths in a chunk agree."""
        opcode, length = self._head(at)
        before_data = _BEFORE_NAME + len(_ZSTD) + 8
        stored = int.from_bytes(self._bytes(at + before_data - 8, 8), "little")
        return opcode == Opcode.CHUNK and length == before_data - _HEAD.size + stored and self._may_begin(at)

    def _bytes(self, at: int, count: int) -> bytes:
        if at > self._size():  # further than a file can be, when a length is damaged
            return b""
        self._file.seek(at)
        return self._file.read(count)

    def _size(self) -> int:
        return os.fstat(self._file.fileno()).st_size
