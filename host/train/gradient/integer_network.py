"""A small network in integers: taps, and beside them one hidden layer, all within 32 bits.

    q[i] = clamp(source[i] >> input_shift[i], -2047, 2047)
    h[j] = clamp((sum of hidden[j][i] * q[i] + bias[j]) >> hidden_shift, 0, 4096)
    change = (sum of weight * source + (sum of output[j] * h[j] >> output_shift) + 128) >> 8

The sum of taps wraps as any predictor's does; weights are bounded so that the other sums cannot.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from host.train.streams import Integers
from protocol.predict import ONE, WEIGHT_SHIFT, Predictor

Int32s = NDArray[np.int32]

INPUT_LIMIT = 2047
HIDDEN_BITS = 10
"""A hidden unit's 1.0, as a power of two."""
HIDDEN_LIMIT = 4 << HIDDEN_BITS
WEIGHT_LIMIT = 0x7FFF
BIAS_LIMIT = 1 << 29
MAX_INPUTS = 16
MAX_UNITS = 8
"""16 inputs of 2047 * 32767 and a bias stay below 2**31; so do 8 outputs of 4096 * 32767."""


@dataclass(frozen=True)
class IntegerNetwork:
    """One stream's network; see the module for what its numbers do.

    `hidden` is [units, inputs]; `sources` are the inputs' (see protocol.predict.SOURCES), `linear` the
    taps beside the hidden layer.
    """

    sources: tuple[int, ...]
    linear: Predictor
    input_shifts: Int32s
    hidden: Int32s
    bias: Int32s
    hidden_shift: int
    output: Int32s
    output_shift: int

    def __post_init__(self) -> None:
        units, inputs = self.hidden.shape
        if units > MAX_UNITS or inputs > MAX_INPUTS:
            raise ValueError(f"{units} units of {inputs} inputs could leave 32 bits; 8 of 16 cannot")

    @property
    def multiply_adds(self) -> int:
        """Multiplications a row."""
        return len(self.linear.taps) + self.hidden.size + self.output.size

    def expected(self, sources: Integers) -> Int32s:
        """Expected changes of rows of sources [rows, 3 * streams], in 32-bit arithmetic."""
        taps = [tap.source for tap in self.linear.taps]
        weights = np.array([tap.weight for tap in self.linear.taps], dtype=np.int32)
        # From 64 bits to 32 numpy wraps, as the board's registers do.
        linear = (sources[:, taps].astype(np.int32) * weights).sum(axis=1, dtype=np.int32)
        inputs = sources[:, self.sources].astype(np.int32) >> self.input_shifts
        clamped = np.clip(inputs, -INPUT_LIMIT, INPUT_LIMIT)
        # One unit after the other: numpy's product of integer matrices would be no faster.
        bent = np.zeros(len(sources), dtype=np.int32)
        for weights, bias, out in zip(self.hidden, self.bias, self.output, strict=True):
            total = (clamped * weights).sum(axis=1, dtype=np.int32) + bias
            bent += np.clip(total >> self.hidden_shift, 0, HIDDEN_LIMIT) * out
        change: Int32s = (linear + (bent >> self.output_shift) + np.int32(ONE // 2)) >> WEIGHT_SHIFT
        return change

    def residuals(self, changes: Integers, sources: Integers) -> Integers:
        """What the network leaves of a stream's changes, row by row."""
        left: Integers = (changes - self.expected(sources)).astype(np.int32).astype(np.int64)
        return left


def shift_and_round(weights: NDArray[np.float64], least: int, most: int) -> tuple[int, Int32s]:
    """(shift, weights times 2**shift in 16 bits), the shift as large as they allow, `least` to `most`."""
    largest = float(np.abs(weights).max(initial=0.0))
    room = int(np.floor(np.log2(WEIGHT_LIMIT / largest))) if largest else most
    shift = min(max(least, room), most)
    rounded = np.clip(np.round(weights * 2.0**shift), -WEIGHT_LIMIT, WEIGHT_LIMIT)
    return shift, rounded.astype(np.int32)
