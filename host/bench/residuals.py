"""Rows as the streams that are coded, and what simple predictors leave of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from protocol.schema import Row

Stream = NDArray[np.int64]
"""A value a row, or a residual a row, in 32-bit two's complement."""

HISTORY = 3
"""Rows that the longest predictor looks back on. Residuals begin after so many, for all predictors alike."""


def streams_of(rows: Sequence[Row]) -> list[Stream]:
    """The clock's steps in microseconds, then each channel; the first row is left out, having no step."""
    times = np.array([row.time_us for row in rows], dtype=np.int64)
    values = np.array([row.values for row in rows], dtype=np.int64)
    return [wrapped(np.diff(times)), *(wrapped(channel) for channel in values[1:].T)]


def wrapped(values: Stream) -> Stream:
    """Values modulo 2**32, in two's complement, as both ends of the wire compute."""
    return ((values + 0x8000_0000) & 0xFFFF_FFFF) - 0x8000_0000


def simple_residuals(stream: Stream) -> dict[str, Stream]:
    """What each predictor leaves of the stream, by its name; empty where HISTORY rows are not there."""
    last, second, third = (stream[HISTORY - back : max(0, len(stream) - back)] for back in (1, 2, 3))
    predictions = {
        "order_1": last,
        "order_2": 2 * last - second,
        "mean_2": (last + second) >> 1,
        "median_3": np.sort([last, second, third], axis=0)[1],
    }
    return {name: wrapped(stream[HISTORY:] - prediction) for name, prediction in predictions.items()}
