"""`host bench predictors`: optimisers, least squares and a network side by side."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from host.cli.extras import TRAIN_MODULES, require_extra
from host.cli.logs import joined_of, make_folder
from host.cli.options import JsonOption
from host.cli.progress import progress
from host.cli.train import EpochsOption, SeedOption, TapsOption
from host.output import write_whole


def predictors(
    log: Annotated[Path, typer.Argument(help="A log (CSV, with a .toml beside it).", metavar="LOG")],
    taps: TapsOption = 4,
    epochs: EpochsOption = 40,
    seed: SeedOption = 0,
    out: Annotated[
        Path | None,
        typer.Option(help="Write predictors.json, .md and .png into this folder, too.", metavar="FOLDER"),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Train predictors with every optimiser, and compare them with least squares and a network."""
    joined = joined_of([log])
    require_extra("train", TRAIN_MODULES, "gradient descent")
    # Here, for they import JAX and matplotlib.
    from host.bench.predictors import compare
    from host.bench.predictors_report import draw, markdown, show

    if out is not None:
        make_folder(out)
    with progress() as told:
        comparison = compare(joined, taps, epochs, seed, told)
    document = json.dumps(comparison.to_json())
    if as_json:
        print(document)
    else:
        show(comparison, Console(highlight=False))
    if out is not None:
        draw(comparison, out / "predictors.png")
        write_whole(out / "predictors.md", markdown(comparison))
        write_whole(out / "predictors.json", document + "\n")
