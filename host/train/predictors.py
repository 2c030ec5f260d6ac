"""Chooses each stream's predictor among the classical ones and linear ones fitted for absolute error."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from host.train.networks import bends
from host.train.streams import Integers, Mask, Streams
from protocol.predict import ONE, WEIGHT_SHIFT, Predictor, Tap

Floats = NDArray[np.float64]

LINEAR_TAPS = 8
_SHORTLIST = 4
"""Sources that are tried at each step of the search."""
_ROUNDS = 6
"""Reweightings after which least squares have come close to least absolute error."""
WORTH_BITS = 0.004
"""A tap that gains less a row on the judging rows is not worth its multiplication."""
_LARGEST_WEIGHT = 0x7FFF / ONE


def residuals(streams: Streams, number: int, predictor: Predictor) -> Integers:
    """What a predictor leaves of a stream, row by row, as the codec computes it."""
    changes = streams.changes[:, number]
    if predictor.median:
        last = np.roll(changes, 1)
        before = last + np.roll(changes, 2)
        expected = np.sort(np.stack([np.zeros_like(last), -last, -before]), axis=0)[1]
    else:
        weights = np.array([tap.weight for tap in predictor.taps], dtype=np.int64)
        total = streams.sources[:, [tap.source for tap in predictor.taps]] @ weights
        if predictor.network:
            total = total + bends(predictor.network, streams.sources)
        expected = (total + ONE // 2) >> WEIGHT_SHIFT
    left: Integers = changes - expected
    return left


def classical(streams: Streams, number: int) -> dict[str, Predictor]:
    """The predictors that need no fitting, by name."""
    last = streams.count + number
    level = 2 * streams.count + number
    return {
        "order 1": Predictor(),
        "order 2": Predictor((Tap(last, ONE),)),
        "mean of 2": Predictor((Tap(last, -ONE // 2),)),
        "median of 3": Predictor(median=True),
        "constant": Predictor((Tap(level, -ONE),)),
    }


def cost_bits(left: Floats | Integers) -> float:
    """Bits that residuals take a row, roughly: the logarithm that a code for geometric residuals pays."""
    return float(np.log2(1 + np.abs(np.round(left))).mean()) if len(left) else 0.0


def linear(
    streams: Streams, number: int, taps: int = LINEAR_TAPS, start: Sequence[int] = ()
) -> Predictor:
    """A linear predictor of a few taps, chosen one at a time, each for the most it takes off the cost.

    `start` are sources to begin with: from the level, another predictor is found than from nothing.
    Weights are fitted for absolute error by reweighted least squares on the fitting rows; the search ends
    when the judging rows gain no more.
    """
    known = known_sources(streams, number)
    target = streams.changes[:, number].astype(float)
    sources = streams.sources.astype(float)
    chosen = [source for source in start if source in known]
    weights = least_absolute(sources[streams.fitting][:, chosen], target[streams.fitting])
    best = cost_bits((target - sources[:, chosen] @ weights)[streams.judging])
    for _ in range(taps - len(chosen)):
        step = _next_tap(sources, target, streams.fitting, known, chosen, weights)
        if step is None:
            break
        judged = cost_bits((target - sources[:, step[0]] @ step[1])[streams.judging])
        if judged > best - WORTH_BITS:
            break
        best, (chosen, weights) = judged, step
    return quantised(chosen, weights)


def quantised(sources: Sequence[int], weights: Floats) -> Predictor:
    """A linear predictor with its weights rounded to what a tap holds."""
    rounded = np.round(np.clip(weights, -_LARGEST_WEIGHT, _LARGEST_WEIGHT) * ONE).astype(int)
    pairs = sorted(zip(sources, rounded.tolist(), strict=True))
    return Predictor(tuple(Tap(source, weight) for source, weight in pairs if weight))


def refitted(streams: Streams, number: int, predictor: Predictor) -> Predictor:
    """A linear predictor that was chosen, its weights fitted anew to all usable rows."""
    sources = [tap.source for tap in predictor.taps]
    columns = streams.sources[streams.usable][:, sources].astype(float)
    wanted = streams.changes[streams.usable, number].astype(float)
    return quantised(sources, least_absolute(columns, wanted))


def known_sources(streams: Streams, number: int) -> list[int]:
    """Sources that a decoder has when it comes to this stream, and that ever move."""
    moves = np.ptp(streams.sources[streams.fitting], axis=0) > 0
    return [s for s in range(3 * streams.count) if moves[s] and not number <= s < streams.count]


def _next_tap(
    sources: Floats, target: Floats, rows: Mask, known: list[int], chosen: list[int], weights: Floats
) -> tuple[list[int], Floats] | None:
    """The sources with one more, and all weights anew."""
    columns, wanted = sources[rows], target[rows]
    left = wanted - columns[:, chosen] @ weights
    best: tuple[float, list[int], Floats] | None = None
    for source in _shortlist(columns, left, [s for s in known if s not in chosen]):
        tried = [*chosen, source]
        fitted = least_absolute(columns[:, tried], wanted)
        cost = cost_bits(wanted - columns[:, tried] @ fitted)
        if best is None or cost < best[0]:
            best = cost, tried, fitted
    return best and best[1:]


def _shortlist(columns: Floats, left: Floats, candidates: list[int]) -> Iterator[int]:
    """The sources most in line with what is left, each residual weighing by its sign rather than size."""
    damped = left / (1 + np.abs(left))
    candidate_columns = columns[:, candidates]
    size = np.sqrt((candidate_columns**2 / (1 + np.abs(left))[:, None]).sum(axis=0)) + 1e-9
    match = np.abs(damped @ candidate_columns) / size
    for place in np.argsort(-match)[:_SHORTLIST]:
        yield candidates[int(place)]


def least_absolute(columns: Floats, wanted: Floats) -> Floats:
    """Weights of the least absolute error, by iteratively reweighted least squares.

    Residuals below 1 count as their squares, since rounding takes them away.
    """
    weights: Floats = np.zeros(columns.shape[1])
    if not columns.shape[1]:
        return weights
    trust: Floats = np.ones(len(wanted))
    for _ in range(_ROUNDS):
        scaled = columns * trust[:, None]
        ridge = 1e-9 * np.eye(columns.shape[1]) * max(1.0, float(np.abs(columns).max()) ** 2)
        solved = np.linalg.lstsq(scaled.T @ columns + ridge, scaled.T @ wanted, rcond=None)[0]
        weights = solved.astype(np.float64)
        trust = 1 / (1 + np.abs(wanted - columns @ weights))
    return weights
