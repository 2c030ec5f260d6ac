"""Canonical, length-limited Huffman codes, known by their code lengths alone.

Lengths come from package-merge (Larmore and Hirschberg, "A fast algorithm for optimal length-limited
Huffman codes", J. ACM 37(3), 1990), so they are optimal under the limit. Codes follow from lengths as
in RFC 1951, 3.2.2: by length, then by symbol. On the wire a code's first bit comes first, in bytes
filled from bit 0; codes are therefore kept bit-reversed here, ready for `BitWriter`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from protocol.bits import BitReader, BitWriter
from protocol.limits import MAX_CODE_BITS


def limited_code_lengths(counts: Sequence[int], limit: int = MAX_CODE_BITS) -> bytes:
    """Optimal code lengths for symbol counts, none above `limit` bits.

    A count of 0 gives length 0: the symbol has no code. A single live symbol gets one bit.
    Raises ValueError when the live symbols cannot all have a code of `limit` bits or fewer.
    """
    live = sorted((count, symbol) for symbol, count in enumerate(counts) if count > 0)
    if len(live) > 1 << limit:
        raise ValueError(f"{len(live)} symbols do not fit codes of {limit} bits")
    lengths = bytearray(len(counts))
    if len(live) == 1:
        lengths[live[0][1]] = 1
    if len(live) < 2:
        return bytes(lengths)
    for _, symbols in _packages(live, limit)[: 2 * len(live) - 2]:
        for symbol in symbols:
            lengths[symbol] += 1
    return bytes(lengths)


def _packages(live: list[tuple[int, int]], limit: int) -> list[tuple[int, tuple[int, ...]]]:
    """The last row of package-merge: (weight, symbols in it), lightest first."""
    coins: list[tuple[int, tuple[int, ...]]] = [(count, (symbol,)) for count, symbol in live]
    row = coins
    for _ in range(limit - 1):
        pairs = zip(row[0::2], row[1::2], strict=False)
        packages = [(a[0] + b[0], a[1] + b[1]) for a, b in pairs]
        row = sorted(coins + packages, key=lambda item: item[0])
    return row


def canonical_codes(lengths: Sequence[int]) -> list[int]:
    """The canonical code of each symbol, bit-reversed for writing; 0 where there is none.

    Raises ValueError when the lengths ask for more codes than there are (Kraft's sum above 1).
    """
    codes = [0] * len(lengths)
    code = 0
    previous = 0
    for length, symbol in sorted((n, s) for s, n in enumerate(lengths) if n):
        code <<= length - previous
        previous = length
        if code >> length:
            raise ValueError("code lengths break Kraft's inequality: too many short codes")
        codes[symbol] = _reversed(code, length)
        code += 1
    return codes


def _reversed(code: int, length: int) -> int:
    return int(f"{code:0{length}b}"[::-1], 2)


class Codebook:
    """One canonical Huffman code."""

    def __init__(self, lengths: Sequence[int]) -> None:
        self.lengths = bytes(lengths)
        self.codes = canonical_codes(self.lengths)

    @classmethod
    def fitted(cls, counts: Sequence[int], limit: int = MAX_CODE_BITS) -> Codebook:
        """The best code for symbol counts under a length limit."""
        return cls(limited_code_lengths(counts, limit))

    @cached_property
    def table(self) -> list[tuple[int, int] | None]:
        """(symbol, length) for every `width` bits that may lie ahead; None where no code begins."""
        table: list[tuple[int, int] | None] = [None] * (1 << self.width)
        for symbol, (code, length) in enumerate(zip(self.codes, self.lengths, strict=True)):
            if length:
                for index in range(code, 1 << self.width, 1 << length):
                    table[index] = (symbol, length)
        return table

    @cached_property
    def width(self) -> int:
        """Length of the longest code, in bits."""
        return max(self.lengths, default=0)

    def write(self, writer: BitWriter, symbol: int) -> None:
        """Append a symbol's code. Raises ValueError when the symbol has none."""
        length = self.lengths[symbol]
        if not length:
            raise ValueError(f"symbol {symbol} has no code in this codebook")
        writer.write(self.codes[symbol], length)

    def read(self, reader: BitReader) -> int | None:
        """The next symbol, or None when the bits ahead begin no code. May leave `reader.overrun`."""
        entry = self.table[reader.peek(self.width)]
        if entry is None:
            return None
        reader.skip(entry[1])
        return entry[0]


END = 256
"""The symbol that no message holds. It owns the code of all ones, so padding is a part of it."""


class ByteCodebook(Codebook):
    """A code for bytes, padded so that the bits alone tell where the message ends.

    All 256 bytes and END have a code, and END's is all ones, 9 bits or longer. The last byte is filled
    up with ones: at most 7 of them, which begin no other code, so a decoder stops there without a length
    field (the padding of HPACK, RFC 7541, 5.2).
    """

    def __init__(self, lengths: Sequence[int]) -> None:
        super().__init__(lengths)
        if len(self.lengths) != 257 or 0 in self.lengths:
            raise ValueError("a byte codebook has a code for all of 256 bytes and the end mark")
        if self.codes[END] != (1 << self.lengths[END]) - 1:
            raise ValueError("the end mark must have the code of all ones")

    @classmethod
    def fitted(cls, counts: Sequence[int], limit: int = MAX_CODE_BITS) -> ByteCodebook:
        """A code for byte counts (256 of them); bytes never seen still get one."""
        weights = [2 * count + 1 for count in counts]
        lengths = bytearray(limited_code_lengths([*(2 * w for w in weights), 1], limit))
        # END is the rarest symbol and the last of them, so canonical order gives it all ones.
        return cls(lengths)

    def encode(self, message: bytes) -> bytes:
        """The message's codes, filled up with ones to whole bytes."""
        writer = BitWriter()
        for byte in message:
            writer.write(self.codes[byte], self.lengths[byte])
        return writer.to_bytes(pad=1)

    def decode(self, body: bytes, limit: int) -> bytes | None:
        """The message in a body; None when it is longer than `limit` or not what `encode` writes."""
        reader = BitReader(body)
        message = bytearray()
        while True:
            start = reader.position
            symbol = self.read(reader)
            if reader.overrun:
                break
            if symbol is None or symbol == END or len(message) == limit:
                return None
            message.append(symbol)
        padding = BitReader(body)
        padding.skip(start)
        left = padding.remaining
        return bytes(message) if left < 8 and padding.read(left) == (1 << left) - 1 else None
