"""Logs made for tests, of processes whose best predictors are known."""

from __future__ import annotations

import numpy as np

from host.logs import Log, save_log
from protocol.schema import Channel, Row, Schema

PERIOD_US = 10_000


def log_of(**columns) -> Log:
    """A log with these channels, at a steady rate."""
    channels = [np.asarray(column).tolist() for column in columns.values()]
    rows = tuple(
        Row(PERIOD_US * number, values) for number, values in enumerate(zip(*channels, strict=True))
    )
    schema = Schema("made", tuple(Channel(name) for name in columns))
    return Log(schema.narrowed(row.values for row in rows), rows)


def linear_log(rows: int = 1200, seed: int = 5) -> Log:
    """`driver` wanders; `follower` changes by half of what `driver` does in the same row and loses an
    eighth of its level; both with a little noise."""
    draw = np.random.default_rng(seed)
    steps = draw.normal(0, 60, rows).round()
    follower = np.zeros(rows)
    for row in range(1, rows):
        noise = draw.normal(0, 4)
        follower[row] = round(follower[row - 1] * 7 / 8 + 0.5 * steps[row] + noise)
    return log_of(driver=np.cumsum(steps).astype(int), follower=follower.astype(int))


def bent_log(rows: int = 1200, seed: int = 6) -> Log:
    """`folded` changes by the magnitude of `driver`'s change, up and down in turn only by its level."""
    draw = np.random.default_rng(seed)
    driver = draw.normal(0, 60, rows).round().astype(int)
    folded = np.abs(np.diff(driver, prepend=0)) + draw.integers(-2, 3, rows)
    return log_of(driver=driver, folded=folded)


def saved(log: Log, path) -> str:
    """The log's path on disk, as the command line takes it."""
    save_log(path, log)
    return str(path)
