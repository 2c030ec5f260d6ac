"""A small network a stream: taps, and beside them one hidden layer of clipped rectifiers.

Rectifiers: Nair and Hinton, Rectified Linear Units Improve Restricted Boltzmann Machines, 2010.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import jax.numpy as jnp
import numpy as np
from jax import Array

from host.train.gradient.descent import Parameters, Singles, Trained, descend
from host.train.gradient.optimizers import Descending
from host.train.gradient.problem import Chosen, Problem
from host.train.networks import shift_and_round
from host.train.predictors import quantised
from protocol.network import BIAS_LIMIT, HIDDEN_LIMIT, INPUT_LIMIT, MAX_INPUTS, Input, Network, Unit
from protocol.predict import ONE, Predictor

UNITS = 6
_HIDDEN_BITS = 10
"""A hidden unit's 1.0, as a power of two."""
_FINEST = 20
"""Most bits behind the point of a weight."""
_INPUT_RANGE = 8.0
"""Standardised inputs beyond are clipped."""
_HIDDEN_RANGE = HIDDEN_LIMIT / (1 << _HIDDEN_BITS)


@dataclass(frozen=True)
class NetworkTraining:
    """Predictors of all streams, in integers, and how training went."""

    predictors: list[Predictor]
    trained: Trained


def forward(parameters: Parameters, inputs: Array) -> Array:
    """Expected changes [rows, streams]: taps plus the hidden layer's outputs."""
    linear = (inputs * parameters["linear"]).sum(axis=2)
    clipped = jnp.clip(inputs, -_INPUT_RANGE, _INPUT_RANGE)
    drive = jnp.einsum("rsk,suk->rsu", clipped, parameters["hidden"]) + parameters["bias"]
    units = jnp.clip(drive, 0, _HIDDEN_RANGE)
    expected: Array = linear + (units * parameters["output"]).sum(axis=2)
    return expected


def train_networks(problem: Problem, chosen: Chosen, how: Descending) -> NetworkTraining:
    """A network for each stream over its chosen sources, MAX_INPUTS at most, quantised."""
    width = max(1, *map(len, chosen))
    if width > MAX_INPUTS:
        raise ValueError(f"{width} inputs; a network takes {MAX_INPUTS} at most")
    fitting = problem.examples(chosen, width, problem.streams.fitting)
    judging = problem.examples(chosen, width, problem.streams.judging)
    start = _start(len(chosen), width, how.seed)
    trained = descend(forward, start, fitting, judging, how)
    predictors = [
        _in_integers(problem, number, taps, trained.parameters) if taps else Predictor()
        for number, taps in enumerate(chosen)
    ]
    return NetworkTraining(predictors, trained)


def _start(streams: int, width: int, seed: int) -> dict[str, Singles]:
    """Taps and outputs at zero, hidden weights drawn with the spread of He et al., 2015."""
    draw = np.random.default_rng(seed)
    hidden = draw.normal(0, np.sqrt(2 / width), (streams, UNITS, width))
    return {
        "linear": np.zeros((streams, width), dtype=np.float32),
        "hidden": hidden.astype(np.float32),
        "bias": np.zeros((streams, UNITS), dtype=np.float32),
        "output": np.zeros((streams, UNITS), dtype=np.float32),
    }


def _in_integers(
    problem: Problem, number: int, taps: Sequence[int], parameters: Parameters
) -> Predictor:
    """A stream's taps and network with every weight a power of two times a whole number."""
    own = {name: np.asarray(values[number], dtype=float) for name, values in parameters.items()}
    scales = problem.source_scales[list(taps)]
    # An input's largest value is INPUT_LIMIT once shifted, or its own where that is smaller.
    shifts = np.maximum(0, np.ceil(np.log2(_INPUT_RANGE * scales / INPUT_LIMIT))).astype(np.int32)
    per_input = own["hidden"][:, : len(taps)] * 2.0**shifts / scales
    shift, hidden = shift_and_round(per_input, _HIDDEN_BITS, _FINEST)
    output_shift, output = shift_and_round(
        own["output"] * problem.scales[number] * ONE / (1 << _HIDDEN_BITS), 0, _FINEST
    )
    bias = np.clip(np.round(own["bias"] * 2.0**shift), -BIAS_LIMIT, BIAS_LIMIT).astype(np.int32)
    units = (
        Unit(tuple(weights), unit_bias, unit_output)
        for weights, unit_bias, unit_output in zip(
            hidden.tolist(), bias.tolist(), output.tolist(), strict=True
        )
    )
    network = Network(
        inputs=tuple(map(Input, taps, shifts.tolist())),
        units=tuple(units),
        hidden_shift=shift - _HIDDEN_BITS,
        output_shift=output_shift,
    )
    return replace(quantised(taps, problem.weights(number, taps, own["linear"])), network=network)
