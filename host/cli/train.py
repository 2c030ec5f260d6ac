"""`host train`: a contract from recorded logs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from host.cli.errors import UserError
from host.cli.extras import TRAIN_MODULES, require_extra
from host.cli.logs import joined_of, make_folder
from host.cli.options import JsonOption
from host.cli.progress import progress
from host.output import write_whole
from host.train.gradient.optimizers import OPTIMIZERS
from host.train.predictors import LINEAR_TAPS
from host.train.report import TrainReport, report_on, show
from host.train.run import PREDICTORS, Fitted, Settings, fit
from protocol.device import contract_module
from protocol.predict import MAX_TAPS

LogsArgument = Annotated[
    list[Path],
    typer.Argument(help="Logs of one schema (CSV, each with a .toml beside it).", metavar="LOG..."),
]
EpochsOption = Annotated[int, typer.Option(min=1, max=10_000, help="Of gradient descent.")]
TapsOption = Annotated[int, typer.Option(min=1, max=MAX_TAPS, help="Most taps of a linear predictor.")]
SeedOption = Annotated[int, typer.Option(min=0, max=0xFFFF_FFFF, help="Of gradient descent.")]


def train(
    logs: LogsArgument,
    out: Annotated[
        Path, typer.Option(help="Where contract.json, contract.py and report.json go.", metavar="FOLDER")
    ],
    predictor: Annotated[
        str, typer.Option(help=f"What to choose from: {', '.join(PREDICTORS)}.", metavar="NAME")
    ] = "best",
    taps: TapsOption = LINEAR_TAPS,
    optimizer: Annotated[
        str | None,
        typer.Option(help=f"Try gradient descent, too: {', '.join(OPTIMIZERS)}.", metavar="NAME"),
    ] = None,
    epochs: EpochsOption = 40,
    seed: SeedOption = 0,
    as_json: JsonOption = False,
) -> None:
    """Learn a contract from logs: predictors and codebooks, and the board's tables of them."""
    try:
        settings = Settings(predictor, taps, optimizer, epochs, seed)
    except ValueError as error:
        raise UserError(str(error)) from None
    joined = joined_of(logs)
    if settings.descends:
        require_extra("train", TRAIN_MODULES, "gradient descent")
    make_folder(out)
    with progress() as told:
        fitted = fit(joined, settings, told)
    report = report_on(fitted)
    _write(fitted, report, out)
    if as_json:
        print(json.dumps(report.to_json()))
    else:
        show(report, Console(highlight=False))


def _write(fitted: Fitted, report: TrainReport, folder: Path) -> None:
    """The contract last: where it is, the rest is."""
    texts = {
        "contract.py": contract_module(fitted.contract),
        "report.json": json.dumps(report.to_json(), indent=1) + "\n",
        "contract.json": fitted.contract.to_json(),
    }
    try:
        if fitted.descent.trained is not None:
            # Here, for it imports matplotlib.
            from host.train.picture import save_loss_curve

            save_loss_curve(fitted.settings.trained_as, fitted.descent.trained, folder / "loss.png")
        for name, text in texts.items():
            write_whole(folder / name, text)
    except OSError as error:
        raise UserError(f"{folder}: cannot be written to ({error.strerror}); name another folder") from None
