"""`host emulate`: the car without hardware, until Ctrl-C."""

from __future__ import annotations

import enum
import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from host.cli.errors import UserError
from host.cli.options import ContractOption, JsonOption, contract_of
from host.cli.signals import signals_as_ctrl_c
from host.cli.worlds import FaultOption, SeedOption, draw, faults_of, map_of, require_world
from host.emulate import EmulatedBoard, Emulator, EmulatorError, RenodeEmulator, build_application
from protocol.contract import Contract

if TYPE_CHECKING:
    from host.world.world import World

_TcpPort = Annotated[int, typer.Option(min=0, max=65535, help="TCP port; 0 is a free one.")]


class _EmulatorName(enum.StrEnum):
    QEMU = "qemu"
    RENODE = "renode"


class _Ports(NamedTuple):
    link: int
    repl: int
    sensors: int


def emulate(
    link_port: _TcpPort = 0,
    repl_port: _TcpPort = 0,
    sensors_port: _TcpPort = 0,
    contract: ContractOption = None,
    store: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Keep the board's file system in this file, made if it is not there; updates need one.",
        ),
    ] = None,
    world: Annotated[
        Path | None,
        typer.Option(metavar="MAP", help="Have the car drive in this map (TOML); without, nothing moves."),
    ] = None,
    seed: SeedOption = 1,
    fault: FaultOption = None,
    picture: Annotated[
        Path | None, typer.Option(metavar="FILE", help="At the end, PNG of the track over the map.")
    ] = None,
    emulator: Annotated[_EmulatorName, typer.Option(help="What runs the board.")] = _EmulatorName.QEMU,
    as_json: JsonOption = False,
) -> None:
    """Run the car's firmware on an emulated board, until Ctrl-C."""
    _check(emulator, store, world, fault, picture)
    around = _world(world, seed, fault) if world else None
    spoken = contract_of(contract)
    with tempfile.TemporaryDirectory(prefix="patrol-") as scratch, signals_as_ctrl_c():
        application = build_application(Path(scratch) / "application.hex", spoken)
        ports = _Ports(link_port, repl_port, sensors_port)
        if around is not None:
            car = _live_car(around, application, spoken, ports, store)
        else:
            car = _board(emulator, application, ports, store)
        try:
            _run(car, spoken, as_json)
        finally:
            if around is not None and picture is not None:
                draw(around, picture, f"{around.map.name}, seed {seed}: {around.collisions} collisions")


def _check(
    emulator: _EmulatorName,
    store: Path | None,
    world: Path | None,
    fault: list[str] | None,
    picture: Path | None,
) -> None:
    """Raises UserError where two options do not go together."""
    if emulator is _EmulatorName.RENODE and (store is not None or world is not None):
        raise UserError(f"--{'store' if store else 'world'} is for QEMU only; leave it out")
    if world is None and (fault or picture is not None):
        named = "fault" if fault else "picture"
        raise UserError(f"--{named} needs a world; give --world maps/yard.toml, too")


def _world(map_file: Path, seed: int, fault: list[str] | None) -> World:
    require_world("host emulate --world")
    from host.world.world import World

    return World(map_of(map_file), seed, faults_of(fault), fires_itself=False)


def _live_car(
    world: World, application: Path, contract: Contract, ports: _Ports, store: Path | None
) -> EmulatedBoard:
    from host.simulation.live import LiveCar

    board = Emulator(
        application, repl_port=ports.repl, sensors_port=ports.sensors, sleep=False, store=store, in_world=True
    )
    return LiveCar(board, world, contract, link_port=ports.link)


def _board(name: _EmulatorName, application: Path, ports: _Ports, store: Path | None) -> EmulatedBoard:
    link, repl, sensors = ports
    if name is _EmulatorName.RENODE:
        return RenodeEmulator(application, link_port=link, repl_port=repl, sensors_port=sensors)
    # In step with the clock on the wall: somebody watches.
    return Emulator(
        application, link_port=link, repl_port=repl, sensors_port=sensors, align=True, store=store
    )


def _run(board: EmulatedBoard, contract: Contract, as_json: bool) -> None:
    with board as car:
        try:
            print(_json(car, contract) if as_json else _text(car, contract), flush=True)
            car.wait()
        except KeyboardInterrupt:
            return
        raise EmulatorError("the emulator ended by itself; start it again")


def _json(car: EmulatedBoard, contract: Contract) -> str:
    named = {"name": contract.schema.name, "hash": f"{contract.hash:08x}"}
    urls = {"link": car.link_url, "repl": car.repl_url, "sensors": car.sensors_url}
    return json.dumps({**urls, "contract": named})


def _text(car: EmulatedBoard, contract: Contract) -> str:
    return (
        f"The emulated car is up, under contract {contract.schema.name} ({contract.hash:08x}).\n"
        f"  link     {car.link_url}\n"
        f"  REPL     {car.repl_url}\n"
        f"  sensors  {car.sensors_url}\n"
        f"Each takes one program at a time. Next, in another terminal:\n"
        f"  host send --port {car.link_url} ping\n"
        "Ctrl-C ends it."
    )
