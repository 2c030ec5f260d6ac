"""`host bench flash`: the programmer beside stm32flash."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from host.cli.logs import make_folder
from host.cli.options import JsonOption
from host.cli.progress import progress
from host.output import write_whole


def flash(
    kib: Annotated[int, typer.Option(min=16, max=1024, help="Size of the image.")] = 64,
    baud: Annotated[int, typer.Option(min=9600, max=115_200, help="Of the line.")] = 115_200,
    out: Annotated[
        Path | None, typer.Option(help="Write flash.json into this folder, too.", metavar="FOLDER")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """How near to the line's limit images are written, beside stm32flash, on the simulated bootloader."""
    from host.bench.flash import measure

    if out is not None:
        make_folder(out)
    with progress() as told:
        found = measure(kib, baud, told)
    if out is not None:
        write_whole(out / "flash.json", json.dumps(found, indent=1) + "\n")
    if as_json:
        print(json.dumps(found))
        return
    for client in found["clients"]:
        print(
            f"{client['client']:<10}  {client['bytes_per_second']:8,.0f} B/s, {client['of_limit']:.1%} of "
            f"what the line carries, in {client['blocks']} blocks"
        )
