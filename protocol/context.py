"""Contexts: which of a stream's codebooks is in force, from how large its residuals have been of late.

The activity of a stream is a running mean of its zigzagged residuals, in eighths: each row moves it a
quarter of the way. Thresholds on it choose the context. A group of quiet streams has an activity, too: of
how many of them were not as predicted.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

MAX_CONTEXTS = 4
GAIN_SHIFT = 2
SCALE_SHIFT = 3
LARGEST = 0xFFFF
"""Residuals beyond count as this, so that an activity has 19 bits."""


def next_activity(activity: int, value: int) -> int:
    """The activity after a zigzagged residual, or a count of streams."""
    return activity + (((min(value, LARGEST) << SCALE_SHIFT) - activity) >> GAIN_SHIFT)


def context_of(activity: int, thresholds: Sequence[int]) -> int:
    """The number of thresholds at or below the activity."""
    return bisect_right(thresholds, activity)
