"""`host halt`: the emergency stop."""

from __future__ import annotations

from host.cli.options import BaudOption, ContractOption, JsonOption, PortOption, contract_of, port_of
from host.link import DEFAULT_BAUD, Link, open_port
from host.link.keys import KeyStore


def halt(
    port: PortOption = None,
    baud: BaudOption = DEFAULT_BAUD,
    contract: ContractOption = None,
    as_json: JsonOption = False,
) -> None:
    """Stop the car at once and hold it, whatever else is on its way; `host send resume` ends that."""
    # Not `connect`: the stop goes out first, and a session is opened only if it takes one.
    with Link(open_port(port_of(port), baud), contract_of(contract), key_of=KeyStore().key_of) as link:
        link.halt()
    print('{"halted": true}' if as_json else "halt: the car stands; `host send resume` lets it drive again")
