"""Networks over all rows at once, as the codec computes them row by row; and weights brought to integers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from host.train.streams import Integers
from protocol.network import HIDDEN_LIMIT, INPUT_LIMIT, WEIGHT_LIMIT, Network

Int32s = NDArray[np.int32]


def bends(network: Network, sources: Integers) -> Integers:
    """What a network adds to the taps' sum in each row of sources [rows, 3 * streams]."""
    columns = sources[:, [each.source for each in network.inputs]]
    shifts = np.array([each.shift for each in network.inputs])
    inputs = np.clip(columns >> shifts, -INPUT_LIMIT - 1, INPUT_LIMIT)
    total: Integers = np.zeros(len(sources), dtype=np.int64)
    # One unit after the other: numpy's product of integer matrices would be no faster.
    for unit in network.units:
        drive = (inputs * np.array(unit.weights)).sum(axis=1) + unit.bias
        total += unit.output * np.clip(drive >> network.hidden_shift, 0, HIDDEN_LIMIT)
    return total >> network.output_shift


def shift_and_round(weights: NDArray[np.float64], least: int, most: int) -> tuple[int, Int32s]:
    """(shift, weights times 2**shift in 16 bits), the shift as large as they allow, `least` to `most`."""
    largest = float(np.abs(weights).max(initial=0.0))
    room = int(np.floor(np.log2(WEIGHT_LIMIT / largest))) if largest else most
    shift = min(max(least, room), most)
    rounded = np.clip(np.round(weights * 2.0**shift), -WEIGHT_LIMIT, WEIGHT_LIMIT)
    return shift, rounded.astype(np.int32)
