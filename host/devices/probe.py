"""What runs on a port: HELLO and what comes back and, from a car of our own contract, what `info` says.

Nothing is opened but the port. That alone can restart a board whose reset is wired to DTR or RTS, and puts a
few bytes into whatever listens there, so nothing is probed that was not asked for.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass

from host.link import DEFAULT_BAUD, Link, LinkError, Port, open_port
from host.link.conversation import KeyOf, no_key
from host.link.hello import PROGRAM, Greeting, parse_hello
from protocol.contract import Contract
from protocol.frame import DELIMITER, Deframer, Frame, FrameStatus, Kind, encode_frame
from protocol.messages import build_hello

TIMEOUT_S = 1.0
_INTERVAL_S = 0.2
"""A first HELLO may end in the middle of what a board was saying, so it is repeated."""


@dataclass(frozen=True)
class Told:
    """What a car said. The rest is empty when it speaks another contract, or is paired with somebody else."""

    greeting: Greeting
    machine: str = ""
    micropython: str = ""
    application: str = ""


def probe(
    url: str,
    contract: Contract,
    *,
    baud: int = DEFAULT_BAUD,
    timeout_s: float = TIMEOUT_S,
    key_of: KeyOf = no_key,
) -> Told | None:
    """What the car on a port says of itself; None when nothing there answers. Raises LinkError."""
    port = open_port(url, baud)
    try:
        greeting = greet(port, timeout_s)
        if greeting is None:
            return None
        return _asked(port, greeting, contract, timeout_s, key_of) or Told(greeting)
    finally:
        port.close()


def _asked(
    port: Port, greeting: Greeting, contract: Contract, timeout_s: float, key_of: KeyOf
) -> Told | None:
    """What `info` says on top; None when the car does not say it to us."""
    if greeting.offer is None or greeting.contract_hash != contract.hash:
        return None
    try:
        link = Link(port, contract, key_of=key_of, patience_s=timeout_s)
        link.hello(timeout_s)
        info = link.send("info").values
    except LinkError:
        return None
    return Told(greeting, info["machine"], info["micropython"], info["application"])


def greet(
    port: Port, timeout_s: float = TIMEOUT_S, monotonic: Callable[[], float] = time.monotonic
) -> Greeting | None:
    """The first answer to HELLO within the time. Raises LinkError when the port goes away."""
    # No contract's hash: the board names its own, whichever that is.
    nonce = int.from_bytes(os.urandom(4), "little")
    hello = encode_frame(Frame(Kind.HELLO, 0, build_hello(0, PROGRAM, nonce), stored=True), 0)
    deframer = Deframer(seed=0)
    now = next_hello = monotonic()
    deadline = now + timeout_s
    while now < deadline:
        if now >= next_hello:
            port.write(DELIMITER + hello)
            next_hello = now + _INTERVAL_S
        for received in deframer.feed(port.read()):
            greeting = _greeting_in(received.frame if received.status is FrameStatus.GOOD else None)
            if greeting is not None:
                return greeting
        now = monotonic()
    return None


def _greeting_in(frame: Frame | None) -> Greeting | None:
    return parse_hello(frame.body) if frame is not None and frame.kind is Kind.HELLO else None
