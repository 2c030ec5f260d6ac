"""A small network beside a predictor's taps: one hidden layer of clipped rectifiers, in integers.

    q[i] = clamp((source[i]) >> shift[i], -2048, 2047)
    h[j] = clamp((sum of hidden[j][i] * q[i] + bias[j]) >> hidden_shift, 0, 4095)
    bend = (sum of output[j] * h[j]) >> output_shift

`bend` is added to the sum of the taps, in 1/256. Both clamps are one instruction on the board, and the limits
keep every sum within 32 bits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

INPUT_BITS = 11
INPUT_LIMIT = (1 << INPUT_BITS) - 1
HIDDEN_LIMIT = (1 << 12) - 1
WEIGHT_LIMIT = 0x7FFF
BIAS_LIMIT = 1 << 29
MAX_INPUTS = 16
MAX_UNITS = 8
"""16 inputs of 2048 * 32767 and a bias stay below 2**31; so do 8 outputs of 4095 * 32767."""
MAX_SHIFT = 31


@dataclass(frozen=True)
class Input:
    """A source (see protocol.predict.SOURCES), shifted right until it fits INPUT_BITS and a sign."""

    source: int
    shift: int


@dataclass(frozen=True)
class Unit:
    """A hidden unit: a weight for each input, what is added to their sum, and its weight in the output."""

    weights: tuple[int, ...]
    bias: int
    output: int


@dataclass(frozen=True)
class Network:
    """One hidden layer and its output; see the module for what its numbers do."""

    inputs: tuple[Input, ...]
    units: tuple[Unit, ...]
    hidden_shift: int
    output_shift: int

    def check(self) -> None:
        """Raises ValueError unless every number is within its limit; the caller knows the sources."""
        if not 1 <= len(self.inputs) <= MAX_INPUTS or not 1 <= len(self.units) <= MAX_UNITS:
            raise ValueError(f"a network has 1 to {MAX_INPUTS} inputs and 1 to {MAX_UNITS} units")
        if any(len(unit.weights) != len(self.inputs) for unit in self.units):
            raise ValueError("a unit needs one weight an input")
        weights = [weight for unit in self.units for weight in (*unit.weights, unit.output)]
        if any(abs(weight) > WEIGHT_LIMIT for weight in weights):
            raise ValueError(f"a network's weight is beyond {WEIGHT_LIMIT}")
        if any(abs(unit.bias) > BIAS_LIMIT for unit in self.units):
            raise ValueError(f"a unit's bias is beyond {BIAS_LIMIT}")
        shifts = (self.hidden_shift, self.output_shift, *(each.shift for each in self.inputs))
        if any(not 0 <= shift <= MAX_SHIFT for shift in shifts):
            raise ValueError(f"a network's shift is not 0 to {MAX_SHIFT}")

    def bend(self, sources: Sequence[int]) -> int:
        """What the network adds to the taps' sum, in 1/256, given all sources of a row."""
        scaled = (sources[each.source] >> each.shift for each in self.inputs)
        inputs = [_clamp(value, ~INPUT_LIMIT, INPUT_LIMIT) for value in scaled]
        total = 0
        for unit in self.units:
            drive = sum(map(int.__mul__, unit.weights, inputs)) + unit.bias
            total += unit.output * _clamp(drive >> self.hidden_shift, 0, HIDDEN_LIMIT)
        return total >> self.output_shift

    @property
    def multiply_adds(self) -> int:
        """Multiplications a row."""
        return len(self.units) * (len(self.inputs) + 1)


def _clamp(value: int, low: int, high: int) -> int:
    return max(low, min(value, high))
