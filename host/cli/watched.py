"""What `host monitor` and `host web` have in common: the car that is watched, its map and its route."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from host.cli.errors import UserError
from host.cli.recordings import recorder_if
from host.link import Link, Observer, Observers, open_port
from host.link.keys import KeyStore

if TYPE_CHECKING:
    from host.monitor.monitored_car import MonitoredCar
    from host.world import Map, Route
    from protocol.contract import Contract

MapOption = Annotated[
    Path | None, typer.Option("--map", metavar="FILE", help="Floor plan (TOML) to draw the car on.")
]
RouteOption = Annotated[
    Path | None, typer.Option("--route", metavar="FILE", help="Route (TOML) that a patrol is to drive.")
]
RateOption = Annotated[
    int | None, typer.Option("--rate", min=1, max=1000, help="Telemetry rows a second to ask for.")
]


def floor_of(path: Path | None) -> Map | None:
    """The map in the file that was named."""
    from host.world import MapError, load_map

    try:
        return load_map(path) if path else None
    except MapError as error:
        raise UserError(str(error)) from None


def route_of(path: Path | None) -> Route | None:
    """The route in the file that was named."""
    from host.world import RouteError, load_route

    try:
        return load_route(path) if path else None
    except RouteError as error:
        raise UserError(str(error)) from None


@contextmanager
def monitored_car(
    url: str, contract: Contract, baud: int, rate: int | None, record: Path | None
) -> Iterator[MonitoredCar]:
    """The car at a port, which may come later; recorded, if a file is named."""
    from host.monitor.monitored_car import MonitoredCar

    key_of = KeyStore().key_of
    with recorder_if(record, contract) as recorder:

        def opened(observer: Observer) -> Link:
            told = observer if recorder is None else Observers(recorder, observer)
            return Link(open_port(url, baud), contract, key_of=key_of, observer=told)

        def marked(text: str) -> None:
            if recorder is not None:
                recorder.event("mark", text, time.monotonic())

        with MonitoredCar(opened, contract, rate_hz=rate, on_mark=marked) as car:
            yield car
