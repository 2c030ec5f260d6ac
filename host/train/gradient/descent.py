"""Mini-batch gradient descent on a smooth log loss, for all streams of a log at once.

One jitted program runs all epochs, so that what takes time is compiling it, once for a shape.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray

from host.train.gradient.optimizers import OPTIMIZERS, Descending

Singles = NDArray[np.float32]
Parameters = Any
"""A tree of arrays, whose leaves have a stream as their first index."""
Forward = Callable[[Parameters, Array], Array]
"""(parameters, inputs [rows, streams, sources]) to expected changes [rows, streams], standardised."""
Step = Callable[[Any, Array], tuple[Any, Array]]
_Arrays = tuple[Array, Array, Array]

LARGEST_BATCH = 256
SMALLEST_BATCH = 16
_STEPS = 40
"""Steps in an epoch at least, where there are rows enough for so many of the smallest batches."""


@dataclass(frozen=True)
class Examples:
    """What to learn from: `inputs` [rows, streams, sources] and `wanted` changes [rows, streams], both
    standardised, and the `scales` [streams] that bring changes back to counts."""

    inputs: Singles
    wanted: Singles
    scales: Singles


@dataclass(frozen=True)
class Trained:
    """What descent came to, and its loss after each epoch, in bits a row over all streams."""

    parameters: Parameters
    fitting_loss: list[float]
    judging_loss: list[float]


def bits(left: Array) -> Array:
    """What residuals (counts) cost, about: log2(1 + |r|) with its corner at 0 rounded off."""
    return jnp.log2(0.5 + jnp.sqrt(0.25 + left * left))


def descend(
    forward: Forward, start: Parameters, fitting: Examples, judging: Examples, how: Descending
) -> Trained:
    """Train `start` on the fitting rows. The judging rows are only looked at, for the loss curve.

    Raises KeyError for an optimiser that OPTIMIZERS does not have.
    """
    OPTIMIZERS[how.optimizer]
    key = jax.random.key(how.seed)
    parameters, losses = _run(
        forward, how.optimizer, how.epochs, key, start, _arrays(fitting), _arrays(judging)
    )
    fitted, judged = np.asarray(losses).T.tolist()
    return Trained(jax.tree.map(np.asarray, parameters), fitted, judged)


def _arrays(examples: Examples) -> _Arrays:
    return jnp.asarray(examples.inputs), jnp.asarray(examples.wanted), jnp.asarray(examples.scales)


def _loss(forward: Forward, parameters: Parameters, inputs: Array, wanted: Array, scales: Array) -> Array:
    left = (wanted - forward(parameters, inputs)) * scales
    return bits(left).sum(axis=1).mean()


@partial(jax.jit, static_argnums=(0, 1, 2))
def _run(
    forward: Forward,
    optimizer: str,
    epochs: int,
    key: Array,
    start: Parameters,
    fitting: _Arrays,
    judging: _Arrays,
) -> tuple[Parameters, Array]:
    """(parameters, losses [epochs, 2]): every epoch goes through the rows in an order of its own."""
    rows = fitting[0].shape[0]
    batch = min(rows, LARGEST_BATCH, max(SMALLEST_BATCH, rows // _STEPS))
    batches = rows // batch
    rule = OPTIMIZERS[optimizer].transformation(epochs * batches)
    step = _step(partial(_loss, forward), rule, *fitting)

    def epoch(state: Any, shuffle: Array) -> tuple[Any, Array]:
        order = jax.random.permutation(shuffle, rows)[: batches * batch].reshape(batches, batch)
        state, values = jax.lax.scan(step, state, order)
        return state, jnp.stack([values.mean(), _loss(forward, state[0], *judging)])

    (parameters, _), losses = jax.lax.scan(epoch, (start, rule.init(start)), jax.random.split(key, epochs))
    return parameters, losses


def _step(loss: Callable[..., Array], rule: Any, inputs: Array, wanted: Array, scales: Array) -> Step:
    """One step of an optimiser's rule along the slope that back-propagation gives for a batch of rows."""

    def step(state: Any, batch: Array) -> tuple[Any, Array]:
        parameters, memory = state
        value, slope = jax.value_and_grad(loss)(parameters, inputs[batch], wanted[batch], scales)
        change, memory = rule.update(slope, memory, parameters)
        return (jax.tree.map(jnp.add, parameters, change), memory), value

    return step
