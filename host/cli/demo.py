"""`host demo`: the main job, visibly, on the emulated board."""

from __future__ import annotations

import json
import os
import re
from io import StringIO
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from host.cli.errors import UserError
from host.cli.progress import progress
from host.cli.signals import signals_as_ctrl_c
from host.demo.plan import plan_demo
from host.demo.report import DemoReport, show
from host.demo.run import run_demo
from host.logs import LogError
from host.output import write_whole
from protocol.limits import MAX_ROWS

_PICTURE_COLUMNS = 96


def demo(
    log: Annotated[
        Path | None,
        typer.Option(help="Feed this log (CSV, with its schema in a .toml beside it).", metavar="FILE"),
    ] = None,
    frames: Annotated[int, typer.Option(min=1, max=50_000, help="Telemetry frames to send.")] = 500,
    rows_per_frame: Annotated[
        int | None,
        typer.Option(min=1, max=MAX_ROWS, help="Rows in a frame; 4, or fewer where the log is short."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the made-up drive that stands in for a log.")] = 1,
    picture: Annotated[
        Path | None, typer.Option(help="Save the report as an SVG picture, too.", metavar="FILE")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Feed a log to the emulated car, drive it meanwhile, and check every value that comes back."""
    if picture is not None and not os.access(picture.parent, os.W_OK):
        raise UserError(f"{picture}: its folder is not there or not writable; name another one")
    try:
        plan = plan_demo(log, frames, rows_per_frame, seed)
    except LogError as error:
        raise UserError(str(error)) from None
    with progress() as told, signals_as_ctrl_c():
        report = run_demo(plan, told)
    if as_json:
        print(json.dumps(report.to_json(), indent=1))
    else:
        show(report, Console(highlight=False))
    if picture is not None:
        _save_picture(report, picture)
    if report.problems():
        raise typer.Exit(1)


def _save_picture(report: DemoReport, path: Path) -> None:
    console = Console(record=True, width=_PICTURE_COLUMNS, file=StringIO(), highlight=False)
    show(report, console)
    svg = console.export_svg(title="make demo")
    # Without its fonts from the web: a picture loads nothing from elsewhere.
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    write_whole(path, svg)
