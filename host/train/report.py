"""What training tells: stream by stream what was chosen, what it costs and what the limit is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from host.train.coded import coded_bits
from host.train.fit import Choice
from host.train.limit import stream_limit
from host.train.predictors import residuals
from host.train.run import Fitted
from host.train.streams import Streams

CLOCK = "clock step"


@dataclass(frozen=True)
class StreamReport:
    """One stream, in bits a judging row.

    `bits` are its own tokens; a stream in a group (numbered from 1) also has a part in its symbol. `tried`
    are predictors' costs under codes of fractional bits; `multiply_adds` are the chosen one's.
    """

    name: str
    predictor: str
    taps: int
    multiply_adds: int
    group: int | None
    bits: float
    limit_bits: float
    tried: Mapping[str, float]


@dataclass(frozen=True)
class TrainReport:
    """A contract and what its rows cost, in bits a judging row.

    Codebooks, and the weights of least squares, were fitted anew to all rows once predictors were chosen.
    `group_bits` are what the groups' symbols take. Framing and key frames are not counted.
    """

    contract: str
    hash: str
    rows: int
    judging_rows: int
    streams: tuple[StreamReport, ...]
    group_bits: tuple[float, ...]

    @property
    def bits(self) -> float:
        """All of a row."""
        return sum(stream.bits for stream in self.streams) + sum(self.group_bits)

    @property
    def limit_bits(self) -> float:
        """What the streams would cost at their limits, each by itself."""
        return sum(stream.limit_bits for stream in self.streams)

    @property
    def ratio(self) -> float | None:
        """Cost as a multiple of the limit; None where the limit is 0."""
        return self.bits / self.limit_bits if self.limit_bits else None

    def to_json(self) -> dict[str, Any]:
        """As report.json has it."""
        return {**asdict(self), "bits": self.bits, "limit_bits": self.limit_bits, "ratio": self.ratio}


def report_on(fitted: Fitted) -> TrainReport:
    """Measure a contract on its judging rows."""
    streams, contract = fitted.streams, fitted.contract
    own, shared = coded_bits(streams, contract, streams.judging)
    groups = {stream: n for n, group in enumerate(contract.groups, 1) for stream in group.streams}
    names = [CLOCK, *(channel.name for channel in contract.schema.channels)]
    return TrainReport(
        contract=contract.schema.name,
        hash=f"{contract.hash:08x}",
        rows=streams.rows,
        judging_rows=int(streams.judging.sum()),
        streams=tuple(
            StreamReport(
                name, choice.name, len(choice.predictor.taps), choice.predictor.multiply_adds,
                groups.get(number), own[number], _limit(streams, number, choice), dict(choice.costs),
            )
            for number, (name, choice) in enumerate(zip(names, fitted.choices, strict=True))
        ),
        group_bits=tuple(shared),
    )


def _limit(streams: Streams, number: int, choice: Choice) -> float:
    left = (residuals(streams, number, predictor) for predictor in choice.tried.values())
    return stream_limit(left, streams.judging)


def show(report: TrainReport, console: Console) -> None:
    """A table on the terminal, a line a stream and a group."""
    title = f"contract {report.contract} ({report.hash})"
    table = Table(box=box.SIMPLE_HEAD, title_justify="left", title=title)
    table.add_column("stream")
    table.add_column("predictor")
    for heading in ["taps", "multiply-adds", "bits", "limit"]:
        table.add_column(heading, justify="right")
    for stream in report.streams:
        name = stream.name if stream.group is None else f"{stream.name} [{stream.group}]"
        table.add_row(
            name.replace("[", "\\["), stream.predictor, str(stream.taps), str(stream.multiply_adds),
            f"{stream.bits:.2f}", f"{stream.limit_bits:.2f}",
        )
    for number, bits in enumerate(report.group_bits, 1):
        table.add_row(f"which of \\[{number}] moved", "", "", "", f"{bits:.2f}")
    table.add_section()
    multiply_adds = sum(stream.multiply_adds for stream in report.streams)
    table.add_row("a row", "", "", str(multiply_adds), f"{report.bits:.2f}", f"{report.limit_bits:.2f}")
    console.print(table)
    console.print(_summary(report))


def _summary(report: TrainReport) -> str:
    against = "" if report.ratio is None else f", {report.ratio:.3f} times the limit"
    return (
        f"{report.bits / 8:.2f} bytes a row{against}; on {report.judging_rows} of {report.rows} rows, "
        "held out while predictors were chosen"
    )
