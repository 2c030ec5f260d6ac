"""Optimisers, least squares and a small network at the same task: predict a log's streams.

All are judged alike: on rows that nothing was fitted to, in integers, by what their residuals cost under
codes of fractional bits in the best contexts (host.train.fit.residual_cost). Needs the train extra.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from host.train.fit import predictor_cost
from host.train.gradient.descent import Trained
from host.train.gradient.network import UNITS, train_networks
from host.train.gradient.optimizers import DEFAULT, OPTIMIZERS, Descending
from host.train.gradient.problem import Chosen, Problem
from host.train.gradient.taps import choose_sources, train_taps
from host.train.predictors import linear
from host.train.run import Joined
from host.train.streams import Streams
from protocol.predict import Predictor

LEAST_SQUARES = "least squares"
NETWORK = "network"
Report = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Entry:
    """One way to fit predictors: `bits` a held-out row and `multiply_adds` a row, over all streams.

    `epochs` is None where there are none; `seconds` are those of fitting, compiling included.
    """

    name: str
    bits: float
    multiply_adds: int
    epochs: int | None
    seconds: float
    trained: Trained | None = None

    def to_json(self) -> dict[str, Any]:
        """All but the curve's parameters."""
        document = asdict(self)
        del document["trained"]
        if self.trained is not None:
            document["loss"] = {"fitting": self.trained.fitting_loss, "judging": self.trained.judging_loss}
        return document


@dataclass(frozen=True)
class Comparison:
    """What was compared on a log, at up to `taps` a stream. `search_seconds` went into choosing the sources
    that all optimisers and the network share."""

    log: str
    taps: int
    rows: int
    judging_rows: int
    search_seconds: float
    entries: tuple[Entry, ...]

    def named(self, name: str) -> Entry:
        """One entry. Raises StopIteration when there is none of the name."""
        return next(entry for entry in self.entries if entry.name == name)

    @property
    def best_gradient(self) -> Entry:
        """The optimiser whose taps cost least."""
        return min((entry for entry in self.entries if entry.name in OPTIMIZERS), key=lambda e: e.bits)

    @property
    def excess(self) -> float:
        """What the best optimiser costs over least squares, as a share."""
        return self.against_least_squares(self.best_gradient)

    def against_least_squares(self, entry: Entry) -> float:
        """What an entry costs over least squares, as a share of theirs; negative where it costs less."""
        return entry.bits / max(1e-9, self.named(LEAST_SQUARES).bits) - 1

    def to_json(self) -> dict[str, Any]:
        """The comparison as JSON has it."""
        return {
            **asdict(self),
            "entries": [entry.to_json() for entry in self.entries],
            "best_gradient": self.best_gradient.name,
            "excess": self.excess,
        }


def compare(
    joined: Joined, taps: int, epochs: int, seed: int, report: Report = lambda *_: None
) -> Comparison:
    """Fit predictors to a log in every way."""
    streams = joined.streams
    total = len(OPTIMIZERS) + 3
    report(LEAST_SQUARES, 0, total)
    entries = [_least_squares(streams, taps)]
    report("choosing sources", 1, total)
    started = time.perf_counter()
    problem = Problem(streams)
    chosen = choose_sources(problem, taps, seed)
    search_seconds = time.perf_counter() - started
    for number, name in enumerate(OPTIMIZERS, 2):
        report(name, number, total)
        entries.append(_optimizer(problem, chosen, Descending(name, epochs, seed)))
    report(NETWORK, total - 1, total)
    entries.append(_network(problem, chosen, Descending(DEFAULT, epochs, seed)))
    judging_rows = int(streams.judging.sum())
    return Comparison(
        joined.schema.name, taps, streams.rows, judging_rows, search_seconds, tuple(entries)
    )


def _least_squares(streams: Streams, taps: int) -> Entry:
    """The better of both searches of host.train.predictors.linear, stream by stream."""
    started = time.perf_counter()
    chosen = []
    for number in range(streams.count):
        tried = [linear(streams, number, taps, start) for start in ([], [2 * streams.count + number])]
        chosen.append(min(tried, key=lambda predictor: predictor_cost(streams, number, predictor)))
    seconds = time.perf_counter() - started
    return Entry(LEAST_SQUARES, _bits(streams, chosen), _multiply_adds(chosen), None, seconds)


def _optimizer(problem: Problem, chosen: Chosen, how: Descending) -> Entry:
    started = time.perf_counter()
    training = train_taps(problem, chosen, how)
    seconds = time.perf_counter() - started
    bits = _bits(problem.streams, training.predictors)
    multiply_adds = _multiply_adds(training.predictors)
    return Entry(how.optimizer, bits, multiply_adds, how.epochs, seconds, training.trained)


def _network(problem: Problem, chosen: Chosen, how: Descending) -> Entry:
    started = time.perf_counter()
    training = train_networks(problem, chosen, how)
    seconds = time.perf_counter() - started
    bits = _bits(problem.streams, training.predictors)
    multiply_adds = _multiply_adds(training.predictors)
    return Entry(NETWORK, bits, multiply_adds, how.epochs, seconds, training.trained)


def _bits(streams: Streams, predictors: Sequence[Predictor]) -> float:
    return sum(predictor_cost(streams, number, predictor) for number, predictor in enumerate(predictors))


def _multiply_adds(predictors: Sequence[Predictor]) -> int:
    return sum(predictor.multiply_adds for predictor in predictors)


NOTE = (
    f"network: {UNITS} hidden units a stream beside its taps, trained with {DEFAULT}; like all others it is "
    "judged in the integers that the board computes"
)
