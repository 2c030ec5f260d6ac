"""Options that several verbs share, and what their texts stand for."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from host.cli.errors import UserError

if TYPE_CHECKING:
    from host.devices import Device
    from protocol.contract import Contract

_PORT_HELP = "Serial device, socket://HOST:PORT, or id:SERIAL NUMBER; the only one there is by default."
_CONTRACT_HELP = "Contract that both ends speak: a file, or `car` (the default) or `drive`."

PortOption = Annotated[
    str | None, typer.Option("--port", envvar="PATROL_PORT", help=_PORT_HELP, metavar="PORT")
]
ReplOption = Annotated[
    str | None,
    typer.Option(
        "--repl", envvar="PATROL_REPL", metavar="PORT",
        help="MicroPython's console, as --port; by default the emulated board's own, or the only one.",
    ),
]
BaudOption = Annotated[int, typer.Option("--baud", min=1, help="Of a serial device.")]
ContractOption = Annotated[Path | None, typer.Option("--contract", help=_CONTRACT_HELP, metavar="FILE")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, one object a line.")]


def contract_of(path: Path | None) -> Contract:
    """The contract in the file that was named, else the car's own."""
    # Here, so that verbs that speak to no car do not load it.
    from protocol.coding import ContractError
    from protocol.contract import load_contract

    try:
        return load_contract() if path is None else load_contract(_contract_file(path))
    except ContractError as error:
        raise UserError(str(error)) from None
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror})") from None


def _contract_file(path: Path) -> Path:
    """The file that was named, or the project's contract of that name."""
    from protocol.contract import CONTRACTS

    ours = CONTRACTS / f"{path}.json"
    return ours if not path.exists() and str(path) == path.stem and ours.is_file() else path


def port_of(port: str | None) -> str:
    """The link's port: the one that was named, the one of `id:SERIAL`, or the only one there is."""
    from host.devices import link_of

    return _port(port, link_of, "link to a car", "--port or PATROL_PORT")


def watched_port_of(port: str | None) -> str:
    """As `port_of`, for what waits for a board that comes and goes: a device must be there to begin with."""
    url = port_of(port)
    if os.name == "posix" and "://" not in url and not Path(url).exists():
        raise UserError(f"{url}: no such device; plug the board in; `host devices` lists what is there")
    return url


def bootloader_port_of(port: str | None) -> str:
    """Where a ROM bootloader is: what was named, or the only adapter or board in DFU mode that is real."""
    from host.devices import bootloader_of

    return _port(
        port, bootloader_of, "port of a bootloader", "--port or PATROL_PORT",
        "plug in a USB-UART adapter (BOOT0 high) or a board in DFU mode, try it on "
        "`host emulate --bootloader`",
    )


def repl_of(repl: str | None, port: str | None) -> str:
    """The console's port: the one that was named, that of the emulated board on `port`, or the only one."""
    from host.devices import console_of
    from host.running import running_boards

    if not repl and port:
        repl = next((board.repl for board in running_boards() if board.link == port), None)
    return _port(repl, console_of, "console of MicroPython", "--repl or PATROL_REPL")


def _port(
    named: str | None, port_of: Callable[[Device], str | None], what: str, option: str, *otherwise: str
) -> str:
    # Looking for devices takes longer than most verbs: only when it is needed.
    from host.devices import BY_SERIAL_NUMBER, ChoiceError, find_devices, named_port, only_port

    try:
        if not named:
            return only_port(find_devices(), port_of, what, option, *otherwise)
        if named.startswith(BY_SERIAL_NUMBER):
            return named_port(named, find_devices(), port_of, option)
    except ChoiceError as error:
        raise UserError(str(error)) from None
    return named
