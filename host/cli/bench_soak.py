"""`host bench soak`: a long patrol, and how the board bears it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from host.cli.errors import UserError
from host.cli.extras import require_extra
from host.cli.logs import make_folder
from host.cli.options import JsonOption
from host.cli.progress import progress
from host.output import write_whole


def soak(
    map_file: Annotated[Path, typer.Argument(help="Map of the world (TOML).", metavar="MAP")],
    route_file: Annotated[Path, typer.Argument(help="Route (TOML), driven over and over.", metavar="ROUTE")],
    minutes: Annotated[float, typer.Option(min=0.1, max=1440, help="Of virtual time.")] = 60.0,
    seed: Annotated[int, typer.Option(help="Behind all that is random.")] = 1,
    out: Annotated[
        Path | None, typer.Option(help="Write soak.json into this folder, too.", metavar="FOLDER")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Patrol for an hour: jitter of the control, CPU load, loop time and free heap, from telemetry."""
    require_extra("world", ("pymunk", "matplotlib"), "host bench soak")
    from host.bench.soak import SoakBench
    from host.world import MapError, RouteError, load_map, load_route

    try:
        bench = SoakBench(load_map(map_file), load_route(route_file), seed)
    except (MapError, RouteError) as error:
        raise UserError(str(error)) from None
    if out is not None:
        make_folder(out)
    with progress() as told:
        found = bench.run(60 * minutes, lambda done, of: told("virtual seconds", int(done), int(of)))
    text = json.dumps(found.record(), indent=1)
    if out is not None:
        write_whole(out / "soak.json", text + "\n")
    if as_json:
        print(json.dumps(found.record()))
    else:
        print(
            f"{found.virtual_seconds:g} s in {found.wall_seconds:g} s, {found.laps} laps, {found.rows} rows; "
            f"jitter p99 {found.jitter_us.p99:g} us, most {found.jitter_us.most:g} us; "
            f"CPU load {found.cpu_load_percent.mean:g} %; "
            f"free heap {found.heap_free_first:,} B at first, {found.heap_free_last:,} B at last"
        )
    if found.fault or found.heap_free_last != found.heap_free_first:
        raise typer.Exit(1)
