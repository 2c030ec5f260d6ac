"""Predictors: what the next value of a stream will be, from what both ends know already.

They predict a stream's *change* since the row before. A linear predictor weighs up to MAX_TAPS changes and
levels; the classical ones are linear, too: order 1 has no tap, order 2 repeats the last change, the mean of
the last two takes half of it back, a constant takes the level back. The median of the last three values
is not, and has a flag. A small network may bend what taps expect (see `network`). All arithmetic is
modulo 2**32.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from protocol.network import Network
from protocol.tokens import wrap32

MAX_TAPS = 8
WEIGHT_SHIFT = 8
"""Weights are in 1/256."""
ONE = 1 << WEIGHT_SHIFT
_HALF = ONE >> 1

SOURCES = 3
"""Sources of taps: the changes of this row, the changes of the row before, the levels of the row before.
Tap source k * streams + n is the k-th of these for stream n; a level is a value less its stream's base."""


@dataclass(frozen=True)
class Tap:
    """One term of a linear predictor: a source (see SOURCES) and its weight in 1/256, 16 bits signed."""

    source: int
    weight: int


@dataclass(frozen=True)
class Predictor:
    """How one stream is predicted: the median of its last three values, or its taps and a network."""

    taps: tuple[Tap, ...] = ()
    median: bool = False
    network: Network | None = None

    def check(self, stream: int, streams: int) -> None:
        """Raises ValueError for a source that a decoder has not yet at that time, or a number too large."""
        if len(self.taps) > MAX_TAPS or (self.median and (self.taps or self.network)):
            raise ValueError(f"stream {stream}: at most {MAX_TAPS} taps, and nothing beside the median")
        sources = [tap.source for tap in self.taps]
        if self.network:
            sources += [each.source for each in self.network.inputs]
        for source in sources:
            kind, number = divmod(source, streams)
            if not 0 <= kind < SOURCES or (kind == 0 and number >= stream):
                raise ValueError(f"stream {stream}: source {source} is not known yet")
        for tap in self.taps:
            if not -0x8000 <= tap.weight <= 0x7FFF:
                raise ValueError(f"stream {stream}: weight {tap.weight} is over 16 bits")
        if self.network:
            self.network.check()

    @property
    def multiply_adds(self) -> int:
        """Multiplications a row."""
        return len(self.taps) + (self.network.multiply_adds if self.network else 0)


class History:
    """What predictors see of the rows so far.

    `sources` holds 3 * streams numbers (see SOURCES); `restart` begins anew, as a key row does.
    """

    def __init__(self, bases: Sequence[int]) -> None:
        self.bases = tuple(bases)
        self.streams = len(self.bases)
        self.restart(self.bases)

    def restart(self, values: Sequence[int]) -> None:
        """Take a row as the first one: its levels are known, and nothing has changed."""
        levels = [wrap32(value - base) for value, base in zip(values, self.bases, strict=True)]
        self.values = list(values)
        self.sources = [0] * (2 * self.streams) + levels
        self._changes_before_last = [0] * self.streams

    def predict(self, stream: int, predictor: Predictor) -> int:
        """The change that is expected of a stream; changes of earlier streams must be in `sources`."""
        if predictor.median:
            back = wrap32(-self.sources[self.streams + stream])
            return sorted((0, back, wrap32(back - self._changes_before_last[stream])))[1]
        total = sum(tap.weight * self.sources[tap.source] for tap in predictor.taps)
        if predictor.network:
            total += predictor.network.bend(self.sources)
        return wrap32(total + _HALF) >> WEIGHT_SHIFT

    def advance(self) -> None:
        """All changes of this row are in `sources`: make them those of the row before."""
        streams, sources = self.streams, self.sources
        self._changes_before_last = sources[streams : 2 * streams]
        for stream in range(streams):
            change = sources[stream]
            self.values[stream] = wrap32(self.values[stream] + change)
            sources[streams + stream] = change
            sources[2 * streams + stream] = wrap32(sources[2 * streams + stream] + change)
