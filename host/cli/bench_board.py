"""`host bench board`: what code costs on the emulated board."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from host.cli.errors import UserError
from host.cli.extras import require_extra
from host.cli.logs import make_folder
from host.cli.options import JsonOption
from host.cli.progress import progress


def board(
    only: Annotated[
        str | None,
        typer.Option(help="Some of sorting, decoders, checksums, control, with commas.", metavar="SECTIONS"),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Write board.json, .md and .png into this folder, too.", metavar="FOLDER"),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Instructions and heap of sorts, decoders, checksums and the control step on the emulated board.

    Every result is checked. Nothing is timed: the figures are the same on every machine.
    """
    from host.bench.board.report import show, to_json, write
    from host.bench.board.run import measure

    sections = _sections(only)
    if out is not None:
        require_extra("bench", ("matplotlib",), "bench board --out")
        make_folder(out)
    with progress() as told:
        findings = measure(sections, told)
    if as_json:
        print(json.dumps(to_json(findings)))
    else:
        show(findings, Console(highlight=False))
    if out is not None:
        try:
            write(findings, out)
        except OSError as error:
            raise UserError(f"{error.filename}: cannot be written ({error.strerror})") from None
    if findings.broken:
        raise typer.Exit(1)


def _sections(only: str | None) -> list[str]:
    from host.bench.board.run import SECTIONS

    if only is None:
        return list(SECTIONS)
    wanted = [name.strip() for name in only.split(",")]
    for name in wanted:
        if name not in SECTIONS:
            raise UserError(f"{name!r}: no such section; there are {', '.join(SECTIONS)}")
    return list(dict.fromkeys(wanted))
