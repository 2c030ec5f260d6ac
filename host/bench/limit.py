"""The least that residuals can cost: their empirical entropy, when streams are coded independently.

Entropies have Miller and Madow's correction for finite samples, (symbols - 1) / (2 * samples) nats
(G. A. Miller, "Note on the bias of information estimates", 1955): the plain estimate is too low, the
more so the more symbols were seen only once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from host.bench.residuals import Stream

CLASSES = 7
"""Classes of a residual: the bit length of its magnitude, 0 to 6; longer ones are 6."""

_CLASS_STARTS = 1 << np.arange(CLASSES - 1)


@dataclass(frozen=True)
class StreamLimit:
    """The cheapest of a stream's residuals, in bits a row, and how they come about.

    `conditioned`: with a distribution for each class of the residual before, not one for all.
    """

    bits: float
    predictor: str
    conditioned: bool


def limit_bytes(streams: Iterable[Mapping[str, Stream]]) -> float:
    """Bytes a row at least, from each stream's residuals by predictor. See `stream_limit`."""
    return sum(stream_limit(residuals).bits for residuals in streams) / 8


def stream_limit(residuals: Mapping[str, Stream]) -> StreamLimit:
    """The lowest entropy among predictors' residuals, plain and conditioned.

    Raises ValueError when there is no predictor.
    """
    candidates = [
        StreamLimit(entropy(sequence), name, conditioned)
        for name, sequence in residuals.items()
        for conditioned, entropy in ((False, entropy_bits), (True, conditional_entropy_bits))
    ]
    return min(candidates, key=lambda limit: limit.bits)


def entropy_bits(symbols: Stream) -> float:
    """Entropy of a symbol in bits, Miller-Madow corrected; 0 for no symbols."""
    if symbols.size == 0:
        return 0.0
    counts = np.unique(symbols, return_counts=True)[1]
    shares = counts / symbols.size
    correction = (counts.size - 1) / (2 * symbols.size * np.log(2))
    return float(correction - np.sum(shares * np.log2(shares)))


def conditional_entropy_bits(residuals: Stream) -> float:
    """Entropy of a residual in bits when the class of the one before is known; each class is corrected."""
    following, classes = residuals[1:], magnitude_class(residuals[:-1])
    total = 0.0
    for number in range(CLASSES):
        members = following[classes == number]
        total += members.size * entropy_bits(members)
    return total / max(1, following.size)


def magnitude_class(residuals: Stream) -> Stream:
    """The class of each residual; see CLASSES."""
    return np.searchsorted(_CLASS_STARTS, np.abs(residuals), side="right").astype(np.int64)
