"""`host bench link`: commands over lines with bit errors, by this link and by others."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from host.cli.extras import require_extra
from host.cli.logs import make_folder
from host.cli.options import ContractOption, JsonOption, contract_of
from host.cli.progress import progress
from host.output import write_whole


def link(
    baud: Annotated[int, typer.Option(min=300, help="Rate of the line, each way by itself.")] = 57_600,
    bit_errors: Annotated[
        list[float] | None,
        typer.Option(min=0.0, max=0.1, help="Probability of a flipped bit; may be repeated.", metavar="RATE"),
    ] = None,
    commands: Annotated[int, typer.Option(min=1, max=100_000, help="Offered in each run.")] = 2_000,
    seed: Annotated[int, typer.Option(help="Of the faults.")] = 1,
    contract: ContractOption = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Write link.json, .md and .png into this folder, too.", metavar="FOLDER"),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Delivery, goodput and latency of commands: ours on the real firmware, stop-and-wait, JSON lines.

    Time is line time: nothing is timed. Duplicates and order are judged by what the car executed.
    """
    if out is not None:
        require_extra("bench", ("matplotlib",), "bench link --out")
        make_folder(out)
    from host.bench.link.report import draw, markdown, show, to_json
    from host.bench.link.run import run_all
    from host.bench.link.task import BIT_ERROR_RATES

    spoken = contract_of(contract)
    with progress() as told:
        runs = run_all(
            spoken, told, baud=baud, rates=bit_errors or BIT_ERROR_RATES, commands=commands, seed=seed
        )
    document = to_json(runs, baud, commands, seed)
    if as_json:
        print(json.dumps(document))
    else:
        show(runs, Console(highlight=False))
    if out is not None:
        write_whole(out / "link.json", json.dumps(document, indent=1) + "\n")
        write_whole(out / "link.md", markdown(runs, baud, commands))
        draw(runs, out / "link.png")
    ours = [run for run in runs if run.scheme == "ours"]
    if any(run.duplicated or run.reordered or run.corrupted or run.unreported for run in ours):
        raise typer.Exit(1)
