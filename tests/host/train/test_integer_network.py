"""A network in integers computes what its description says, and never leaves 32 bits."""

import numpy as np
import pytest

from host.train.gradient.integer_network import (
    BIAS_LIMIT,
    HIDDEN_LIMIT,
    INPUT_LIMIT,
    MAX_INPUTS,
    MAX_UNITS,
    WEIGHT_LIMIT,
    IntegerNetwork,
    shift_and_round,
)
from protocol.predict import Predictor, Tap
from protocol.tokens import wrap32

SOURCES = 24


def network(draw, units=MAX_UNITS, inputs=MAX_INPUTS, hidden_shift=9):
    return IntegerNetwork(
        sources=tuple(range(inputs)),
        linear=Predictor(tuple(Tap(source, int(draw.integers(-0x8000, 0x8000))) for source in range(4))),
        input_shifts=draw.integers(0, 20, inputs).astype(np.int32),
        hidden=draw.integers(-WEIGHT_LIMIT, WEIGHT_LIMIT + 1, (units, inputs)).astype(np.int32),
        bias=draw.integers(-BIAS_LIMIT, BIAS_LIMIT + 1, units).astype(np.int32),
        hidden_shift=hidden_shift,
        output=draw.integers(-WEIGHT_LIMIT, WEIGHT_LIMIT + 1, units).astype(np.int32),
        output_shift=3,
    )


def by_hand(net, row):
    """The description in Python's unbounded integers; only the taps' sum and the last one wrap."""
    inputs = [
        max(-INPUT_LIMIT, min(INPUT_LIMIT, row[source] >> shift))
        for source, shift in zip(net.sources, net.input_shifts.tolist(), strict=True)
    ]
    bent = 0
    for weights, bias, out in zip(net.hidden.tolist(), net.bias.tolist(), net.output.tolist(), strict=True):
        drive = sum(w * q for w, q in zip(weights, inputs, strict=True)) + bias
        assert wrap32(drive) == drive
        bent += max(0, min(HIDDEN_LIMIT, drive >> net.hidden_shift)) * out
        assert wrap32(bent) == bent
    linear = wrap32(sum(tap.weight * row[tap.source] for tap in net.linear.taps))
    return wrap32(linear + (bent >> net.output_shift) + 128) >> 8


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("reach", [100, 1 << 31])
def test_it_computes_its_description(seed, reach):
    draw = np.random.default_rng(seed)
    net = network(draw)
    rows = draw.integers(-reach, reach, (50, SOURCES))
    assert net.expected(rows).tolist() == [by_hand(net, row) for row in rows.tolist()]


def test_the_largest_weights_and_inputs_stay_within_32_bits():
    net = network(np.random.default_rng(0))
    for array, largest in ((net.hidden, WEIGHT_LIMIT), (net.output, WEIGHT_LIMIT), (net.bias, BIAS_LIMIT)):
        array[:] = largest
    net.input_shifts[:] = 0
    rows = np.full((1, SOURCES), 0x7FFF_FFFF)
    assert net.expected(rows).tolist() == [by_hand(net, row) for row in rows.tolist()]


def test_one_unit_too_many_is_refused():
    with pytest.raises(ValueError, match="could leave 32 bits"):
        network(np.random.default_rng(0), units=MAX_UNITS + 1)


def test_its_multiplications_are_counted():
    assert network(np.random.default_rng(0), units=3, inputs=5).multiply_adds == 4 + 15 + 3


def test_weights_take_the_largest_shift_that_16_bits_allow():
    shift, rounded = shift_and_round(np.array([0.5, -0.9]), 0, 20)
    assert (shift, rounded.tolist()) == (15, [16384, -29491])
    assert shift_and_round(np.array([1e9]), 0, 20) == (0, WEIGHT_LIMIT)
    assert shift_and_round(np.zeros(2), 10, 20)[0] == 20
