"""Coders of whole files, ours and others, as functions from bytes to bytes. All check what they decode."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from host.files.checksum import crc32
from host.files.codec import DEFAULT_BLOCK, Compiled
from host.files.compress import compress_stream
from host.files.container import RECORD_BYTES, Index, Record, file_header, record_header, tail
from host.files.decompress import decompress_stream
from host.files.index import read_index

HUFFMAN_ONLY = "zlib_huffman_only"
OURS, OURS_2 = "ours", "ours_2_threads"


@dataclass(frozen=True)
class FileCoder:
    """One way to compress; `huffman` is whether it is of this class (order 0, no matches)."""

    name: str
    compress: Callable[[bytes], Any]
    decompress: Callable[[Any], Any]
    huffman: bool


def ours_alone(codec: Compiled) -> FileCoder:
    """The container in one thread: the caller's."""

    def compress(data: bytes) -> bytes:
        index, view = Index(), memoryview(data)
        parts: list[Any] = [file_header()]
        for at in range(0, len(data), DEFAULT_BLOCK):
            piece = view[at : at + DEFAULT_BLOCK]
            block = codec.encode(piece)
            parts += [record_header(Record(at, len(block))), block]
            index.add(len(block), len(piece))
        end_offset = sum(map(len, parts))
        return b"".join([*parts, index.end_record(crc32(data)), tail(end_offset)])

    def decompress(packed: bytes) -> memoryview:
        end = read_index(io.BytesIO(packed))
        whole: memoryview = np.empty(end.content_bytes, np.uint8).data
        packed_view, checksum = memoryview(packed), 0
        for place, offset, block_bytes in zip(end.places, end.offsets, end.block_bytes, strict=True):
            room = whole[offset:]
            content = codec.decode(packed_view[place + RECORD_BYTES :], block_bytes, room)
            if not isinstance(content, memoryview):  # raw and single ones come by themselves
                room[: len(content)] = content
            checksum = crc32(content, checksum)
        if checksum != end.checksum:
            raise ValueError("the whole is not what was compressed")
        return whole

    return FileCoder(OURS, compress, decompress, huffman=True)


def ours_in_threads(codec: Compiled, threads: int) -> FileCoder:
    """The container as the verbs make it: read ahead, coded by so many threads, written in order."""

    def compress(data: bytes) -> bytes:
        target = io.BytesIO()
        compress_stream(io.BytesIO(data), target, codec, threads=threads)
        return target.getvalue()

    def decompress(packed: bytes) -> bytes:
        target = io.BytesIO()
        decompress_stream(io.BytesIO(packed), target, codec, threads=threads)
        return target.getvalue()

    return FileCoder(OURS_2, compress, decompress, huffman=True)


def zlib_huffman_only() -> FileCoder:
    """zlib with Z_HUFFMAN_ONLY, Adler-32 included: what all others are compared with."""

    def compress(data: bytes) -> bytes:
        coder = zlib.compressobj(9, zlib.DEFLATED, 15, 9, zlib.Z_HUFFMAN_ONLY)
        return coder.compress(data) + coder.flush()

    return FileCoder(HUFFMAN_ONLY, compress, zlib.decompress, huffman=True)


def zlib_ng_huffman_only() -> FileCoder:
    """zlib-ng with the same strategy."""
    from zlib_ng import zlib_ng

    def compress(data: bytes) -> bytes:
        coder = zlib_ng.compressobj(9, zlib_ng.DEFLATED, 15, 9, zlib_ng.Z_HUFFMAN_ONLY)
        return coder.compress(data) + coder.flush()

    return FileCoder("zlib_ng_huffman_only", compress, zlib_ng.decompress, huffman=True)


def others() -> list[FileCoder]:
    """Coders of other classes, which find repetitions too."""
    import zstandard
    from isal import isal_zlib

    zstd, unzstd = zstandard.ZstdCompressor(level=1, write_checksum=True), zstandard.ZstdDecompressor()
    return [
        FileCoder("isal_1", lambda data: isal_zlib.compress(data, 1), isal_zlib.decompress, huffman=False),
        FileCoder("zlib_6", lambda data: zlib.compress(data, 6), zlib.decompress, huffman=False),
        FileCoder("zstd_1", zstd.compress, unzstd.decompress, huffman=False),
    ]


def all_coders() -> list[FileCoder]:
    """Every coder of the comparison. Raises ImportError without the extras `bench` and `files`."""
    codec = Compiled()
    return [
        zlib_huffman_only(), ours_alone(codec), ours_in_threads(codec, 2), zlib_ng_huffman_only(), *others()
    ]
