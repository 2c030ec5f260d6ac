"""Networks over all rows at once are those of the codec, and weights keep the bits that 16 allow."""

from dataclasses import replace

import numpy as np
import pytest

from host.train.networks import bends, shift_and_round
from protocol.network import (
    BIAS_LIMIT,
    HIDDEN_LIMIT,
    INPUT_LIMIT,
    MAX_INPUTS,
    MAX_UNITS,
    WEIGHT_LIMIT,
    Input,
    Network,
    Unit,
)
from protocol.tokens import wrap32

SOURCES = 24


def network(draw):
    """As large as a network may be."""
    units = tuple(
        Unit(
            tuple(draw.integers(-WEIGHT_LIMIT, WEIGHT_LIMIT + 1, MAX_INPUTS).tolist()),
            int(draw.integers(-BIAS_LIMIT, BIAS_LIMIT + 1)),
            int(draw.integers(-WEIGHT_LIMIT, WEIGHT_LIMIT + 1)),
        )
        for _ in range(MAX_UNITS)
    )
    inputs = tuple(Input(source, int(draw.integers(0, 20))) for source in range(MAX_INPUTS))
    return Network(inputs, units, hidden_shift=9, output_shift=3)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("reach", [100, 1 << 31])
def test_all_rows_at_once_bend_as_one_by_one(seed, reach):
    draw = np.random.default_rng(seed)
    net = network(draw)
    rows = draw.integers(-reach, reach, (50, SOURCES))
    assert bends(net, rows).tolist() == [net.bend(row) for row in rows.tolist()]


@pytest.mark.parametrize("sign", [1, -1])
def test_the_largest_weights_and_inputs_stay_within_32_bits(sign):
    net = network(np.random.default_rng(0))
    most = sign * WEIGHT_LIMIT
    unit = Unit((most,) * MAX_INPUTS, sign * BIAS_LIMIT, WEIGHT_LIMIT)
    net = replace(net, units=(unit,) * MAX_UNITS)
    net.check()
    drives = [MAX_INPUTS * most * value + unit.bias for value in (INPUT_LIMIT, -INPUT_LIMIT - 1)]
    assert drives == list(map(wrap32, drives))
    total = MAX_UNITS * WEIGHT_LIMIT * HIDDEN_LIMIT
    assert total == wrap32(total)


def test_its_multiplications_are_counted():
    assert network(np.random.default_rng(0)).multiply_adds == MAX_UNITS * (MAX_INPUTS + 1)


def test_weights_take_the_largest_shift_that_16_bits_allow():
    shift, rounded = shift_and_round(np.array([0.5, -0.9]), 0, 20)
    assert (shift, rounded.tolist()) == (15, [16384, -29491])
    assert shift_and_round(np.array([1e9]), 0, 20) == (0, WEIGHT_LIMIT)
    assert shift_and_round(np.zeros(2), 10, 20)[0] == 20
