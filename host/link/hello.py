"""HELLO: how the two ends find out that they speak the same contract, and what the car offers."""

from __future__ import annotations

from dataclasses import dataclass

from construct import ConstructError

from host.link.counters import LinkCounters
from host.link.errors import ContractMismatchError, LinkError
from protocol.contract import Contract
from protocol.frame import Frame, Kind
from protocol.limits import PROTOCOL_VERSION
from protocol.messages import Hello, Offer, build_hello
from protocol.session import FLAG_NO_SESSION, FLAG_PAIRED, Session

PROGRAM = "host"
PLAYED_BOARD = b"recording"
"""What stands in place of a board's number when no car is there, but a recording that is played."""


@dataclass(frozen=True)
class CarOffer:
    """What a car puts behind its name: the session it offers, and what it can take."""

    session: Session
    uptime_ms: int
    ring_bytes: int
    flags: int
    board: bytes

    @property
    def is_paired(self) -> bool:
        """Whether the car takes only signed commands."""
        return bool(self.flags & FLAG_PAIRED)

    @property
    def is_played(self) -> bool:
        """Whether it is a recording, which answers what was answered and does not move."""
        return self.board == PLAYED_BOARD

    @property
    def is_notice(self) -> bool:
        """Whether it is no answer to HELLO but to a frame of a session that the car does not know."""
        return bool(self.flags & FLAG_NO_SESSION)


@dataclass(frozen=True)
class Greeting:
    """What the board said of itself. Boards of another version offer nothing that this one can read."""

    protocol_version: int
    contract_hash: int
    contract_name: str
    offer: CarOffer | None


def hello_frame(contract: Contract, sequence: int, nonce: int) -> Frame:
    """The host's HELLO: the program's name, where the board's has its contract's."""
    return Frame(Kind.HELLO, sequence & 0xFFFF, build_hello(contract.hash, PROGRAM, nonce), stored=True)


def parse_hello(body: bytes) -> Greeting | None:
    """The board's HELLO; None when it is none, or this program's own, come back from a looped line."""
    try:
        fields = Hello.parse(body)
        if fields.name == PROGRAM:
            return None
        offer = _offer(fields.rest) if fields.protocol_version == PROTOCOL_VERSION else None
    except ConstructError:
        return None
    return Greeting(fields.protocol_version, fields.contract_hash, fields.name, offer)


def _offer(rest: bytes) -> CarOffer:
    fields = Offer.parse(rest)
    session = Session(fields.nonce, fields.boot, fields.opening)
    return CarOffer(session, fields.uptime_ms, fields.ring_bytes, fields.flags, bytes(fields.board))


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
