"""`host bench`: measurements beside other ways of doing the same."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from typer.core import TyperCommand

from host.cli.bench_board import board
from host.cli.bench_files import files
from host.cli.bench_flash import flash
from host.cli.bench_link import link
from host.cli.bench_predictors import predictors
from host.cli.bench_soak import soak
from host.cli.errors import UserError
from host.cli.extras import require_extra
from host.cli.logs import make_folder
from host.cli.options import JsonOption
from host.cli.progress import progress
from host.logs import LogError, load_log

if TYPE_CHECKING:
    from host.bench.telemetry import Result, Task

bench = typer.Typer(
    help="Measure codecs, the link and the board's code beside their peers.", no_args_is_help=True
)

_EXTRA = ("heatshrink2", "matplotlib", "zstandard")
"""Modules that come with `patrol-car[bench]`."""

_LOG_OPTIONS = ("--train", "--test")


class _LogLists(TyperCommand):
    """A command whose log options take several files each: `--test a.csv b.csv`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the command line once the option is repeated before each file."""
        return super().parse_args(ctx, repeat_options(args))


def repeat_options(words: Sequence[str]) -> list[str]:
    """The words with a log option before every file of its list, which is the form that typer reads."""
    repeated: list[str] = []
    option, filled = "", False
    for word in words:
        if word.startswith("--"):
            option, filled = word if word in _LOG_OPTIONS else "", False
        elif option:
            repeated += [option] if filled else []
            filled = True
        repeated.append(word)
    return repeated


@bench.callback()
def _bench() -> None:
    """Measure codecs, the link and the board's code beside their peers."""


bench.command("board")(board)
bench.command("link")(link)
bench.command("flash")(flash)
bench.command("predictors")(predictors)
bench.command("soak")(soak)
bench.command("files")(files)


@bench.command("telemetry", cls=_LogLists)
def telemetry(
    test: Annotated[
        list[Path],
        typer.Option(help="Logs to send (CSV, with the schema in a .toml beside it).", metavar="LOG..."),
    ],
    train: Annotated[
        list[Path] | None,
        typer.Option(help="Learn from these logs, not from each test log's first part.", metavar="LOG..."),
    ] = None,
    split: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Share of a test log to learn from, without --train.")
    ] = 0.7,
    out: Annotated[
        Path | None,
        typer.Option(help="Write telemetry.json, .md and .png into this folder, too.", metavar="FOLDER"),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Average bytes of a telemetry row: ours, other coders, and the entropy limit.

    Every coder's output is decoded again and compared.
    """
    require_extra("bench", _EXTRA, "bench telemetry")
    # Here, for what they import is in an extra.
    from host.bench.report import show, write_report

    if out is not None:
        make_folder(out)
    results = _measured(_tasks(test, train or [], split))
    if as_json:
        for result in results:
            print(json.dumps(result.to_json()))
    else:
        show(results, Console(highlight=False))
    if out is not None:
        write_report(results, out)
    if not all(result.decoded_ok for result in results):
        raise typer.Exit(1)


def _tasks(test: Sequence[Path], train: Sequence[Path], split: float) -> list[Task]:
    from host.bench.telemetry import split_task, trained_task

    try:
        logs = [load_log(path) for path in test]
        if not train:
            return [split_task(log, split) for log in logs]
        training = [load_log(path) for path in train]
        return [trained_task(training, log) for log in logs]
    except LogError as error:
        raise UserError(str(error)) from None
    except OSError as error:
        raise UserError(f"{error.filename}: cannot be read ({error.strerror})") from None


def _measured(tasks: Sequence[Task]) -> list[Result]:
    from host.bench.telemetry import run_task

    results: list[Result] = []
    with progress() as update:
        for task in tasks:
            results.append(run_task(
                task, lambda what, done, of: update(what, len(results) * of + done, len(tasks) * of)
            ))
    return results
