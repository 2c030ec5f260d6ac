"""`host monitor`: the car's telemetry as it comes, on a full screen or as lines."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from host.cli.errors import UserError
from host.cli.extras import require_extra
from host.cli.options import BaudOption, ContractOption, JsonOption, PortOption, contract_of, port_of
from host.cli.watched import MapOption, RateOption, RouteOption, floor_of, monitored_car, route_of
from host.link import connect
from host.link.keys import KeyStore
from host.link.port import DEFAULT_BAUD
from host.monitor.plain import json_line, physical_rows, text_line

if TYPE_CHECKING:
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
    # Textual draws on stderr.
    is_terminal = all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr))
    if picture is None and (plain or as_json or count is not None or not is_terminal):
        _refuse_for_lines(map_file, route_file)
        _print_lines(port_of(port), contract_of(contract), baud, rate, count, as_json)
    else:
        _run_screen(port_of(port), contract_of(contract), baud, rate, map_file, route_file, picture, after)


def _refuse_for_lines(map_file: Path | None, route_file: Path | None) -> None:
    if map_file is not None or route_file is not None:
        named = "map" if map_file is not None else "route"
        raise UserError(f"--{named} is for the full screen; leave it out, or run on a terminal")


def _print_lines(
    url: str, contract: Contract, baud: int, rate: int | None, count: int | None, as_json: bool
) -> None:
    with connect(url, contract, baud=baud, key_of=KeyStore().key_of) as link:
        if rate is not None:
            link.send("rate", {"hz": rate})
        for row in physical_rows(link, count):
            print(json_line(row) if as_json else text_line(row, contract.schema), flush=True)


def _run_screen(
    url: str,
    contract: Contract,
    baud: int,
    rate: int | None,
    map_file: Path | None,
    route_file: Path | None,
    picture: Path | None,
    after_s: float,
) -> None:
    require_extra("monitor", ("textual",), "host monitor (without --plain)")
    from host.monitor.floor import floor_plan
    from host.monitor.tui.app import MonitorApp

    floor = floor_of(map_file)
    route = route_of(route_file)
    plan = floor_plan(floor, route) if floor else None
    with monitored_car(url, contract, baud, rate) as car:
        app = MonitorApp(car, contract.schema, plan, route, picture=picture, picture_after_s=after_s)
        if picture is not None:
            app.run(headless=True, size=_PICTURE_SIZE)
            print(f"{picture}: the monitor after {after_s:g} s")
        else:
            app.run()
