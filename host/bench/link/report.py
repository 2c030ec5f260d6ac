"""The link benchmark as JSON, as a table on screen and in Markdown, and as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from host.bench.link.task import PATIENCE_S, Run

_HEADINGS = (
    "errors", "scheme", "done", "twice", "late", "failed", "wrong", "goodput",
    "p50 ms", "p99 ms", "bytes down", "bytes up",
)
_ON_SCREEN = 10
"""As many columns as fit a terminal."""
NOTES = {
    "goodput": "bytes of the delivered commands' uncompressed messages (five each, whatever the scheme), "
    "ten bits a byte, as a fraction of the line rate in one direction",
    "latency": "line time from giving a command to the link until its reply; ours has up to eight under way, "
    "so that a command waits for those before it, the others one",
    "delivered": "offered commands that the car executed, however often; duplicated and reordered are judged "
    "by what the car executed, failed by what the caller was told",
    "done, twice, late, wrong": "table columns: delivered, duplicated, reordered, corrupted",
    "corrupted": "commands that the car executed and nobody had given",
    "unreported": "commands not executed of which the caller was not told",
    "ours": "the host's link and the firmware's link, car and clock on MicroPython's unix port, in lock step "
    "with the line; no telemetry beside it",
    "stop_and_wait": "the same COMMAND and REPLY frames, one under way, both ends small stand-ins; time-out "
    "from the known line rate",
    "json_lines_retry": "uncompressed JSON lines with an id and retry, no checksum",
    "json_lines_crc_retry": "the same with a CRC-32 in front of each line",
}


def to_json(runs: Sequence[Run], baud: int, commands: int, seed: int) -> dict[str, Any]:
    """All figures, and what they mean."""
    return {
        "baud": baud, "commands": commands, "seed": seed, "patience_s": PATIENCE_S,
        "runs": [run.to_json() for run in runs], "notes": NOTES,
    }


def _cells(run: Run) -> list[str]:
    latencies = (run.latency_p50_ms, run.latency_p99_ms)
    return [
        f"{run.bit_error_rate:g}", run.scheme, str(run.delivered),
        str(run.duplicated), str(run.reordered), str(run.failed), str(run.corrupted), f"{run.goodput:.1%}",
        *("-" if latency is None else f"{latency:.1f}" for latency in latencies),
        f"{run.bytes_down_per_command:.1f}", f"{run.bytes_up_per_command:.1f}",
    ]


def show(runs: Sequence[Run], console: Console) -> None:
    """A table on the terminal."""
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 0), pad_edge=False, show_edge=False)
    for heading in _HEADINGS[:_ON_SCREEN]:
        table.add_column(heading, justify="left" if heading == "scheme" else "right", no_wrap=True)
    rate = runs[0].bit_error_rate if runs else 0.0
    for run in runs:
        if run.bit_error_rate != rate:
            table.add_section()
            rate = run.bit_error_rate
        table.add_row(*_cells(run)[:_ON_SCREEN], style="bold" if run.scheme == "ours" else "")
    console.print(table)


def markdown(runs: Sequence[Run], baud: int, commands: int) -> str:
    """The same, to be read on a page."""
    rows = [_HEADINGS, ["---:"] * len(_HEADINGS), *map(_cells, runs)]
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    notes = "\n".join(f"- {name}: {note}" for name, note in NOTES.items())
    title = f"{commands:,} commands offered in each run, at {baud} baud, each way by itself."
    return f"{title}\n\n{table}\n\n{notes}\n"


def draw(runs: Sequence[Run], path: Path) -> None:
    """Goodput and the 99th percentile of latency over the bit error rate, as PNG."""
    # Here, for it is in an extra.
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 4.2), layout="constrained")
    left, right = figure.subplots(1, 2)
    rates = list(dict.fromkeys(run.bit_error_rate for run in runs))
    for scheme in dict.fromkeys(run.scheme for run in runs):
        own = [run for run in runs if run.scheme == scheme]
        style = {"color": "#0b6e4f", "linewidth": 2.5} if scheme == "ours" else {"linewidth": 1.3}
        places = [rates.index(run.bit_error_rate) for run in own]
        left.plot(places, [100 * run.goodput for run in own], "o-", label=scheme, **style)
        right.plot(places, [run.latency_p99_ms for run in own], "o-", label=scheme, **style)
    left.set(ylabel="goodput, % of the line rate", title="Goodput", ylim=(0, None))
    right.set(ylabel="ms of line time", title="Latency, 99th percentile", yscale="log")
    for axes in (left, right):
        axes.set_xticks(range(len(rates)), [f"{rate:g}" for rate in rates])
        axes.set_xlabel("bit error rate")
        axes.grid(alpha=0.3)
        axes.legend(frameon=False, fontsize=8)
    figure.savefig(path, dpi=110, metadata={"Software": None})
