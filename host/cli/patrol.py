"""`host patrol`: the emulated car drives a route in a simulated world."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from host.cli.errors import UserError
from host.cli.options import JsonOption
from host.cli.progress import progress
from host.cli.recordings import RecordOption, recorder_if
from host.cli.signals import signals_as_ctrl_c
from host.cli.worlds import (
    FaultOption,
    SeedOption,
    draw,
    faults_of,
    map_of,
    picture_path,
    require_world,
    route_of,
)
from host.link import NOBODY
from protocol.contract import load_contract

if TYPE_CHECKING:
    from host.simulation.patrol import PatrolResult
    from host.simulation.seeds import SeedRun, SeedRuns
    from host.world import Fault, Map, Route

_MapArgument = Annotated[Path, typer.Argument(help="Map of the world (TOML).", metavar="MAP")]
_RouteArgument = Annotated[
    Path | None, typer.Argument(help="Route (TOML); else a lap along the map's tape.", metavar="ROUTE")
]
_SeedsOption = Annotated[
    int | None,
    typer.Option(min=1, help="Drive it so many times, with the seeds from --seed on.", metavar="COUNT"),
]
_JobsOption = Annotated[
    int | None, typer.Option(min=1, help="How many of them at a time; one for each processor by default.")
]
_OutOption = Annotated[
    Path | None, typer.Option(help="PNG of the track; with --seeds the folder of them.", metavar="FILE")
]


def patrol(
    map_file: _MapArgument,
    route_file: _RouteArgument = None,
    seed: SeedOption = 1,
    seeds: _SeedsOption = None,
    jobs: _JobsOption = None,
    fault: FaultOption = None,
    limit: Annotated[float, typer.Option(min=1, help="Give up after so many virtual seconds.")] = 300.0,
    out: _OutOption = None,
    record: RecordOption = None,
    as_json: JsonOption = False,
) -> None:
    """Have the emulated car drive a route in a simulated world, and tell how it went."""
    require_world("host patrol")
    map, route, faults = map_of(map_file), route_of(route_file), faults_of(fault)
    _check(map, route)
    if seeds is not None:
        from host.simulation.seeds import SeedRuns

        if record is not None:
            raise UserError("--record is for one run; leave --seeds out")
        runs = SeedRuns(map, route, tuple(faults), limit, _folder(out or Path("build")))
        done = _run_seeds(runs, range(seed, seed + seeds), jobs, as_json)
        is_good = all(run.result.completed and not run.result.collisions for run in done)
    elif jobs is not None:
        raise UserError("--jobs is for many seeds; give --seeds 20, too")
    else:
        picture = picture_path(out or Path("build") / f"patrol-{map_file.stem}-{seed}.png")
        result = _run_one(map, route, faults, seed, limit, picture, record, as_json)
        is_good = result.completed and not result.collisions
    if not is_good:
        raise typer.Exit(1)


def _check(map: Map, route: Route | None) -> None:
    """Whether there is something to drive, on this map."""
    from host.world.route_file import RouteError, require_room

    if route is None:
        if map.tape is None:
            raise UserError(f"{map.name}: has no tape to follow; name a route, too")
        return
    try:
        require_room(route, map)
    except RouteError as error:
        raise UserError(str(error)) from None


def _folder(path: Path) -> Path:
    """A folder for pictures, made if need be."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"{path}: no folder for pictures ({error.strerror}); name another --out") from None
    return path


def _run_one(
    map: Map, route: Route | None, faults: list[Fault], seed: int, limit: float, picture: Path,
    record: Path | None, as_json: bool,
) -> PatrolResult:
    from host.simulation.patrol import Patrol

    with recorder_if(record, load_contract(), epoch_ns=0) as recorder, progress() as told:
        run = Patrol(map, route, seed, faults, observer=recorder or NOBODY)
        result = run.run(limit, lambda done, total: told("virtual seconds", int(done), int(total)))
    draw(run.world, picture, f"{map.name}, seed {seed}: {result.outcome}", route)
    if as_json:
        print(json.dumps({**result.record(), "picture": str(picture)}))
    else:
        print(
            f"patrol: {result.outcome}; {result.collisions} collisions, {result.cross_track_rms_mm:g} mm rms "
            f"beside the line, {result.virtual_seconds:g} s in {result.wall_seconds:g} s; {picture}"
        )
    return result


def _run_seeds(runs: SeedRuns, seeds: range, jobs: int | None, as_json: bool) -> list[SeedRun]:
    done: list[SeedRun] = []
    with signals_as_ctrl_c(), progress() as told:
        told("seeds", 0, len(seeds))
        for run in runs.run(seeds, jobs):
            done.append(run)
            told("seeds", len(done), len(seeds))
    done.sort(key=lambda run: run.result.seed)
    if as_json:
        for run in done:
            print(json.dumps(run.record()))
    else:
        _print_table(done, runs.pictures)
    return done


def _print_table(runs: list[SeedRun], pictures: Path) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("seed", "outcome", "collisions", "with", "rms beside the line, mm", "virtual s", "wall s")
    for run in runs:
        result = run.result
        things = ", ".join(dict.fromkeys(contact.thing for contact in run.contacts))
        figures = (result.cross_track_rms_mm, result.virtual_seconds, result.wall_seconds)
        words = (str(result.seed), result.outcome, str(result.collisions), things)
        table.add_row(*words, *(f"{each:.1f}" for each in figures))
    Console().print(table)
    completed = sum(run.result.completed for run in runs)
    collisions = sum(run.result.collisions for run in runs)
    print(f"patrol: {completed} of {len(runs)} completed, {collisions} collisions; pictures in {pictures}")
