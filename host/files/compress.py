"""A stream into the container."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from host.files.checksum import crc32
from host.files.codec import DEFAULT_BLOCK, LARGEST_BLOCK, SMALLEST_BLOCK, Buffer, Codec
from host.files.container import HEADER_BYTES, Index, Record, file_header, record_header, tail
from host.files.pipeline import in_order

_BATCH = 1 << 20
"""Bytes that a thread codes at a time: enough that handing them over costs nothing beside it."""

Told = Callable[[int], None]
"""Told how many bytes of content are done."""


@dataclass(frozen=True)
class Compressed:
    """What became of a stream."""

    content_bytes: int
    file_bytes: int
    blocks: int
    checksum: int


@dataclass(frozen=True)
class _Batch:
    """Blocks with their contents' sizes."""

    blocks: list[tuple[Buffer, int]]
    content: bytes


def compress_stream(
    source: BinaryIO,
    target: BinaryIO,
    codec: Codec,
    *,
    block: int = DEFAULT_BLOCK,
    threads: int = 1,
    told: Told = lambda done: None,
) -> Compressed:
    """Read `source` to its end and write the container to `target`; neither need be able to seek.

    Raises ValueError for a block size that no reader takes.
    """
    if not SMALLEST_BLOCK <= block <= LARGEST_BLOCK:
        raise ValueError(f"blocks of {block} bytes; {SMALLEST_BLOCK} to {LARGEST_BLOCK} are allowed")
    index, checksum = Index(), 0
    written = target.write(file_header())
    for batch in in_order(lambda content: _coded(content, codec, block), _batches(source, block), threads):
        for coded, size in batch.blocks:
            written += target.write(record_header(Record(index.content_bytes, len(coded))))
            written += target.write(coded)
            index.add(len(coded), size)
        checksum = crc32(batch.content, checksum)
        told(index.content_bytes)
    end = index.end_record(checksum)
    target.write(end)
    target.write(tail(written))
    total = written + len(end) + HEADER_BYTES
    return Compressed(index.content_bytes, total, index.count, checksum)


def _batches(source: BinaryIO, block: int) -> Iterator[bytes]:
    """The content in pieces of whole blocks. A pipe gives what it has: pieces are filled up."""
    wanted = max(1, _BATCH // block) * block
    while True:
        pieces = []
        missing = wanted
        while missing and (piece := source.read(missing)):
            pieces.append(piece)
            missing -= len(piece)
        if pieces:
            yield pieces[0] if len(pieces) == 1 else b"".join(pieces)
        if missing:
            return


def _coded(content: bytes, codec: Codec, block: int) -> _Batch:
    view = memoryview(content)
    pieces = [view[at : at + block] for at in range(0, len(content), block)]
    return _Batch([(codec.encode(piece), len(piece)) for piece in pieces], content)
