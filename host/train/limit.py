"""The least that a stream could cost: the entropy of what its predictors leave.

Entropies are corrected for finite samples by adding (symbols - 1) / (2 * samples) nats (Miller, Note on the
bias of information estimates, 1955).
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from host.train.streams import Integers, Mask

CLASSES = 4
"""Classes of the residual before: the bit length of its magnitude, 3 and above being one class. As many as
the codec has contexts: with more, entropies on a few thousand rows fall even where nothing depends."""


def corrected_entropy(symbols: Integers) -> float:
    """Entropy in bits a symbol, Miller-Madow corrected; 0 for no symbols."""
    if not len(symbols):
        return 0.0
    counts = np.unique(symbols, return_counts=True)[1]
    shares = counts / len(symbols)
    correction = (len(counts) - 1) / (2 * len(symbols) * np.log(2))
    return float(correction - (shares * np.log2(shares)).sum())


def conditional_entropy(symbols: Integers, classes: Integers) -> float:
    """Entropy in bits a symbol for who knows each symbol's class; each class is corrected by itself."""
    if not len(symbols):
        return 0.0
    members = [symbols[classes == number] for number in np.unique(classes)]
    return sum(len(part) * corrected_entropy(part) for part in members) / len(symbols)


def previous_class(residuals: Integers) -> Integers:
    """The class of the residual before each; see CLASSES. The first has none before it, which counts as 0."""
    lengths = np.frexp(np.abs(residuals).astype(float))[1].astype(np.int64)
    classes: Integers = np.minimum(np.roll(lengths, 1), CLASSES - 1)
    classes[:1] = 0
    return classes


def stream_limit(tried: Iterable[Integers], rows: Mask) -> float:
    """Bits a row: the lowest entropy on these rows among the residuals that predictors left on all rows.

    Raises ValueError when none was tried.
    """
    return min(
        entropy
        for left in tried
        for entropy in (
            corrected_entropy(left[rows]),
            conditional_entropy(left[rows], previous_class(left)[rows]),
        )
    )
