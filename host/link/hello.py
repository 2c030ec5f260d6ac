"""HELLO: how the two ends find out that they speak the same contract."""

from __future__ import annotations

from dataclasses import dataclass

from construct import ConstructError

from host.link.counters import LinkCounters
from host.link.errors import ContractMismatchError, LinkError
from protocol.contract import Contract
from protocol.frame import Frame, Kind
from protocol.limits import PROTOCOL_VERSION
from protocol.messages import Hello, build_hello

PROGRAM = "host"


@dataclass(frozen=True)
class Greeting:
    """What the board said of itself."""

    protocol_version: int
    contract_hash: int
    contract_name: str


def hello_frame(contract: Contract) -> Frame:
    """The host's HELLO: the program's name, where the board's has its contract's."""
    return Frame(Kind.HELLO, 0, build_hello(contract.hash, PROGRAM), stored=True)


def parse_hello(body: bytes) -> Greeting | None:
    """The board's HELLO; None when it is none, or this program's own, come back from a looped line."""
    try:
        fields = Hello.parse(body)
    except ConstructError:
        return None
    if fields.name == PROGRAM:
        return None
    return Greeting(fields.protocol_version, fields.contract_hash, fields.name)


def check_greeting(greeting: Greeting, contract: Contract) -> None:
    """Raise ContractMismatchError unless both ends speak the same protocol and contract."""
    if greeting.protocol_version != PROTOCOL_VERSION:
        raise ContractMismatchError(
            f"the board speaks protocol version {greeting.protocol_version}, this program "
            f"{PROTOCOL_VERSION}; flash the firmware that came with this program"
        )
    if greeting.contract_hash != contract.hash:
        raise ContractMismatchError(
            f"the board speaks contract {greeting.contract_name} ({greeting.contract_hash:08x}), "
            f"this program {contract.schema.name} ({contract.hash:08x}); "
            "give the board's with --contract FILE, or put this one on the board"
        )


def silence(name: str, timeout_s: float, counters: LinkCounters) -> LinkError:
    """Nobody answered HELLO: what that says about the other end."""
    if not counters.bytes_received:
        guess = (
            "not a byte came; is the board on, does its program run (a console stops it until a reset), "
            "and is no other program connected to it?"
        )
    else:
        guess = (
            f"{counters.bytes_received} bytes came, but no HELLO; is this the link (not the console), "
            "is the baud rate the board's, and does it run the patrol firmware?"
        )
    return LinkError(f"no answer from the board at {name} in {timeout_s:g} s: {guess}")
