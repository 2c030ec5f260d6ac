"""Variable-length integers as many formats have them: zigzag, then LEB128 (as Protocol Buffers' sint32)."""

from __future__ import annotations

from collections.abc import Iterator


def wrap(value: int, bits: int, signed: bool = True) -> int:
    """A value modulo 2**bits, in two's complement or, when not `signed`, from 0 up."""
    low = -(1 << bits - 1) if signed else 0
    return ((value - low) & ((1 << bits) - 1)) + low


def signed_varint(value: int) -> bytes:
    """A signed 32-bit integer in one to five bytes, fewer for smaller magnitudes."""
    left = (value << 1) ^ (value >> 31)
    encoded = bytearray()
    while left > 0x7F:
        encoded.append(left & 0x7F | 0x80)
        left >>= 7
    encoded.append(left)
    return bytes(encoded)


def read_signed_varint(data: Iterator[int]) -> int:
    """The integer at the head of `data`. Raises StopIteration when the bytes end inside it."""
    value = shift = 0
    while (byte := next(data)) & 0x80:
        value |= (byte & 0x7F) << shift
        shift += 7
    value |= byte << shift
    return (value >> 1) ^ -(value & 1)
