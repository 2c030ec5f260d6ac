"""DEFLATE (RFC 1951) through zlib: one stream for all rows, or each row by itself."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial

from host.bench.peers.plain import DeltaVarint, Raw
from host.bench.peers.recoded import Recipe, Recoded, best_recipe
from host.bench.scheme import RowScheme, SchemeFactory
from protocol.schema import Row, Schema

_LEVEL = 9
_MEMORY_LEVEL = 9
_RAW_DEFLATE = -15
"""zlib's window bits for a 32 KiB window without header and checksum."""

_SYNC_MARK = b"\x00\x00\xff\xff"
"""How every sync flush ends; the receiver puts it back, as in RFC 7692, 7.2.1."""

_ZLIB_REACH = 32_506
"""Bytes of a dictionary that zlib can refer to: the window less its lookahead of 262."""

_SMALLEST_PIECE = 3
_LARGEST_PIECE = 8


class ZlibStream(RowScheme):
    """Packed structs in one DEFLATE stream, flushed after each row. No row may be lost."""

    def __init__(self, schema: Schema) -> None:
        self._rows = Raw(schema)
        self._compressor = zlib.compressobj(_LEVEL, zlib.DEFLATED, _RAW_DEFLATE, _MEMORY_LEVEL)
        self._decompressor = zlib.decompressobj(_RAW_DEFLATE)

    def encode_row(self, row: Row) -> bytes:
        """See RowScheme."""
        begun = self._compressor.compress(self._rows.encode_row(row))
        return (begun + self._compressor.flush(zlib.Z_SYNC_FLUSH)).removesuffix(_SYNC_MARK)

    def decode_row(self, packet: bytes) -> Row:
        """See RowScheme."""
        return self._rows.decode_row(self._decompressor.decompress(packet + _SYNC_MARK))


class Deflate:
    """Raw DEFLATE of each packet by itself, after a dictionary that both ends hold."""

    def __init__(self, dictionary: bytes = b"") -> None:
        self._dictionary = dictionary
        # Copied for each packet, which is faster than to hash the dictionary again.
        self._fresh = zlib.compressobj(
            _LEVEL, zlib.DEFLATED, _RAW_DEFLATE, _MEMORY_LEVEL, zlib.Z_DEFAULT_STRATEGY, dictionary
        )

    def compress(self, packet: bytes) -> bytes:
        """See Compressor."""
        compressor = self._fresh.copy()
        return compressor.compress(packet) + compressor.flush()

    def decompress(self, compressed: bytes) -> bytes:
        """See Compressor."""
        return zlib.decompressobj(_RAW_DEFLATE, self._dictionary).decompress(compressed)


def delta_varint_deflate(schema: Schema) -> Recoded:
    """Each row's delta varints, deflated."""
    return Recoded(DeltaVarint(schema), Deflate())


def delta_varint_deflate_dict(schema: Schema, rows: Sequence[Row]) -> SchemeFactory:
    """Each row's delta varints, deflated after the best dictionary that was made from training rows."""
    return best_recipe(schema, rows, [_recipe(make) for make in DICTIONARIES])


def latest_packets(size: int, packets: Sequence[bytes]) -> bytes:
    """The last `size` bytes of the example packets."""
    return b"".join(packets[-size:])[-size:]


def commonest_packets(size: int, packets: Sequence[bytes]) -> bytes:
    """Whole packets, the commonest last: DEFLATE names near places in fewer bits."""
    commonest = [packet for packet, _ in Counter(packets).most_common(size)]
    return b"".join(reversed(commonest))[-size:]


def commonest_pieces(size: int, packets: Sequence[bytes]) -> bytes:
    """Pieces of packets, those that save most last. Pieces inside those already taken are left out."""
    counts: Counter[bytes] = Counter()
    for packet in packets:
        for length in range(_SMALLEST_PIECE, _LARGEST_PIECE + 1):
            counts.update(packet[at : at + length] for at in range(len(packet) - length + 1))
    savings = {piece: count * (len(piece) - 2) for piece, count in counts.items() if count > 1}
    taken = b""
    for piece in sorted(savings, key=lambda piece: (-savings[piece], piece)):
        if len(taken) >= size:
            break
        if piece not in taken:
            taken = piece + taken
    return taken[-size:]


def pieces_after_packets(size: int, packets: Sequence[bytes]) -> bytes:
    """The latest packets, and behind them, where it is cheapest to reach, `size` bytes of pieces."""
    return latest_packets(_ZLIB_REACH - size, packets) + commonest_pieces(size, packets)


Dictionary = Callable[[Sequence[bytes]], bytes]

DICTIONARIES: tuple[Dictionary, ...] = (
    partial(latest_packets, _ZLIB_REACH),
    partial(commonest_packets, _ZLIB_REACH),
    partial(commonest_pieces, 1024),
    partial(commonest_pieces, 8192),
    partial(pieces_after_packets, 2048),
    partial(pieces_after_packets, 8192),
)
"""The dictionary recipes tried: of those measured, these did best on one log or another."""


def _recipe(make: Dictionary) -> Recipe:
    return Recipe(DeltaVarint, lambda packets: Deflate(make(packets)))
