"""Fits a contract to logs: joins them, trains what is asked for, and chooses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from host.logs import Log, LogError
from host.train.fit import KINDS, Choice, assemble, choose_predictors
from host.train.gradient.optimizers import DEFAULT, OPTIMIZERS, Descending
from host.train.predictors import LINEAR_TAPS
from host.train.streams import Streams
from protocol.contract import Contract
from protocol.predict import Predictor
from protocol.schema import Channel, Schema

if TYPE_CHECKING:
    from host.train.gradient.descent import Trained

Report = Callable[[str, int, int], None]
"""Told what is under way, how much of it is done, and of how much."""

PREDICTORS = {
    "best": KINDS,
    "classical": ("classical",),
    "linear": ("linear",),
    "gradient": (),
    "network": KINDS,
}
"""What may be chosen beside what is trained, by what was asked for."""


@dataclass(frozen=True)
class Settings:
    """What to train. `predictor` is one of PREDICTORS; `optimizer` one of OPTIMIZERS, or none by name."""

    predictor: str = "best"
    taps: int = LINEAR_TAPS
    optimizer: str | None = None
    epochs: int = 40
    seed: int = 0

    def __post_init__(self) -> None:
        if self.predictor not in PREDICTORS:
            raise ValueError(f"no predictor {self.predictor!r}; there are {', '.join(PREDICTORS)}")
        if self.optimizer is not None and self.optimizer not in OPTIMIZERS:
            raise ValueError(f"no optimiser {self.optimizer!r}; there are {', '.join(OPTIMIZERS)}")

    @property
    def descends(self) -> bool:
        """Whether anything is trained by gradient descent, which needs the extra."""
        return self.optimizer is not None or self.predictor in ("gradient", "network")

    @property
    def trained_as(self) -> str:
        """What is trained by gradient descent, in words."""
        kind = "network" if self.predictor == "network" else "gradient"
        return f"{kind} ({self.optimizer or DEFAULT})"


@dataclass(frozen=True)
class Joined:
    """Logs of one schema: their streams, and a schema that all rows fit."""

    schema: Schema
    streams: Streams


@dataclass(frozen=True)
class Descent:
    """What gradient descent came to: its losses, and predictors by name; empty unless asked for."""

    trained: Trained | None = None
    predictors: dict[str, list[Predictor]] = field(default_factory=dict)


@dataclass(frozen=True)
class Fitted:
    """A contract and how it came about."""

    contract: Contract
    streams: Streams
    choices: list[Choice]
    settings: Settings
    descent: Descent = field(default_factory=Descent)


def join(logs: Sequence[Log]) -> Joined:
    """Logs put together, the contract named after them. Raises LogError when their channels differ, or
    one is too short."""
    first = logs[0].schema
    for log in logs[1:]:
        if list(map(_measured, log.schema.channels)) != list(map(_measured, first.channels)):
            raise LogError(
                f"{log.schema.name}: its channels are not those of {first.name}; train them apart, "
                "or give both the same names, units and scales"
            )
    for log in logs:
        if len(log.rows) < 2:
            raise LogError(f"{log.schema.name}: {len(log.rows)} row is too little to learn from; record more")
    schema = first.narrowed(row.values for log in logs for row in log.rows)
    name = first.name if len(logs) == 1 else f"{first.name}+{len(logs) - 1}"
    return Joined(replace(schema, name=name), Streams.of(*(log.rows for log in logs)))


def _measured(channel: Channel) -> tuple[str, str, float]:
    return channel.name, channel.unit, channel.scale


def fit(joined: Joined, settings: Settings, report: Report = lambda what, done, of: None) -> Fitted:
    """Train and choose. Raises ImportError when gradient descent is asked for without its extra."""
    streams = joined.streams
    descent = _descend(streams, settings, report) if settings.descends else Descent()
    choices = choose_predictors(
        streams,
        settings.taps,
        lambda done, of: report("choosing predictors", done, of),
        kinds=PREDICTORS[settings.predictor],
        trained=descent.predictors,
    )
    contract = assemble(joined.schema, streams, [choice.predictor for choice in choices])
    return Fitted(contract, streams, choices, settings, descent)


def _descend(streams: Streams, settings: Settings, report: Report) -> Descent:
    # Here, for they import JAX.
    from host.train.gradient.network import train_networks
    from host.train.gradient.problem import Problem
    from host.train.gradient.taps import choose_sources, train_taps

    problem = Problem(streams)
    chosen = choose_sources(
        problem, settings.taps, settings.seed, lambda done, of: report("choosing sources", done, of)
    )
    report("descending", 0, 1)
    how = Descending(settings.optimizer or DEFAULT, settings.epochs, settings.seed)
    if settings.predictor == "network":
        layers = train_networks(problem, chosen, how)
        return Descent(layers.trained, {settings.trained_as: layers.predictors})
    taps = train_taps(problem, chosen, how)
    return Descent(taps.trained, {settings.trained_as: taps.predictors})
