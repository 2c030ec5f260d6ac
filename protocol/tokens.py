"""Residuals as tokens: a small alphabet for Huffman, the rest as raw bits.

A residual is a 32-bit two's complement number. Zigzag makes it unsigned (0, -1, 1, -2, ... become 0, 1,
2, 3, ...). Below 16 it is its own token; above, the token says how many bits it has and the bit after
the leading one, and the rest follow raw: the idea of JPEG XL's hybrid
integers, with one bit of the mantissa in the token.
"""

from __future__ import annotations

TOKENS = 72
"""16 direct values, and two tokens for each bit length from 5 to 32."""

DIRECT = 16
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
    raw = bits - 2
    return DIRECT + 2 * (bits - 5) + ((value >> raw) & 1), value & ((1 << raw) - 1), raw


def raw_bits(token: int) -> int:
    """How many raw bits follow a token."""
    return 0 if token < DIRECT else (token - DIRECT) // 2 + 3


def value_of(token: int, raw: int) -> int:
    """The zigzagged residual of a token and its raw bits."""
    if token < DIRECT:
        return token
    return ((2 | (token & 1)) << raw_bits(token)) | raw
