"""`host patrol`: the emulated car drives a route in a simulated world."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from host.cli.errors import UserError
from host.cli.extras import require_extra
from host.cli.options import JsonOption
from host.cli.progress import progress
from host.cli.recordings import RecordOption, recorder_if
from host.link import NOBODY
from protocol.contract import load_contract

_MapArgument = Annotated[Path, typer.Argument(help="Map of the world (TOML).", metavar="MAP")]
_RouteArgument = Annotated[
    Path | None, typer.Argument(help="Route (TOML); else a lap along the map's tape.", metavar="ROUTE")
]
_FaultOption = Annotated[
    list[str] | None,
    typer.Option("--fault", help="Something breaks, as encoder_left@3.5 (seconds).", metavar="KIND@S"),
]


def patrol(
    map_file: _MapArgument,
    route_file: _RouteArgument = None,
    seed: Annotated[int, typer.Option(help="Behind all that is random.")] = 1,
    fault: _FaultOption = None,
    limit: Annotated[float, typer.Option(min=1, help="Give up after so many virtual seconds.")] = 300.0,
    out: Annotated[Path | None, typer.Option(help="PNG of the track.", metavar="FILE")] = None,
    record: RecordOption = None,
    as_json: JsonOption = False,
) -> None:
    """Have the emulated car drive a route in a simulated world, and tell how it went."""
    require_extra("world", ("pymunk", "matplotlib"), "host patrol")
    from host.simulation.patrol import Patrol
    from host.world import Fault, FaultError, MapError, RouteError, load_map, load_route
    from host.world.picture import save_picture

    try:
        map = load_map(map_file)
        route = load_route(route_file) if route_file else None
        faults = [Fault.parse(text) for text in fault or []]
    except (MapError, RouteError, FaultError) as error:
        raise UserError(str(error)) from None
    with recorder_if(record, load_contract(), epoch_ns=0) as recorder, progress() as told:
        run = Patrol(map, route, seed, faults, recorder or NOBODY)
        result = run.run(limit, lambda done, total: told("virtual seconds", int(done), int(total)))
    picture = out or Path("build") / f"patrol-{map_file.stem}-{seed}.png"
    what = "completed" if result.completed else result.fault or "not completed"
    picture.parent.mkdir(parents=True, exist_ok=True)
    save_picture(run.world, picture, f"{map_file.stem}, seed {seed}: {what}")
    if as_json:
        print(json.dumps({**result.record(), "picture": str(picture)}))
    else:
        print(
            f"patrol: {what}; {result.collisions} collisions, {result.cross_track_rms_mm:g} mm rms beside "
            f"the line, {result.virtual_seconds:g} s in {result.wall_seconds:g} s; {picture}"
        )
    if not result.completed:
        raise typer.Exit(1)
