"""The link to the car: a port, and a conversation over it under one contract."""

from host.link.counters import LinkCounters
from host.link.errors import (
    CommandRefusedError,
    ContractMismatchError,
    LinkError,
    NoReplyError,
    NotPairedError,
    SessionLostError,
)
from host.link.observer import NOBODY, Observer
from host.link.observers import Observers
from host.link.port import DEFAULT_BAUD, Port, open_port
from host.link.session import Clock, Link, connect
from host.link.window import Pending

__all__ = [
    "DEFAULT_BAUD",
    "NOBODY",
    "Clock",
    "CommandRefusedError",
    "ContractMismatchError",
    "Link",
    "LinkCounters",
    "LinkError",
    "NoReplyError",
    "NotPairedError",
    "Observer",
    "Observers",
    "Pending",
    "Port",
    "SessionLostError",
    "connect",
    "open_port",
]
