"""`host monitor`: the car's telemetry as it comes."""

from __future__ import annotations

from typing import Annotated

import typer

from host.cli.options import BaudOption, ContractOption, JsonOption, PortOption, contract_of, port_of
from host.link import connect
from host.link.keys import KeyStore
from host.link.port import DEFAULT_BAUD
from host.monitor.plain import json_line, physical_rows, text_line


def monitor(
    port: PortOption = None,
    count: Annotated[int | None, typer.Option(min=1, help="Stop after so many rows.")] = None,
    plain: Annotated[bool, typer.Option("--plain", help="Lines of text; the only form so far.")] = True,
    contract: ContractOption = None,
    baud: BaudOption = DEFAULT_BAUD,
    as_json: JsonOption = False,
) -> None:
    """Show the car's telemetry, a line a row, until Ctrl-C."""
    spoken = contract_of(contract)
    with connect(port_of(port), spoken, baud=baud, key_of=KeyStore().key_of) as link:
        for row in physical_rows(link, count):
            print(json_line(row) if as_json else text_line(row, spoken.schema), flush=True)
