"""How Betaflight's blackbox writes groups of signed fields: four encodings, by their names there.

Facts from Betaflight's public description of its log format, "Blackbox logging internals" (Field
encoders 0, 6, 7 and 8). All raise StopIteration when the bytes end inside a group.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from host.bench.peers.varint import read_signed_varint, signed_varint, wrap


def write_svb(values: Sequence[int]) -> bytes:
    """Each field as a signed varint."""
    return b"".join(map(signed_varint, values))


def read_svb(data: Iterator[int], count: int) -> list[int]:
    """Fields that `write_svb` wrote."""
    return [read_signed_varint(data) for _ in range(count)]


def write_tag8_8svb(values: Sequence[int]) -> bytes:
    """Up to eight fields: a byte that tells which are not 0 (bit 0 the first), then those as varints."""
    tag = sum(1 << index for index, value in enumerate(values) if value)
    return bytes([tag]) + write_svb([value for value in values if value])


def read_tag8_8svb(data: Iterator[int], count: int) -> list[int]:
    """Fields that `write_tag8_8svb` wrote."""
    tag = next(data)
    return [read_signed_varint(data) if tag >> index & 1 else 0 for index in range(count)]


def write_tag2_3s32(values: Sequence[int]) -> bytes:
    """Three fields in 2, 4 or 6 bits each, all alike, or in 1 to 4 bytes each; the tag leads."""
    bits = max(_signed_bits(value) for value in values)
    a, b, c = values
    if bits <= 2:
        return bytes([(a & 3) << 4 | (b & 3) << 2 | c & 3])
    if bits <= 4:
        return bytes([0x40 | a & 0xF, (b & 0xF) << 4 | c & 0xF])
    if bits <= 6:
        return bytes([0x80 | a & 0x3F, b & 0x3F, c & 0x3F])
    sizes = [(_signed_bits(value) + 7) // 8 for value in values]
    tag = sum(size - 1 << 2 * index for index, size in enumerate(sizes))
    fields = zip(values, sizes, strict=True)
    return bytes([0xC0 | tag]) + b"".join(v.to_bytes(size, "little", signed=True) for v, size in fields)


def read_tag2_3s32(data: Iterator[int], count: int) -> list[int]:
    """Fields that `write_tag2_3s32` wrote."""
    first = next(data)
    kind = first >> 6
    if kind == 0:
        return [wrap(first >> shift, 2) for shift in (4, 2, 0)]
    if kind == 1:
        second = next(data)
        return [wrap(first, 4), wrap(second >> 4, 4), wrap(second, 4)]
    if kind == 2:
        return [wrap(first, 6), *(wrap(next(data), 6) for _ in range(count - 1))]
    return [_read_bytes(data, (first >> 2 * index & 3) + 1) for index in range(count)]


def _read_bytes(data: Iterator[int], size: int) -> int:
    return int.from_bytes(bytes(next(data) for _ in range(size)), "little", signed=True)


_NIBBLES = (0, 1, 2, 4)
"""Sizes of a TAG8_4S16 field, by its two tag bits."""


def write_tag8_4s16(values: Sequence[int]) -> bytes:
    """Four 16-bit fields of 0, 4, 8 or 16 bits each; two tag bits a field, then nibbles, highest first."""
    tag, bits, total = 0, 0, 0
    for index, value in enumerate(values):
        size_code = _size_code(value)
        size = 4 * _NIBBLES[size_code]
        tag |= size_code << 2 * index
        bits = bits << size | value & ((1 << size) - 1)
        total += size
    padding = total % 8
    return bytes([tag]) + (bits << padding).to_bytes((total + padding) // 8, "big")


def read_tag8_4s16(data: Iterator[int], count: int) -> list[int]:
    """Fields that `write_tag8_4s16` wrote."""
    tag = next(data)
    sizes = [4 * _NIBBLES[tag >> 2 * index & 3] for index in range(count)]
    left = (sum(sizes) + 7) // 8 * 8
    bits = int.from_bytes(bytes(next(data) for _ in range(left // 8)), "big")
    values = []
    for size in sizes:
        left -= size
        values.append(wrap(bits >> left, size) if size else 0)
    return values


def _size_code(value: int) -> int:
    if value == 0:
        return 0
    bits = _signed_bits(value)
    return 1 if bits <= 4 else 2 if bits <= 8 else 3


def _signed_bits(value: int) -> int:
    """Bits of the shortest two's complement that holds the value."""
    return (value ^ value >> 31).bit_length() + 1


@dataclass(frozen=True)
class _Form:
    write: Callable[[Sequence[int]], bytes]
    read: Callable[[Iterator[int], int], list[int]]
    counts: tuple[int, ...]


class Encoding(enum.Enum):
    """A way to write a group of fields, and how many fields such a group may have."""

    SVB = _Form(write_svb, read_svb, (1,))
    TAG8_8SVB = _Form(write_tag8_8svb, read_tag8_8svb, (2, 3, 4, 5, 6, 7, 8))
    TAG2_3S32 = _Form(write_tag2_3s32, read_tag2_3s32, (3,))
    TAG8_4S16 = _Form(write_tag8_4s16, read_tag8_4s16, (4,))
