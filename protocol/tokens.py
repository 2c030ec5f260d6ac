"""Residuals as tokens: a small alphabet for Huffman, the rest as raw bits.

A residual is a 32-bit two's complement number. Zigzag makes it unsigned (0, -1, 1, -2, ... become 0, 1,
2, 3, ...). Below 16 it is its own token; above, the token says how many bits it has and the two bits
after the leading one, and the rest follow raw: the idea of JPEG XL's hybrid integers.
"""

from __future__ import annotations

TOKENS = 128
"""16 direct values, and four tokens for each bit length from 5 to 32."""

TOKEN_BITS = 7
"""A token that its codebook has not is written out in so many bits, behind the escape."""

DIRECT = 16
_MANTISSA_BITS = 2
_FIRST_LONG = 5
"""Bits of the shortest value that is no token of its own."""
_MASK = 0xFFFF_FFFF


def wrap32(value: int) -> int:
    """A value reduced to 32-bit two's complement, as the board's registers do."""
    return ((value + 0x8000_0000) & _MASK) - 0x8000_0000


def zigzag(residual: int) -> int:
    """Signed 32-bit to unsigned 32-bit, small magnitudes first."""
    return ((residual << 1) ^ (residual >> 31)) & _MASK


def unzigzag(value: int) -> int:
    """The signed residual behind a zigzagged one."""
    return (value >> 1) ^ -(value & 1)


def token_of(value: int) -> tuple[int, int, int]:
    """(token, raw bits' value, raw bits' count) of a zigzagged residual."""
    if value < DIRECT:
        return value, 0, 0
    bits = value.bit_length()
    raw = bits - 1 - _MANTISSA_BITS
    mantissa = (value >> raw) & 3
    return DIRECT + 4 * (bits - _FIRST_LONG) + mantissa, value & ((1 << raw) - 1), raw


def raw_bits(token: int) -> int:
    """How many raw bits follow a token."""
    return 0 if token < DIRECT else (token - DIRECT) // 4 + _FIRST_LONG - 1 - _MANTISSA_BITS


def value_of(token: int, raw: int) -> int:
    """The zigzagged residual of a token and its raw bits."""
    if token < DIRECT:
        return token
    return ((4 | (token & 3)) << raw_bits(token)) | raw
