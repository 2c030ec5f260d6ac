"""`host bench files`: the file compressor beside its peers."""

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

_MODULES = ("isal", "matplotlib", "numba", "zlib_ng", "zstandard")


def files(
    paths: Annotated[list[Path], typer.Argument(help="Files to compress.", metavar="PATH...")],
    out: Annotated[
        Path | None,
        typer.Option(help="Write files.json, .md and .png into this folder, too.", metavar="FOLDER"),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Speed and size of the compressor beside zlib, zlib-ng, isal and zstd, as ratios to zlib's Huffman."""
    require_extra("bench,files", _MODULES, "bench files")
    # Here, for what they import is in extras.
    from host.bench.files import measure
    from host.bench.files_report import document, show, write

    if out is not None:
        make_folder(out)
    try:
        with progress() as told:
            results = measure(paths, told)
    except OSError as error:
        raise UserError(f"{error.filename}: cannot be read ({error.strerror})") from None
    except ValueError as error:
        raise UserError(str(error)) from None
    report = document(results)
    if as_json:
        print(json.dumps(report))
    else:
        show(report, Console(highlight=False))
    if out is not None:
        write(report, out)
