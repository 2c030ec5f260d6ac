"""`host pair`: from then on the car obeys only who has its key."""

from __future__ import annotations

import json

from host.cli.options import BaudOption, ContractOption, JsonOption, PortOption, contract_of, port_of
from host.link import DEFAULT_BAUD, connect
from host.link.keys import KeyStore
from host.link.pair import pair as pair_board


def pair(
    port: PortOption = None,
    baud: BaudOption = DEFAULT_BAUD,
    contract: ContractOption = None,
    as_json: JsonOption = False,
) -> None:
    """Set a key on the board, over the cable, once; from then on it obeys only signed commands."""
    keys = KeyStore()
    with connect(port_of(port), contract_of(contract), baud=baud, key_of=keys.key_of) as link:
        path = pair_board(link, keys)
        board = link.offer.board.hex() if link.offer else ""
    if as_json:
        print(json.dumps({"board": board, "key_file": str(path)}))
    else:
        print(f"pair: board {board} now obeys only who has its key, which is in {path}")
