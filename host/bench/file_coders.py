"""Coders of whole files, ours and others, as functions from bytes to bytes. All check what they decode."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from host.files.checksum import crc32
from host.files.codec import DEFAULT_BLOCK, Compiled
from host.files.container import RECORD_BYTES, Index, Record, file_header, record_header, tail
from host.files.index import read_index

HUFFMAN_ONLY = "zlib_huffman_only"
OURS, OURS_2 = "ours", "ours_2_threads"


@dataclass(frozen=True)
class FileCoder:
    """One way to compress."""

    name: str
    compress: Callable[[bytes], Any]
    decompress: Callable[[Any], Any]


def ours(codec: Compiled, threads: int) -> FileCoder:
    """The container, from bytes to bytes, its blocks coded by so many threads; 1 is the caller's alone."""
    pool = ThreadPoolExecutor(threads) if threads > 1 else None
    each: Callable[..., Iterable[Any]] = pool.map if pool else map

    def compress(data: bytes) -> bytes:
        index, view = Index(), memoryview(data)
        pieces = [view[at : at + DEFAULT_BLOCK] for at in range(0, len(data), DEFAULT_BLOCK)]
        parts: list[Any] = [file_header()]
        for piece, block in zip(pieces, each(codec.encode, pieces), strict=True):
            parts += [record_header(Record(index.content_bytes, len(block))), block]
            index.add(len(block), len(piece))
        end_offset = sum(map(len, parts))
        return b"".join([*parts, index.end_record(crc32(data)), tail(end_offset)])

    def decompress(packed: bytes) -> memoryview:
        end, view = read_index(io.BytesIO(packed)), memoryview(packed)
        whole: memoryview = np.empty(end.content_bytes, np.uint8).data

        def decode(place: int, offset: int, block_bytes: int) -> None:
            content = codec.decode(view[place + RECORD_BYTES :], block_bytes, whole[offset:])
            if not isinstance(content, memoryview):  # raw and single ones come by themselves
                whole[offset : offset + len(content)] = content

        for _ in each(decode, end.places, end.offsets, end.block_bytes):
            pass
        if crc32(whole) != end.checksum:
            raise ValueError("the whole is not what was compressed")
        return whole

    return FileCoder(OURS if threads == 1 else OURS_2, compress, decompress)


def zlib_huffman_only() -> FileCoder:
    """zlib with Z_HUFFMAN_ONLY, Adler-32 included: what all others are compared with."""

    def compress(data: bytes) -> bytes:
        coder = zlib.compressobj(9, zlib.DEFLATED, 15, 9, zlib.Z_HUFFMAN_ONLY)
        return coder.compress(data) + coder.flush()

    return FileCoder(HUFFMAN_ONLY, compress, zlib.decompress)


def zlib_ng_huffman_only() -> FileCoder:
    """zlib-ng with the same strategy."""
    from zlib_ng import zlib_ng

    def compress(data: bytes) -> bytes:
        coder = zlib_ng.compressobj(9, zlib_ng.DEFLATED, 15, 9, zlib_ng.Z_HUFFMAN_ONLY)
        return coder.compress(data) + coder.flush()

    return FileCoder("zlib_ng_huffman_only", compress, zlib_ng.decompress)


def others() -> list[FileCoder]:
    """Coders of other classes, which find repetitions too."""
    import zstandard
    from isal import isal_zlib

    zstd, unzstd = zstandard.ZstdCompressor(level=1, write_checksum=True), zstandard.ZstdDecompressor()
    return [
        FileCoder("isal_1", lambda data: isal_zlib.compress(data, 1), isal_zlib.decompress),
        FileCoder("zlib_6", lambda data: zlib.compress(data, 6), zlib.decompress),
        FileCoder("zstd_1", zstd.compress, unzstd.decompress),
    ]


def all_coders() -> list[FileCoder]:
    """Every coder of the comparison. Raises ImportError without the extras `bench` and `files`."""
    codec = Compiled()
    return [
        zlib_huffman_only(), ours(codec, 1), ours(codec, 2), zlib_ng_huffman_only(), *others()
    ]
