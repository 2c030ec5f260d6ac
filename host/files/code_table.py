"""The Huffman code of a file's bytes, for people: a table, what it saves, and its tree as a picture."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from protocol.blocks import MAX_BITS
from protocol.huffman import canonical_codes, limited_code_lengths

_LEAF_WIDTH = 46
_LEVEL_HEIGHT = 54
_MARGIN = 30


@dataclass(frozen=True)
class Entry:
    """A byte, how often it comes, and its code, first bit first."""

    byte: int
    count: int
    code: str


@dataclass(frozen=True)
class CodeTable:
    """The best code of at most MAX_BITS for so many bytes, the commonest first."""

    entries: tuple[Entry, ...]

    @property
    def total(self) -> int:
        """Bytes in all."""
        return sum(entry.count for entry in self.entries)

    @property
    def entropy(self) -> float:
        """Bits a byte that no code for single bytes goes below (Shannon, 1948)."""
        shares = (entry.count / self.total for entry in self.entries)
        return -sum(share * math.log2(share) for share in shares) + 0.0

    @property
    def mean_length(self) -> float:
        """Bits a byte that the code takes."""
        return sum(entry.count * len(entry.code) for entry in self.entries) / self.total

    @property
    def efficiency(self) -> float:
        """Entropy over mean length; 1 is perfect."""
        return self.entropy / self.mean_length


def code_table(pieces: Iterable[bytes]) -> CodeTable:
    """The table of bytes that come in pieces. Raises ValueError when there are none."""
    counts: Counter[int] = Counter()
    for piece in pieces:
        counts.update(piece)
    if not counts:
        raise ValueError("no bytes, so no code")
    lengths = limited_code_lengths([counts[byte] for byte in range(256)], MAX_BITS)
    codes = canonical_codes(lengths)
    entries = [
        # Kept bit-reversed there: the first bit is the lowest.
        Entry(byte, counts[byte], f"{codes[byte]:0{lengths[byte]}b}"[::-1])
        for byte in counts
    ]
    return CodeTable(tuple(sorted(entries, key=lambda entry: (len(entry.code), entry.code))))


def shown(byte: int) -> str:
    """A byte as people read it."""
    names = {0x09: "tab", 0x0A: "newline", 0x0D: "return", 0x20: "space"}
    return names.get(byte) or (chr(byte) if 0x21 <= byte < 0x7F else f"0x{byte:02x}")


def tree_svg(table: CodeTable) -> str:
    """The code's tree: 0 to the left, 1 to the right, a leaf a byte."""
    leaves = sorted(table.entries, key=lambda entry: entry.code)
    places = {entry.code: float(number) for number, entry in enumerate(leaves)}
    inner = {entry.code[:depth] for entry in leaves for depth in range(len(entry.code))}
    for code in sorted(inner, key=len, reverse=True):
        below = [places[code + bit] for bit in "01" if code + bit in places]
        places[code] = sum(below) / len(below)
    depth = max(len(entry.code) for entry in leaves)
    width = _LEAF_WIDTH * len(leaves) + 2 * _MARGIN
    height = _LEVEL_HEIGHT * (depth + 1) + 2 * _MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" font-family="monospace" font-size="13">',
        f'<rect width="{width}" height="{height}" fill="white"/>',
    ]
    parts += [_branch(code, places) for code in sorted(places) if code]
    parts += [_leaf(entry, places[entry.code], table.total) for entry in leaves]
    return "\n".join([*parts, "</svg>\n"])


def _at(code: str, place: float) -> tuple[float, float]:
    return _MARGIN + _LEAF_WIDTH * (place + 0.5), _MARGIN + _LEVEL_HEIGHT * len(code)


def _branch(code: str, places: dict[str, float]) -> str:
    (x1, y1), (x2, y2) = _at(code[:-1], places[code[:-1]]), _at(code, places[code])
    line = f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="#999"/>'
    return line + _text((x1 + x2) / 2, (y1 + y2) / 2, code[-1], 'fill="#36c"')


def _leaf(entry: Entry, place: float, total: int) -> str:
    x, y = _at(entry.code, place)
    box = f'<rect x="{x - 21:.1f}" y="{y:.1f}" width="42" height="34" rx="4" fill="#eef" stroke="#669"/>'
    name = _text(x, y + 14, shown(entry.byte), 'font-size="11"')
    return box + name + _text(x, y + 28, f"{entry.count / total:.1%}", 'font-size="9" fill="#666"')


def _text(x: float, y: float, text: str, style: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="middle" {style}>{escape(text)}</text>'
