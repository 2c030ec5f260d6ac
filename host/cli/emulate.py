"""`host emulate`: the car without hardware, until Ctrl-C."""

from __future__ import annotations

import enum
import json
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from host.cli.errors import UserError
from host.cli.options import ContractOption, JsonOption, contract_of
from host.cli.signals import signals_as_ctrl_c
from host.emulate import EmulatedBoard, Emulator, EmulatorError, RenodeEmulator, build_application
from host.running import RunningBoard, announced

_TcpPort = Annotated[int, typer.Option(min=0, max=65535, help="TCP port; 0 is a free one.")]


class _EmulatorName(enum.StrEnum):
    QEMU = "qemu"
    RENODE = "renode"


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
    bare: Annotated[
        bool, typer.Option("--bare", help="Without an application: `host deploy` brings one.")
    ] = False,
    emulator: Annotated[_EmulatorName, typer.Option(help="What runs the board.")] = _EmulatorName.QEMU,
    as_json: JsonOption = False,
) -> None:
    """Run the car's firmware on an emulated board, until Ctrl-C."""
    if emulator is _EmulatorName.RENODE and (store is not None or bare):
        option = "--bare" if bare else "--store"
        raise UserError(f"{option} is for QEMU only; leave it out")
    spoken = None if bare else contract_of(contract)
    with tempfile.TemporaryDirectory(prefix="patrol-") as scratch, signals_as_ctrl_c():
        application = build_application(Path(scratch) / "application.hex", spoken) if spoken else None
        with _board(emulator, application, link_port, repl_port, sensors_port, store) as car:
            board = RunningBoard(
                car.link_url, car.repl_url, car.sensors_url, emulator.value,
                spoken.schema.name if spoken else "", spoken.hash if spoken else 0,
            )
            try:
                with announced(board):
                    print(_json(board) if as_json else _text(board), flush=True)
                    car.wait()
            except KeyboardInterrupt:
                return
            raise EmulatorError("the emulator ended by itself; start it again")


def _board(
    name: _EmulatorName, application: Path | None, link: int, repl: int, sensors: int, store: Path | None
) -> EmulatedBoard:
    if name is _EmulatorName.RENODE and application is not None:
        return RenodeEmulator(application, link_port=link, repl_port=repl, sensors_port=sensors)
    # In step with the clock on the wall: somebody watches.
    return Emulator(
        application, link_port=link, repl_port=repl, sensors_port=sensors, align=True, store=store
    )


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
