"""What a way of sending telemetry rows looks like to the benchmark, and how it is measured."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from protocol.schema import Row


class Scheme(Protocol):
    """One way to send rows. An object is one end: it either encodes or decodes, rows in order."""

    def encode(self, row: Row) -> Iterable[bytes]:
        """The packets that this row completes: one, or none while others are awaited."""

    def flush(self) -> Iterable[bytes]:
        """The packets of rows that still wait for others."""

    def decode(self, packet: bytes) -> Iterable[Row]:
        """The rows in a packet."""

    def counted_bytes(self, packet: bytes) -> int:
        """How many bytes of the packet the scheme answers for."""


SchemeFactory = Callable[[], Scheme]
"""Makes one end of a trained scheme. Ends share what training found, and nothing of the rows."""


class RowScheme(ABC):
    """A scheme of one packet a row; all of the packet counts."""

    @abstractmethod
    def encode_row(self, row: Row) -> bytes:
        """The row's packet."""

    @abstractmethod
    def decode_row(self, packet: bytes) -> Row:
        """The packet's row."""

    def encode(self, row: Row) -> Iterable[bytes]:
        """See Scheme."""
        return (self.encode_row(row),)

    def flush(self) -> Iterable[bytes]:
        """See Scheme."""
        return ()

    def decode(self, packet: bytes) -> Iterable[Row]:
        """See Scheme."""
        return (self.decode_row(packet),)

    def counted_bytes(self, packet: bytes) -> int:
        """See Scheme."""
        return len(packet)


@dataclass(frozen=True)
class Measured:
    """Average bytes a row, and whether the other end had every row back, in order and exact."""

    bytes_per_row: float
    decoded_ok: bool


def measure(make_end: SchemeFactory, rows: Sequence[Row]) -> Measured:
    """Send rows from one end of a scheme to another. Needs one row or more, times modulo 2**32."""
    sender, receiver = make_end(), make_end()
    sent = 0
    decoded: list[Row] = []
    for packet in _packets(sender, rows):
        sent += sender.counted_bytes(packet)
        decoded.extend(receiver.decode(packet))
    return Measured(sent / len(rows), decoded == list(rows))


def _packets(sender: Scheme, rows: Sequence[Row]) -> Iterator[bytes]:
    for row in rows:
        yield from sender.encode(row)
    yield from sender.flush()
