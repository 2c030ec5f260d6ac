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
from protocol.contract import Contract

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
    emulator: Annotated[_EmulatorName, typer.Option(help="What runs the board.")] = _EmulatorName.QEMU,
    as_json: JsonOption = False,
) -> None:
    """Run the car's firmware on an emulated board, until Ctrl-C."""
    if emulator is _EmulatorName.RENODE and store is not None:
        raise UserError("--store is for QEMU only; leave it out")
    spoken = contract_of(contract)
    with tempfile.TemporaryDirectory(prefix="patrol-") as scratch, signals_as_ctrl_c():
        application = build_application(Path(scratch) / "application.hex", spoken)
        with _board(emulator, application, link_port, repl_port, sensors_port, store) as car:
            try:
                print(_json(car, spoken) if as_json else _text(car, spoken), flush=True)
                car.wait()
            except KeyboardInterrupt:
                return
            raise EmulatorError("the emulator ended by itself; start it again")


def _board(
    name: _EmulatorName, application: Path, link: int, repl: int, sensors: int, store: Path | None
) -> EmulatedBoard:
    if name is _EmulatorName.RENODE:
        return RenodeEmulator(application, link_port=link, repl_port=repl, sensors_port=sensors)
    # In step with the clock on the wall: somebody watches.
    return Emulator(
        application, link_port=link, repl_port=repl, sensors_port=sensors, align=True, store=store
    )


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
