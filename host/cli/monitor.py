"""`host monitor`: the car's telemetry as it comes, on a full screen or as lines."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from host.cli.errors import UserError
from host.cli.extras import require_extra
from host.cli.options import BaudOption, ContractOption, JsonOption, PortOption, contract_of, watched_port_of
from host.cli.recordings import RecordOption
from host.cli.watched import MapOption, RateOption, RouteOption, floor_of, monitored_car, route_of
from host.link import connect
from host.link.keys import KeyStore
from host.link.port import DEFAULT_BAUD
from host.monitor.plain import json_line, physical_rows, text_line

if TYPE_CHECKING:
    from host.monitor.monitored_car import MonitoredCar
    from host.world import Map, Route
    from protocol.contract import Contract

_PICTURE_SIZE = (120, 38)


def monitor(
    port: PortOption = None,
    count: Annotated[int | None, typer.Option(min=1, help="Lines: stop after so many rows.")] = None,
    plain: Annotated[
        bool, typer.Option("--plain", help="Lines of text, as without a terminal, instead of a full screen.")
    ] = False,
    map_file: MapOption = None,
    route_file: RouteOption = None,
    rate: RateOption = None,
    record: RecordOption = None,
    picture: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="SVG of the full screen as it is after --after seconds; then end."),
    ] = None,
    after: Annotated[float, typer.Option(min=0.5, help="Seconds before the picture.")] = 5.0,
    contract: ContractOption = None,
    baud: BaudOption = DEFAULT_BAUD,
    as_json: JsonOption = False,
) -> None:
    """Show the car: a full screen on a terminal, with keys to drive; else a line a row, until Ctrl-C."""
    url, spoken = watched_port_of(port), contract_of(contract)
    # Textual draws on stderr.
    is_terminal = all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr))
    if picture is None and (plain or as_json or count is not None or not is_terminal):
        _refuse_for_lines(map=map_file, route=route_file, record=record)
        _print_lines(url, spoken, baud, rate, count, as_json)
        return
    require_extra("monitor", ("textual",), "host monitor (without --plain)")
    drawn = _Drawn(floor_of(map_file), route_of(route_file), picture, after)
    with monitored_car(url, spoken, baud, rate, record) as car:
        _run_screen(car, spoken, drawn)


class _Drawn(NamedTuple):
    """What the full screen has besides the car."""

    floor: Map | None
    route: Route | None
    picture: Path | None
    after_s: float


def _refuse_for_lines(**files: Path | None) -> None:
    for name, path in files.items():
        if path is not None:
            raise UserError(f"--{name} is for the full screen; leave it out, or run on a terminal")


def _print_lines(
    url: str, contract: Contract, baud: int, rate: int | None, count: int | None, as_json: bool
) -> None:
    with connect(url, contract, baud=baud, key_of=KeyStore().key_of) as link:
        if rate is not None:
            link.send("rate", {"hz": rate})
        for row in physical_rows(link, count):
            print(json_line(row) if as_json else text_line(row, contract.schema), flush=True)


def _run_screen(car: MonitoredCar, contract: Contract, drawn: _Drawn) -> None:
    from host.monitor.floor import floor_plan
    from host.monitor.tui.app import MonitorApp

    plan = floor_plan(drawn.floor, drawn.route) if drawn.floor else None
    app = MonitorApp(
        car, contract.schema, plan, drawn.route, picture=drawn.picture, picture_after_s=drawn.after_s
    )
    if drawn.picture is None:
        app.run()
    else:
        app.run(headless=True, size=_PICTURE_SIZE)
        print(f"{drawn.picture}: the monitor after {drawn.after_s:g} s")
