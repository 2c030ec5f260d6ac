"""`host emulate`: the car, or a bare chip, without hardware, until Ctrl-C."""

from __future__ import annotations

import enum
import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from host.cli.emulate_bootloader import (
    BootloaderOption,
    ChipOption,
    FlipRateOption,
    NackRateOption,
    Simulated,
    check_given,
    chip_of,
    emulate_bootloader,
)
from host.cli.errors import UserError
from host.cli.options import ContractOption, JsonOption, contract_of
from host.cli.signals import signals_as_ctrl_c
from host.cli.worlds import FaultOption, SeedOption, draw, faults_of, map_of, picture_path, require_world
from host.emulate import EmulatedBoard, Emulator, EmulatorError, RenodeEmulator, build_application
from host.running import RunningBoard, announced

if TYPE_CHECKING:
    from host.world.world import World
    from protocol.contract import Contract

_TcpPort = Annotated[int, typer.Option(min=0, max=65535, help="TCP port; 0 is a free one.")]


class _EmulatorName(enum.StrEnum):
    QEMU = "qemu"
    RENODE = "renode"


class _Ports(NamedTuple):
    link: int
    repl: int
    sensors: int


def emulate(
    context: typer.Context,
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
    bare: Annotated[
        bool, typer.Option("--bare", help="Without an application: `host deploy` brings one.")
    ] = False,
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
    bootloader: BootloaderOption = False,
    chip: ChipOption = None,
    nack_rate: NackRateOption = 0.0,
    flip_rate: FlipRateOption = 0.0,
    as_json: JsonOption = False,
) -> None:
    """Run the car's firmware on an emulated board, until Ctrl-C; or a bare chip's bootloader."""
    check_given(context, bootloader)
    if bootloader:
        simulated = Simulated(chip_of(chip), nack_rate, flip_rate, seed)
        emulate_bootloader(simulated, as_json)
        return
    _check(emulator, store, bare, world, fault, picture)
    around = _world(world, seed, fault) if world else None
    spoken = None if bare else contract_of(contract)
    with tempfile.TemporaryDirectory(prefix="patrol-") as scratch, signals_as_ctrl_c():
        application = build_application(Path(scratch) / "application.hex", spoken) if spoken else None
        ports = _Ports(link_port, repl_port, sensors_port)
        if around is not None and application is not None and spoken is not None:
            car = _live_car(around, application, spoken, ports, store)
        else:
            car = _board(emulator, application, ports, store)
        try:
            _run(car, emulator, spoken, as_json)
        finally:
            if around is not None and picture is not None:
                draw(around, picture, f"{around.map.name}, seed {seed}: {around.collisions} collisions")


def _check(
    emulator: _EmulatorName,
    store: Path | None,
    bare: bool,
    world: Path | None,
    fault: list[str] | None,
    picture: Path | None,
) -> None:
    """Raises UserError where two options do not go together."""
    if emulator is _EmulatorName.RENODE:
        for name, is_given in (("store", store is not None), ("bare", bare), ("world", world is not None)):
            if is_given:
                raise UserError(f"--{name} is for QEMU only; leave it out")
    if bare and world is not None:
        raise UserError("--bare has no car that could drive in a world; leave --world or --bare out")
    if world is None and (fault or picture is not None):
        named = "fault" if fault else "picture"
        raise UserError(f"--{named} needs a world; give --world maps/yard.toml, too")
    if picture is not None:
        picture_path(picture)


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


def _board(
    name: _EmulatorName, application: Path | None, ports: _Ports, store: Path | None
) -> EmulatedBoard:
    link, repl, sensors = ports
    if name is _EmulatorName.RENODE and application is not None:
        return RenodeEmulator(application, link_port=link, repl_port=repl, sensors_port=sensors)
    # In step with the clock on the wall: somebody watches.
    return Emulator(
        application, link_port=link, repl_port=repl, sensors_port=sensors, align=True, store=store
    )


def _run(car: EmulatedBoard, name: _EmulatorName, contract: Contract | None, as_json: bool) -> None:
    with car:
        board = RunningBoard(
            car.link_url, car.repl_url, car.sensors_url, name.value,
            contract.schema.name if contract else "", contract.hash if contract else 0,
        )
        try:
            with announced(board):
                print(_json(board) if as_json else _text(board), flush=True)
                car.wait()
        except KeyboardInterrupt:
            return
        raise EmulatorError("the emulator ended by itself; start it again")


def _json(board: RunningBoard) -> str:
    named = {"name": board.contract_name, "hash": f"{board.contract_hash:08x}"}
    urls = {"link": board.link, "repl": board.repl, "sensors": board.sensors}
    return json.dumps({**urls, "contract": named if board.contract_name else None})


def _text(board: RunningBoard) -> str:
    if board.contract_name:
        state = f"The emulated car is up, under contract {board.contract_name} ({board.contract_hash:08x})."
        following = f"host send --port {board.link} ping"
    else:
        state = "The emulated board is up; what it runs is what is in its file system."
        following = f"host deploy --port {board.link} --repl {board.repl}"
    return (
        f"{state}\n"
        f"  link     {board.link}\n"
        f"  REPL     {board.repl}\n"
        f"  sensors  {board.sensors}\n"
        f"Each takes one program at a time. Next, in another terminal:\n"
        f"  {following}\n"
        "(`--port` may be left out while this is the only board.) Ctrl-C ends it."
    )
