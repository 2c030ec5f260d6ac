"""Linear predictors by gradient descent: which sources to weigh, and how much.

A stream begins with its own level. Sources are grafted on one at a time, the one along whose weight the
loss falls steepest (Perkins, Lacker and Theiler, Grafting, 2003), twice as many as are wanted; then those
go that the loss would miss least (Hassibi and Stork, Optimal Brain Surgeon, 1993).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jax import Array
from numpy.typing import NDArray

from host.train.gradient.descent import Examples, Singles, Trained, descend
from host.train.gradient.optimizers import DEFAULT, Descending
from host.train.gradient.problem import Chosen, Problem
from host.train.predictors import WORTH_BITS, cost_bits, quantised, residuals
from protocol.predict import Predictor

_SEARCH_EPOCHS = 8
_SURPLUS = 2
"""Times as many taps are grafted as are kept."""

Progress = Callable[[int, int], None]
"""Told how much of the search is done, of how much."""


@dataclass(frozen=True)
class LinearTraining:
    """Predictors of all streams, in integers, and how training went."""

    predictors: list[Predictor]
    trained: Trained


def forward(weights: Array, inputs: Array) -> Array:
    """Expected changes [rows, streams] of weights [streams, sources]."""
    return (inputs * weights).sum(axis=2)


def train_taps(problem: Problem, chosen: Chosen, how: Descending) -> LinearTraining:
    """Weights of the chosen sources, from zero, quantised."""
    width = max(1, *map(len, chosen))
    start = np.zeros((len(chosen), width), dtype=np.float32)
    trained = _descend(problem, chosen, start, how)
    predictors = []
    for number, taps in enumerate(chosen):
        weights = problem.weights(number, taps, trained.parameters[number])
        predictors.append(_worthwhile(problem, number, quantised(taps, weights)))
    return LinearTraining(predictors, trained)


def choose_sources(
    problem: Problem, taps: int, seed: int, progress: Progress = lambda done, of: None
) -> list[list[int]]:
    """Up to `taps` sources for each stream, chosen on the fitting rows alone."""
    rounds = (2 * _SURPLUS - 1) * taps
    streams, width = problem.streams.count, _SURPLUS * taps
    levels = [2 * streams + number for number in range(streams)]
    chosen = [[level] if problem.known[number, level] else [] for number, level in enumerate(levels)]
    weights = np.zeros((streams, width), dtype=np.float32)
    for done in range(width - 1):
        progress(done, rounds)
        weights = _search(problem, chosen, weights, seed)
        _graft(problem, chosen, weights)
    weights = _search(problem, chosen, weights, seed)
    while max(map(len, chosen)) > taps:
        progress(rounds + taps - max(map(len, chosen)), rounds)
        weights = _prune(problem, chosen, weights, taps)
        weights = _search(problem, chosen, weights, seed)
    return chosen


def _worthwhile(problem: Problem, number: int, predictor: Predictor) -> Predictor:
    """The predictor, or one without taps where the judging rows cost no less with them: least squares
    drop taps by the same rule."""
    judging = problem.streams.judging
    with_taps = cost_bits(residuals(problem.streams, number, predictor)[judging])
    without = cost_bits(problem.streams.changes[judging, number])
    return predictor if with_taps < without - WORTH_BITS else Predictor()


def _descend(problem: Problem, chosen: Chosen, start: Singles, how: Descending) -> Trained:
    fitting = problem.examples(chosen, start.shape[1], problem.streams.fitting)
    judging = problem.examples(chosen, start.shape[1], problem.streams.judging)
    return descend(forward, start, fitting, judging, how)


def _search(problem: Problem, chosen: Chosen, start: Singles, seed: int) -> Singles:
    how = Descending(DEFAULT, _SEARCH_EPOCHS, seed)
    weights: Singles = _descend(problem, chosen, start, how).parameters
    return weights


def _left(problem: Problem, examples: Examples, weights: Singles) -> NDArray[np.float64]:
    """Residuals [rows, streams] in counts."""
    expected = (examples.inputs * weights).sum(axis=2)
    left: NDArray[np.float64] = (examples.wanted - expected).astype(float) * problem.scales
    return left


def _graft(problem: Problem, chosen: list[list[int]], weights: Singles) -> None:
    """Give each stream the source along which its loss falls steepest, if any is left."""
    rows = problem.streams.fitting
    left = _left(problem, problem.examples(chosen, weights.shape[1], rows), weights)
    slope = np.abs(problem.sources[rows].T @ (left / (1 + np.abs(left)) ** 2))
    for number, taps in enumerate(chosen):
        fall = np.where(problem.known[number], slope[:, number], 0)
        fall[taps] = 0
        if fall.max(initial=0) > 0:
            taps.append(int(fall.argmax()))


def _prune(problem: Problem, chosen: list[list[int]], weights: Singles, taps: int) -> Singles:
    """Take the least missed source from each stream that has more than `taps`."""
    examples = problem.examples(chosen, weights.shape[1], problem.streams.fitting)
    trust = 1 / (1 + np.abs(_left(problem, examples, weights)))
    kept = np.zeros_like(weights)
    for number, sources in enumerate(chosen):
        own = weights[number, : len(sources)]
        if len(sources) > taps:
            inputs = examples.inputs[:, number, : len(sources)].astype(float)
            bend = (inputs * trust[:, [number]] ** 2).T @ inputs
            missed = own**2 / np.diag(np.linalg.pinv(bend))
            place = int(missed.argmin())
            del sources[place]
            own = np.delete(own, place)
        kept[number, : len(own)] = own
    return kept
