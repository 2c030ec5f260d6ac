"""The telemetry benchmark: every scheme over the same rows, decoded again, beside the limit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from host.bench.ours import Ours
from host.bench.peers.blackbox_plan import betaflight_like
from host.bench.peers.deflate import ZlibStream, delta_varint_deflate, delta_varint_deflate_dict
from host.bench.peers.heatshrink import heatshrink
from host.bench.peers.plain import DeltaVarint, Raw
from host.bench.peers.zstd import zstd_dict
from host.bench.scheme import SchemeFactory, measure
from host.logs import Log, LogError
from host.train.fit import Choice, assemble, choose_predictors
from host.train.limit import stream_limit
from host.train.predictors import residuals
from host.train.streams import Streams
from protocol.contract import Contract
from protocol.schema import Row, Schema

MIN_ROWS = 16
"""Rows that training and test need each."""

Told = Callable[[str, int, int], None]
"""What is being measured, how many schemes are done, and of how many."""


@dataclass(frozen=True)
class Task:
    """Rows to learn from and rows to send, times modulo 2**32, and what to call them."""

    test: str
    train: str
    schema: Schema
    train_logs: tuple[tuple[Row, ...], ...]
    test_rows: tuple[Row, ...]

    @cached_property
    def train_rows(self) -> tuple[Row, ...]:
        """All rows to learn from, one log after the other."""
        return tuple(row for log in self.train_logs for row in log)

    @cached_property
    def training(self) -> Streams:
        """The training logs as our codec is fitted to them: nothing is learned across a seam."""
        return Streams.of(*self.train_logs)

    @cached_property
    def choices(self) -> list[Choice]:
        """Our codec's predictors, and all that were tried."""
        return choose_predictors(self.training)

    @cached_property
    def contract(self) -> Contract:
        """Our codec's contract, fitted to the training rows."""
        return assemble(self.schema, self.training, [choice.predictor for choice in self.choices])

    @cached_property
    def limit(self) -> float:
        """Bytes a row: the sum of the streams' limits over the test rows. See `host.train.limit`."""
        told = Streams.of(self.test_rows)
        test = Streams(told.values, self.training.bases)
        bits = 0.0
        for number, choice in enumerate(self.choices):
            predictors = {choice.predictor, *choice.tried.values()}
            bits += stream_limit((residuals(test, number, p) for p in predictors), test.usable)
        return bits / 8


def split_task(log: Log, split: float) -> Task:
    """Train on the first `split` (0 to 1) of a log, test on the rest. Raises LogError for too few rows."""
    cut = round(split * len(log.rows))
    train, test = log.rows[:cut], log.rows[cut:]
    return _task(log.schema, [train], test, f"{log.schema.name}, first {len(train)} rows")


def trained_task(training: Sequence[Log], log: Log) -> Task:
    """Train on some logs and test on another.

    Raises LogError for too few rows, or when a log has not the same channels.
    """
    for other in training:
        _check_channels(other.schema, log.schema)
    names = ", ".join(other.schema.name for other in training)
    return _task(log.schema, [other.rows for other in training], log.rows, names)


def _check_channels(one: Schema, other: Schema) -> None:
    names = [[(c.name, c.unit, c.scale) for c in schema.channels] for schema in (one, other)]
    if names[0] != names[1]:
        raise LogError(
            f"{one.name} and {other.name} have different channels; train on logs with the same names, units "
            "and scales in the same order"
        )


def _task(schema: Schema, train: Sequence[Sequence[Row]], test: Sequence[Row], source: str) -> Task:
    for rows, purpose in (*((log, "train on") for log in train), (test, "test on")):
        if len(rows) < MIN_ROWS:
            raise LogError(
                f"{schema.name}: {len(rows)} rows to {purpose}; {MIN_ROWS} or more are needed: "
                "name a longer log, or another --split"
            )
    # Formats that hold every row, so that each scheme can send any of them.
    wide = schema.narrowed(row.values for log in (*train, test) for row in log)
    return Task(schema.name, source, wide, tuple(map(_wrapped, train)), _wrapped(test))


def _wrapped(rows: Sequence[Row]) -> tuple[Row, ...]:
    return tuple(replace(row, time_us=row.time_us & 0xFFFF_FFFF) for row in rows)


SCHEMES: dict[str, Callable[[Task], SchemeFactory]] = {
    "raw": lambda task: lambda: Raw(task.schema),
    "zlib_stream": lambda task: lambda: ZlibStream(task.schema),
    "delta_varint": lambda task: lambda: DeltaVarint(task.schema),
    "delta_varint_deflate": lambda task: lambda: delta_varint_deflate(task.schema),
    "delta_varint_deflate_dict": lambda task: delta_varint_deflate_dict(task.schema, task.train_rows),
    "zstd_dict": lambda task: zstd_dict(task.schema, task.train_rows),
    "heatshrink": lambda task: heatshrink(task.schema, task.train_rows),
    "betaflight_like": lambda task: betaflight_like(task.schema, task.train_rows),
    "ours_1": lambda task: lambda: Ours(task.contract, 1, count_framing=False),
    "ours_4": lambda task: lambda: Ours(task.contract, 4, count_framing=False),
    "ours_on_wire": lambda task: lambda: Ours(task.contract, 4, count_framing=True),
}
"""Every scheme by its key in the report: what trains it and then makes its ends."""


@dataclass(frozen=True)
class Result:
    """Bytes a row of each scheme on one log's test rows, and the limit."""

    test: str
    train: str
    rows: int
    bytes_per_row: dict[str, float]
    limit: float
    decoded_ok: bool

    @property
    def ratios_to_limit(self) -> dict[str, float | None]:
        """Each scheme's bytes as a multiple of the limit; None where the limit is 0: nothing changes."""
        return {name: size / self.limit if self.limit else None for name, size in self.bytes_per_row.items()}

    def to_json(self) -> dict[str, Any]:
        """The report as JSON has it, in bytes a row, to four decimals."""
        sizes = {name: round(size, 4) for name, size in self.bytes_per_row.items()}
        ratios = {name: ratio and round(ratio, 4) for name, ratio in self.ratios_to_limit.items()}
        return {
            "test": self.test, "train": self.train, "rows": self.rows, **sizes,
            "limit": round(self.limit, 4), "decoded_ok": self.decoded_ok, "ratios_to_limit": ratios,
        }


def run_task(task: Task, told: Told) -> Result:
    """Train and run every scheme over a task's rows, and compare what its other end decodes."""
    sizes: dict[str, float] = {}
    decoded_ok = True
    for done, (name, train) in enumerate(SCHEMES.items()):
        told(f"{task.test}: {name}", done, len(SCHEMES))
        measured = measure(train(task), task.test_rows)
        sizes[name] = measured.bytes_per_row
        decoded_ok = decoded_ok and measured.decoded_ok
    told(task.test, len(SCHEMES), len(SCHEMES))
    return Result(task.test, task.train, len(task.test_rows), sizes, task.limit, decoded_ok)
