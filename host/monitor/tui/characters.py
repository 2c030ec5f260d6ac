"""Pictures made of characters: sparklines, and a canvas of braille dots."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

_BARS = "▁▂▃▄▅▆▇█"
_BLANK = 0x2800
_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""Bits of a braille character (Unicode, block 2800), by row and column of its dots."""
_ARROWS = "→↗↑↖←↙↓↘"

Point = tuple[float, float]


def sparkline(values: Sequence[float], width: int) -> str:
    """Values as bars from the lowest to the highest of them; a line that never moves is low.

    With more values than bars, each bar is the mean of as many.
    """
    each = max(1, math.ceil(len(values) / width))
    shown = [sum(part) / len(part) for part in _parts(values, each)]
    low, high = min(shown, default=0.0), max(shown, default=0.0)
    span = high - low
    top = len(_BARS) - 1
    bars = (_BARS[round((value - low) / span * top)] if span else _BARS[0] for value in shown)
    return "".join(bars).rjust(width)


def _parts(values: Sequence[float], each: int) -> list[Sequence[float]]:
    """Cut from the end, so that only the first part may be shorter."""
    cuts = [*range(len(values), 0, -each), 0]
    return [values[low:high] for high, low in pairwise(cuts)][::-1]


def arrow(heading_deg: float) -> str:
    """One character that points there, 0 to the right and 90 up."""
    return _ARROWS[round(heading_deg / 45) % len(_ARROWS)]


class Canvas:
    """Braille dots, two by four in a character. What is drawn later has the colour of its character."""

    def __init__(self, width: int, height: int, low: Point, high: Point) -> None:
        """Size in characters; `low` and `high` are the corners of what is to be seen, y up."""
        self.width, self.height = width, height
        spans = [max(b - a, 1e-9) for a, b in zip(low, high, strict=True)]
        # A dot is about as high as it is wide: characters are twice as high as wide.
        self._scale = min((2 * width - 1) / spans[0], (4 * height - 1) / spans[1])
        self._low = low
        self._left = (2 * width - 1 - spans[0] * self._scale) / 2
        self._bottom = (4 * height - 1 - spans[1] * self._scale) / 2
        self._bits = [[0] * width for _ in range(height)]
        self._styles = [[""] * width for _ in range(height)]
        self._over: dict[tuple[int, int], tuple[str, str]] = {}

    def line(self, points: Sequence[Point], style: str) -> None:
        """A line through points."""
        dots = [self._dot(point) for point in points]
        for (x0, y0), (x1, y1) in pairwise(dots):
            steps = max(1, math.ceil(max(abs(x1 - x0), abs(y1 - y0))))
            for step in range(steps + 1):
                part = step / steps
                self._set(x0 + (x1 - x0) * part, y0 + (y1 - y0) * part, style)
        if len(dots) == 1:
            self._set(*dots[0], style)

    def put(self, point: Point, character: str, style: str) -> None:
        """A character over whatever dots are there."""
        x, y = self._dot(point)
        column, row = math.floor(x / 2), math.floor(y / 4)
        if 0 <= column < self.width and 0 <= row < self.height:
            self._over[row, column] = (character, style)

    def rows(self) -> list[list[tuple[str, str]]]:
        """Characters with their styles, from the top."""
        return [
            [
                self._over.get((row, column)) or (chr(_BLANK + bits) if bits else " ", styles[column])
                for column, bits in enumerate(line)
            ]
            for row, (line, styles) in enumerate(zip(self._bits, self._styles, strict=True))
        ]

    def _dot(self, point: Point) -> Point:
        """Dots from the left and from the top."""
        x = self._left + (point[0] - self._low[0]) * self._scale
        y = self._bottom + (point[1] - self._low[1]) * self._scale
        return x, 4 * self.height - 1 - y

    def _set(self, x: float, y: float, style: str) -> None:
        column, row = round(x), round(y)
        if 0 <= column < 2 * self.width and 0 <= row < 4 * self.height:
            self._bits[row // 4][column // 2] |= _DOTS[row % 4][column % 2]
            self._styles[row // 4][column // 2] = style
