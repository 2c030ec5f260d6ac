"""A run on the board for programs and for people: JSON there and back, tables on a terminal, files."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table as RichTable

from host.bench.board.inputs import SEED
from host.bench.board.run import Broken, Cost, Findings
from host.bench.board.tables import Table, tables

NOTES = {
    "instructions": "of the emulated Cortex-M4, counted with interrupts off; the call is in, what starting "
    "and stopping the count takes is not",
    "heap": "bytes that one call leaves on the heap until they are collected, the most of any input; `all`: "
    "more than was free, so that the collector's instructions are counted, too",
    "sorting": "16-bit numbers without sign in an array, in place; `list.sort` alone is given a list",
}


def to_json(findings: Findings) -> dict[str, Any]:
    """All figures, and what they mean."""
    costs = [{**asdict(cost), "mean": round(cost.mean, 1)} for cost in findings.costs]
    broken = [asdict(each) for each in findings.broken]
    return {"seed": SEED, "costs": costs, "broken": broken, "notes": NOTES}


def from_json(document: dict[str, Any]) -> Findings:
    """What `to_json` was made of."""
    costs = []
    for each in document["costs"]:
        fields = {name: value for name, value in each.items() if name != "mean"}
        costs.append(Cost(**{**fields, "instructions": tuple(each["instructions"])}))
    return Findings(tuple(costs), tuple(Broken(**each) for each in document["broken"]))


def show(findings: Findings, console: Console) -> None:
    """All tables on a terminal, and what is broken below them."""
    for table in tables(findings).values():
        console.print(_on_screen(table))
    for each in findings.broken:
        console.print(f"broken: {each.method}, {each.variant} ({each.section}): {each.why}", style="bold red")


def _on_screen(table: Table) -> RichTable:
    shown = RichTable(box=box.SIMPLE_HEAD, title=table.title, title_justify="left", padding=(0, 1, 0, 0))
    for number, heading in enumerate(table.headings):
        shown.add_column(heading, justify="right" if number else "left")
    for row in table.rows:
        shown.add_row(*row)
    return shown


def markdown(findings: Findings) -> str:
    """All tables with their titles, and the notes."""
    parts = [f"## {table.title}\n\n{table.markdown()}\n" for table in tables(findings).values()]
    parts += [f"- **broken**: {each.method}, {each.variant}: {each.why}" for each in findings.broken]
    return "\n".join([*parts, *(f"- {name}: {note}" for name, note in NOTES.items()), ""])


def write(findings: Findings, folder: Path) -> None:
    """board.json, board.md and, where sorting was measured, board.png. Raises OSError."""
    # Here, for it is in an extra.
    from host.bench.board.picture import draw

    lines = ",\n ".join(json.dumps(cost) for cost in to_json(findings)["costs"])
    document = to_json(findings) | {"costs": []}
    text = json.dumps(document, indent=1).replace('"costs": []', f'"costs": [\n {lines}\n ]')
    for name, content in {"board.json": text + "\n", "board.md": markdown(findings)}.items():
        (folder / name).write_text(content, encoding="utf-8")
    if any(cost.section == "sorting" for cost in findings.costs):
        draw(findings, folder / "board.png")
