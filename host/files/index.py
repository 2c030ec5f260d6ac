"""The index at a file's end: what is in it, and where, without reading it all."""

from __future__ import annotations

import io
from typing import BinaryIO

from host.files.codec import SLACK, BlockError, Codec
from host.files.container import (
    END_HEAD_BYTES,
    HEADER_BYTES,
    RECORD_BYTES,
    TAIL_BYTES,
    End,
    check_file_header,
    end_record_bytes,
    parse_end,
    parse_record,
    parse_tail,
)
from host.files.errors import FilesError


def read_index(file: BinaryIO) -> End:
    """The end record of a file that can seek. Raises FilesError."""
    if not file.seekable():
        raise FilesError("its index is at the end, which a pipe has not; use `host verify`")
    file.seek(0)
    check_file_header(file.read(HEADER_BYTES))
    size = file.seek(0, io.SEEK_END)
    file.seek(max(0, size - TAIL_BYTES))
    place = parse_tail(file.read(TAIL_BYTES))
    if place is not None:
        file.seek(place)
        head = file.read(END_HEAD_BYTES)
        wanted = end_record_bytes(head)
        if wanted is not None and place + wanted + TAIL_BYTES == size:
            end = parse_end(head + file.read(wanted - END_HEAD_BYTES))
            if end is not None:
                return end
    raise FilesError("its index is damaged or missing; `host verify --keep-going` says what is left")


def read_range(file: BinaryIO, end: End, codec: Codec, start: int, stop: int) -> bytes:
    """Content bytes start to stop - 1, reading the blocks that hold them alone. Raises FilesError."""
    pieces = []
    for place, offset, size in zip(end.places, end.offsets, end.sizes, strict=True):
        if offset + size <= start or offset >= stop:
            continue
        file.seek(place)
        record = parse_record(file.read(RECORD_BYTES))
        if record is None or record.offset != offset:
            raise FilesError(f"a damaged record at byte {place}; get the file again")
        try:
            content = codec.decode(file.read(record.block_bytes + SLACK), record.block_bytes)
        except BlockError as error:
            raise FilesError(f"a damaged block ({error}) at byte {place}; get the file again") from None
        pieces.append(bytes(content[max(0, start - offset) : stop - offset]))
    return b"".join(pieces)
