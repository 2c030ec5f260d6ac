"""Options that several verbs share, and what their texts stand for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from host.cli.errors import UserError

if TYPE_CHECKING:
    from protocol.contract import Contract

_PORT_HELP = "Serial device, or socket://HOST:PORT."
_CONTRACT_HELP = "Contract that both ends speak; the car's own by default."

PortOption = Annotated[
    str | None, typer.Option("--port", envvar="PATROL_PORT", help=_PORT_HELP, metavar="PORT")
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
        return load_contract() if path is None else load_contract(path)
    except ContractError as error:
        raise UserError(str(error)) from None
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror})") from None


def port_of(port: str | None) -> str:
    """The port that was named."""
    if not port:
        raise UserError(
            "no port; give --port /dev/ttyUSB0, or --port socket://HOST:PORT as `host emulate` prints it, "
            "or set PATROL_PORT"
        )
    return port
