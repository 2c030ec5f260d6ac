"""Results of the telemetry benchmark for people and for programs: JSON, a table on screen, Markdown."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import geometric_mean

from rich.console import Console
from rich.table import Table

from host.bench.telemetry import Result

LABELS = {
    "raw": "packed struct",
    "zlib_stream": "zlib, one stream",
    "delta_varint": "delta varint",
    "delta_varint_deflate": "delta varint + deflate",
    "delta_varint_deflate_dict": "delta varint + deflate, dictionary",
    "zstd_dict": "zstd, dictionary",
    "heatshrink": "heatshrink",
    "betaflight_like": "Betaflight-like",
    "ours_1": "ours, 1 row a frame",
    "ours_4": "ours, 4 rows a frame",
    "ours_on_wire": "ours, 4 rows a frame, all framing",
}
"""What schemes are called in tables and pictures."""


def mean_ratios(results: Sequence[Result]) -> dict[str, float | None]:
    """Each scheme's geometric mean, over logs, of its ratio to the limit; None where a log has none."""
    ratios = {name: [result.ratios_to_limit[name] for result in results] for name in LABELS}
    return {
        name: geometric_mean(known) if len(known := [r for r in row if r]) == len(results) else None
        for name, row in ratios.items()
    }


def show(results: Sequence[Result], console: Console) -> None:
    """A table for each log, in bytes a row, and the geometric means of several logs' ratios."""
    for result in results:
        verdict = "every row decoded exactly" if result.decoded_ok else "ROWS WERE DECODED WRONGLY"
        console.print(f"{result.test}: {result.rows:,} rows; trained on {result.train}", style="bold")
        table = _table("bytes a row", "ratio to the limit")
        for name, ratio in result.ratios_to_limit.items():
            table.add_row(LABELS[name], f"{result.bytes_per_row[name]:.2f}", _ratio(ratio))
        table.add_row("limit", f"{result.limit:.2f}", "1.00", style="bold")
        console.print(table)
        console.print(f"{verdict}\n", style="green" if result.decoded_ok else "bold red")
    if len(results) > 1:
        console.print(f"geometric means over {len(results)} logs", style="bold")
        table = _table("ratio to the limit")
        for name, mean in mean_ratios(results).items():
            table.add_row(LABELS[name], _ratio(mean))
        console.print(table)


def _table(*figures: str) -> Table:
    table = Table("scheme")
    for heading in figures:
        table.add_column(heading, justify="right")
    return table


def markdown(results: Sequence[Result]) -> str:
    """The same as a Markdown table, with what was trained on below it."""
    names = [result.test for result in results]
    head = ["scheme, bytes a row", *names, "geometric mean of ratios to the limit"]
    lines = [_line(head), _line(["---", *["---:"] * (len(head) - 1)])]
    for name, mean in mean_ratios(results).items():
        sizes = [f"{result.bytes_per_row[name]:.2f}" for result in results]
        lines.append(_line([LABELS[name], *sizes, _ratio(mean)]))
    lines.append(_line(["*limit*", *(f"{result.limit:.2f}" for result in results), "1.00"]))
    told = [
        f"- {r.test}: {r.rows} rows, trained on {r.train}; "
        f"{'every row decoded exactly' if r.decoded_ok else '**rows were decoded wrongly**'}"
        for r in results
    ]
    return "\n".join([*lines, "", *told, ""])


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _ratio(ratio: float | None) -> str:
    return "-" if ratio is None else f"{ratio:.2f}"


def to_json(results: Sequence[Result]) -> str:
    """All results, and the geometric means of their ratios, as indented JSON."""
    means = {name: mean and round(mean, 4) for name, mean in mean_ratios(results).items()}
    document = {"logs": [r.to_json() for r in results], "geometric_mean_ratios_to_limit": means}
    return json.dumps(document, indent=1) + "\n"


def write_report(results: Sequence[Result], folder: Path) -> None:
    """telemetry.json, telemetry.md and telemetry.png in a folder that is there. Raises OSError."""
    # Here, for a plotting library takes long to load and most runs have no use for it.
    from host.bench.plot import draw

    (folder / "telemetry.json").write_text(to_json(results), encoding="utf-8")
    (folder / "telemetry.md").write_text(markdown(results), encoding="utf-8")
    by_log = {result.test: _labelled(result.ratios_to_limit) for result in results}
    draw(_labelled(mean_ratios(results)), by_log, folder / "telemetry.png")


def _labelled(ratios: Mapping[str, float | None]) -> dict[str, float | None]:
    return {LABELS[name]: ratio for name, ratio in ratios.items()}
