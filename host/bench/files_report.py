"""The comparison of file compressors: as JSON, on a terminal, as Markdown and as a picture."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure
from rich import box
from rich.console import Console
from rich.table import Table

from host.bench.file_coders import OURS
from host.bench.file_latency import latencies
from host.bench.files import FileResult, means

_FILE_HEADINGS = ("file", "bytes", "entropy", "size", "compress MB/s", "x", "decompress", "x")
_TABLE_HEADINGS = (
    "file", "bytes", "entropy, bits a byte", "size", "to the entropy of its blocks, headers aside",
    "compress, x", "decompress, x",
)
_HEADINGS = ("coder", "compress, x zlib's Huffman", "decompress, x", "size, x")


def document(results: Sequence[FileResult]) -> dict[str, Any]:
    """All figures of a run."""
    return {
        "files": [result.to_json() for result in results],
        "geometric_means": means(results),
        "small_file": latencies(),
    }


def _rows(report: dict[str, Any]) -> list[tuple[str, ...]]:
    return [
        (name.replace("_", " "), *(f"{mean[what]:.2f}" for what in ("compress", "decompress", "size")))
        for name, mean in report["geometric_means"].items()
    ]


def _latency_lines(report: dict[str, Any]) -> list[str]:
    small = report["small_file"]
    return [
        f"a file of {small['bytes']:,} bytes from the shell: {name.replace('_', ' ')} {seconds * 1000:.0f} ms"
        for name, seconds in small["seconds"].items()
    ] + [f"peak memory for {small['large_bytes'] >> 20} MiB: {small['peak_bytes'] >> 20} MiB"]


def show(report: dict[str, Any], console: Console) -> None:
    """Two tables: by file, and over all of them."""
    table = Table(box=box.SIMPLE_HEAD)
    for number, heading in enumerate(_FILE_HEADINGS):
        table.add_column(heading, justify="right" if number else "left")
    for one in report["files"]:
        table.add_row(
            Path(one["path"]).name, f"{one['bytes']:,}", f"{one['entropy_bits_per_byte']:.3f}",
            f"{one['compressed_bytes'] / one['bytes']:.1%}", f"{one['compress_mb_s']:.0f}",
            f"{one['compress_ratio_to_zlib_huffman_only']:.2f}", f"{one['decompress_mb_s']:.0f}",
            f"{one['decompress_ratio_to_zlib_huffman_only']:.2f}",
        )
    console.print(table)
    table = Table(box=box.SIMPLE_HEAD, title="geometric means over all files", title_justify="left")
    for number, heading in enumerate(_HEADINGS):
        table.add_column(heading, justify="right" if number else "left")
    for row in _rows(report):
        table.add_row(*row)
    console.print(table)
    for line in _latency_lines(report):
        console.print(line)


def write(report: dict[str, Any], folder: Path) -> None:
    """files.json, files.md and files.png."""
    (folder / "files.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    lines = [_line(_HEADINGS), _line(["---", *["--:"] * 3]), *map(_line, _rows(report)), ""]
    lines += [_line(_TABLE_HEADINGS), _line(["---", *["--:"] * 6])]
    lines += [
        _line([
            Path(one["path"]).name, f"{one['bytes']:,}", f"{one['entropy_bits_per_byte']:.3f}",
            f"{one['compressed_bytes'] / one['bytes']:.1%}",
            f"{one['size_to_entropy_of_blocks_and_headers']:.4f}",
            f"{one['compress_ratio_to_zlib_huffman_only']:.2f}",
            f"{one['decompress_ratio_to_zlib_huffman_only']:.2f}",
        ])
        for one in report["files"]
    ]
    lines += ["", *(f"- {line}" for line in _latency_lines(report))]
    (folder / "files.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    _draw(report, folder / "files.png")


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _draw(report: dict[str, Any], path: Path) -> None:
    coders = report["geometric_means"]
    names = sorted(coders, key=lambda name: coders[name]["compress"])
    figure = Figure(figsize=(9, 1.6 + 0.5 * len(names)), layout="constrained")
    axes = figure.subplots()
    for offset, what, colour in ((0.2, "compress", "#0b6e4f"), (-0.2, "decompress", "#7fb8a4")):
        places = [number + offset for number in range(len(names))]
        bars = axes.barh(places, [coders[name][what] for name in names], 0.38, color=colour, label=what)
        axes.bar_label(bars, fmt="%.1f", padding=3, fontsize=8)
    labels = [f"{name.replace('_', ' ')}\nsize {coders[name]['size']:.2f}" for name in names]
    axes.set_yticks(range(len(names)), labels)
    for label, name in zip(axes.get_yticklabels(), names, strict=True):
        label.set_fontweight("bold" if name.startswith(OURS) else "normal")
    axes.set_xlabel("times zlib's Z_HUFFMAN_ONLY, geometric mean over the files")
    axes.axvline(1, color="gray", lw=0.8)
    axes.legend(loc="lower right")
    figure.savefig(path, dpi=120, metadata={"Software": None})
