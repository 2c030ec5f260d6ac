"""A log as gradient descent sees it: sources and changes brought to one size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from host.train.gradient.descent import Examples, Singles
from host.train.predictors import known_sources
from host.train.streams import Mask, Streams

Chosen = Sequence[Sequence[int]]
"""The sources of each stream's taps."""


@dataclass(frozen=True)
class Problem:
    """Sources and changes of a log, each divided by its root mean square over the fitting rows."""

    streams: Streams

    @cached_property
    def source_scales(self) -> NDArray[np.float64]:
        """Root mean square of each source; 1 where it is always 0."""
        return _root_mean_squares(self.streams.sources[self.streams.fitting])

    @cached_property
    def scales(self) -> NDArray[np.float64]:
        """Root mean square of each stream's change; 1 where it never changes."""
        return _root_mean_squares(self.streams.changes[self.streams.fitting])

    @cached_property
    def sources(self) -> Singles:
        """Sources [rows, 3 * streams], standardised."""
        return (self.streams.sources / self.source_scales).astype(np.float32)

    @cached_property
    def changes(self) -> Singles:
        """Changes [rows, streams], standardised."""
        return (self.streams.changes / self.scales).astype(np.float32)

    @cached_property
    def known(self) -> Mask:
        """[streams, sources]: which sources a decoder has when it comes to a stream, and ever move."""
        mask = np.zeros((self.streams.count, 3 * self.streams.count), dtype=bool)
        for number in range(self.streams.count):
            mask[number, known_sources(self.streams, number)] = True
        return mask

    def examples(self, chosen: Chosen, width: int, rows: Mask) -> Examples:
        """Inputs of `width` sources a stream, the chosen ones first, then zeros."""
        inputs = np.zeros((int(rows.sum()), self.streams.count, width), dtype=np.float32)
        sources = self.sources[rows]
        for number, taps in enumerate(chosen):
            inputs[:, number, : len(taps)] = sources[:, list(taps)]
        return Examples(inputs, self.changes[rows], self.scales.astype(np.float32))

    def weights(self, number: int, taps: Sequence[int], standardised: Singles) -> NDArray[np.float64]:
        """Weights of a stream's taps in counts a count."""
        weights: NDArray[np.float64] = (
            standardised[: len(taps)] * self.scales[number] / self.source_scales[list(taps)]
        )
        return weights


def _root_mean_squares(columns: NDArray[np.int64]) -> NDArray[np.float64]:
    sizes = np.sqrt((columns.astype(float) ** 2).mean(axis=0))
    return np.where(sizes > 0, sizes, 1.0)
