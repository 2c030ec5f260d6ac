"""Contexts: which codebook is in force for a stream, from how large its residuals have been of late.

The activity of a stream is a running mean of its zigzagged residuals, in 1/32: each row moves it a
sixteenth of the way. Its bit length is its class, so that a class is an octave of scale, whatever the scale
of the rows that a contract was fitted to. A group of quiet streams has an activity, too: of how many of them
were not as predicted.
"""

from __future__ import annotations

GAIN_SHIFT = 4
SCALE_SHIFT = 5
LARGEST = 0xFFFF
"""Residuals beyond count as this."""

CLASSES = LARGEST.bit_length() + SCALE_SHIFT + 1
"""Bit lengths that an activity may have, 0 included."""


def next_activity(activity: int, value: int) -> int:
    """The activity after a zigzagged residual, or a count of streams."""
    return activity + (((min(value, LARGEST) << SCALE_SHIFT) - activity) >> GAIN_SHIFT)


def class_of(activity: int) -> int:
    """The class of an activity, 0 to CLASSES - 1."""
    return activity.bit_length()
