"""Bit strings in bytes, least significant bit first: bit 0 of the string is bit 0 of byte 0.

The order of DEFLATE (RFC 1951, 3.1.1). On a little-endian machine a decoder then reads a whole word
and shifts right, with no byte swap, which is what the board's assembler decoder does.
"""

from __future__ import annotations


class BitWriter:
    """Collects bit fields; `to_bytes` pads the last byte."""

    def __init__(self) -> None:
        self._value = 0
        self._chunks = bytearray()
        self._pending = 0

    def __len__(self) -> int:
        """Bits written so far."""
        return 8 * len(self._chunks) + self._pending

    def write(self, value: int, bits: int) -> None:
        """Append the low `bits` bits of `value`, least significant first."""
        self._value |= (value & ((1 << bits) - 1)) << self._pending
        self._pending += bits
        if self._pending >= 8:
            whole = self._pending >> 3
            self._chunks += (self._value & ((1 << (8 * whole)) - 1)).to_bytes(whole, "little")
            self._value >>= 8 * whole
            self._pending &= 7

    def to_bytes(self, pad: int = 0) -> bytes:
        """All bits as bytes; the unused high bits of the last byte are all `pad` (0 or 1)."""
        if not self._pending:
            return bytes(self._chunks)
        fill = (0xFF << self._pending) & 0xFF if pad else 0
        return bytes(self._chunks) + bytes([self._value | fill])


class BitReader:
    """Reads bit fields from bytes; beyond the end it reads zeros and `overrun` tells."""

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data, "little")
        self.bits = 8 * len(data)
        self.position = 0

    @property
    def remaining(self) -> int:
        """Bits not read yet; negative once more was read than there is."""
        return self.bits - self.position

    @property
    def overrun(self) -> bool:
        """Whether more was read than there is."""
        return self.position > self.bits

    def peek(self, bits: int) -> int:
        """The next `bits` bits, left where they are."""
        return (self._value >> self.position) & ((1 << bits) - 1)

    def skip(self, bits: int) -> None:
        """Go past `bits` bits."""
        self.position += bits

    def read(self, bits: int) -> int:
        """Take the next `bits` bits."""
        value = self.peek(bits)
        self.position += bits
        return value
