"""`host record`: what passes over the link, into a file."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from host.cli.options import BaudOption, ContractOption, JsonOption, PortOption, contract_of, port_of
from host.cli.progress import progress
from host.cli.recordings import recorder_for, require_recording
from host.cli.signals import signals_as_event
from host.cli.worlds import route_of
from host.link import DEFAULT_BAUD, connect
from host.link.keys import KeyStore

if TYPE_CHECKING:
    from host.recording import Recorder
    from host.recording.driven import DrivenRoute
    from host.recording.watch import Watch

_OutArgument = Annotated[
    Path | None, typer.Argument(help="By default record-DATE-TIME.mcap, here.", metavar="OUT.mcap")
]


def record(
    out: _OutArgument = None,
    port: PortOption = None,
    duration: Annotated[float | None, typer.Option(min=0.1, help="Stop after so many seconds.")] = None,
    count: Annotated[int | None, typer.Option(min=1, help="Stop after so many rows, or a few more.")] = None,
    rate: Annotated[int | None, typer.Option(min=1, max=1000, help="Rows a second to ask for.")] = None,
    patrol: Annotated[
        Path | None,
        typer.Option(metavar="ROUTE", help="Route (TOML): have the car drive it, until it is done."),
    ] = None,
    note: Annotated[str | None, typer.Option(help="Written down at the beginning.", metavar="TEXT")] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that exists.")] = False,
    contract: ContractOption = None,
    baud: BaudOption = DEFAULT_BAUD,
    as_json: JsonOption = False,
) -> None:
    """Record all that passes over the link, until Ctrl-C, through reboots and pulled cables.

    The file can be opened at any moment, and a killed recorder loses less than a second of it. A car that
    drives a route stops by itself half a second after its recorder was killed.
    """
    require_recording("host record")
    from host.monitor import orders
    from host.recording.driven import DrivenRoute
    from host.recording.watch import Watch, Wish

    driven = DrivenRoute(orders.patrol(route_of(patrol)).commands) if patrol else None
    url, spoken = port_of(port), contract_of(contract)
    path = out or Path(time.strftime("record-%Y%m%d-%H%M%S.mcap"))
    with (
        recorder_for(path, spoken, force=force) as recorder, progress() as told, signals_as_event() as ends
    ):
        if note:
            recorder.note(note)
        watch = Watch(
            lambda: connect(url, spoken, baud=baud, key_of=KeyStore().key_of, observer=recorder),
            recorder, Wish(duration, count, rate), ends, _warn,
            lambda seconds, rows: told(*_progress(seconds, rows, duration, count)), driven,
        )
        try:
            watch.run()
        finally:
            if not watch.has_begun:
                recorder.discard()
    _tell(recorder, watch, driven, as_json)
    if driven is not None and driven.outcome not in ("", "completed"):
        raise typer.Exit(1)


def _progress(seconds: float, rows: int, duration: float | None, count: int | None) -> tuple[str, int, int]:
    if count is not None:
        return "rows", rows, count
    return f"{rows} rows; seconds", int(seconds), round(duration or 0)


def _warn(text: str) -> None:
    print(f"host: {text}", file=sys.stderr)


def _tell(recorder: Recorder, watch: Watch, driven: DrivenRoute | None, as_json: bool) -> None:
    size = recorder.path.stat().st_size
    route = (driven.outcome or "stopped") if driven is not None else None
    if as_json:
        print(json.dumps({
            "path": str(recorder.path), "rows": recorder.rows, "seconds": round(watch.seconds, 3),
            "bytes": size, "reconnects": watch.reconnects, "route": route,
        }))
    else:
        said = f"; route: {route}" if route is not None else ""
        print(f"{recorder.path}: {recorder.rows} rows in {watch.seconds:.1f} s, {size:,} bytes{said}")
