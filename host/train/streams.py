"""Rows as numbers to fit to: changes, levels, and which rows judge what the others chose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from protocol.schema import Row

Integers = NDArray[np.int64]
Mask = NDArray[np.bool_]

_LEAD = 3
"""Rows at the start whose changes before last are not known yet."""
_BLOCK = 128
_BLOCKS = 6
"""Every sixth block of rows judges; the others are fitted to. Blocks, so that the two are not alike row
by row, and many, so that a log that changes on its way is judged as a whole."""


@dataclass(frozen=True)
class Streams:
    """The streams of a log: `values` has a row a telemetry row (the first one left out, which has no step)
    and a column a stream, the clock's step first. `bases` are the columns' medians. `starts` are the rows
    where a log begins: what came before is of another log."""

    values: Integers
    bases: Integers
    starts: tuple[int, ...] = (0,)

    @classmethod
    def of(cls, *logs: Sequence[Row]) -> Streams:
        """The rows of one log, or of several in turn. Raises ValueError for a log of fewer than two rows."""
        parts = [_values(rows) for rows in logs]
        values = np.concatenate(parts)
        bases = np.sort(values, axis=0)[(len(values) - 1) // 2]
        ends = np.cumsum([len(part) for part in parts]).tolist()
        return cls(values, bases, (0, *ends[:-1]))

    @property
    def count(self) -> int:
        """How many streams there are."""
        return len(self.bases)

    @property
    def rows(self) -> int:
        """How many rows the logs had."""
        return len(self.values) + len(self.starts)

    @cached_property
    def changes(self) -> Integers:
        """Each value less the one before; 0 in a log's first row."""
        changes = np.diff(self.values, axis=0, prepend=self.values[:1])
        changes[list(self.starts)] = 0
        return changes

    @cached_property
    def sources(self) -> Integers:
        """What taps may weigh, a column a source in the order of protocol.predict.SOURCES."""
        before = np.roll(self.changes, 1, axis=0)
        levels = np.roll(self.values, 1, axis=0) - self.bases
        return np.concatenate([self.changes, before, levels], axis=1)

    @cached_property
    def usable(self) -> Mask:
        """Rows whose predecessors are all known, and of the same log."""
        mask: Mask = np.ones(len(self.values), dtype=bool)
        ends = [*self.starts[1:], len(self.values)]
        for start, end in zip(self.starts, ends, strict=True):
            mask[start : min(start + _LEAD, end - 1)] = False
        return mask

    @cached_property
    def judging(self) -> Mask:
        """Usable rows that nothing is fitted to."""
        mask: Mask = self.usable & (np.arange(len(self.values)) // _BLOCK % _BLOCKS == _BLOCKS - 1)
        return mask if mask.any() else self.usable

    @cached_property
    def fitting(self) -> Mask:
        """Usable rows to fit to."""
        mask: Mask = self.usable & ~self.judging
        return mask if mask.any() else self.usable


def _values(rows: Sequence[Row]) -> Integers:
    if len(rows) < 2:
        raise ValueError(f"{len(rows)} rows are too few to fit a contract to; 2 or more are needed")
    times = np.array([row.time_us for row in rows], dtype=np.int64)
    channels = np.array([row.values for row in rows], dtype=np.int64)
    return np.column_stack([_wrap32(np.diff(times)), _wrap32(channels[1:])])


def _wrap32(values: Integers) -> Integers:
    wrapped: Integers = (values + 0x8000_0000 & 0xFFFF_FFFF) - 0x8000_0000
    return wrapped


def zigzag(residuals: Integers) -> Integers:
    """Zigzagged residuals, as protocol.tokens.zigzag makes them."""
    zigzagged: Integers = (residuals << 1 ^ residuals >> 63) & 0xFFFF_FFFF
    return zigzagged
