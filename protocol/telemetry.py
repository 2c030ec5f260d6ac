"""The telemetry codec: rows of integers to frame bodies and back.

A row has one stream more than the schema has channels: stream 0 is the clock's step since the row
before. A key frame begins with a time in full (32 bits) and a row that needs no earlier one; every other
row is coded after the rows before it (see `rows`). All arithmetic is modulo 2**32.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass

from protocol.bits import BitReader, BitWriter
from protocol.contract import Contract
from protocol.frame import Frame, Kind
from protocol.limits import MAX_BODY, MAX_ROWS
from protocol.rows import RowCoder, worst_row_bytes
from protocol.schema import Row
from protocol.tokens import wrap32

_MASK = 0xFFFF_FFFF
SEQUENCES = 1 << 16
KEY_INTERVAL_MS = 4000
"""By the rows' own time: how long until the next frame is a key frame, unless a parameter says otherwise."""
KEY_ROWS = 4096
"""Rows after which the next frame is a key frame at the latest, whatever their times say."""


class TelemetryEncoder:
    """Rows in, frames out. The board has the same encoder; this one is its reference."""

    def __init__(
        self, contract: Contract, rows_per_frame: int = 4, key_interval_ms: int = KEY_INTERVAL_MS
    ) -> None:
        """A frame whose first row is `key_interval_ms` or more after a key frame's is one, too."""
        if not 1 <= rows_per_frame <= MAX_ROWS:
            raise ValueError(f"rows_per_frame is {rows_per_frame}; 1 to {MAX_ROWS} are allowed")
        self.contract = contract
        self.rows_per_frame = rows_per_frame
        self.key_interval_ms = key_interval_ms
        self.sequence = 0
        self._rows_to_key = 0
        self._key_time_us = 0
        self._time_us = 0
        self._coder = RowCoder(contract)
        self._is_key = False
        self._rows: list[Row] = []
        self._writer = BitWriter()

    def request_key(self) -> None:
        """Make the next frame that begins a key frame."""
        self._rows_to_key = 0

    def append(self, row: Row) -> Iterator[Frame]:
        """Add a row; yields the frames that it completed (none, one, or two)."""
        room = MAX_BODY - worst_row_bytes(self.contract)
        if self._rows and (len(self._writer) + 7) // 8 > room:
            yield self._finished()
        self._write(row)
        self._rows.append(row)
        if len(self._rows) == self.rows_per_frame:
            yield self._finished()

    def flush(self) -> Iterator[Frame]:
        """The rows that wait for others, if any."""
        if self._rows:
            yield self._finished()

    def _write(self, row: Row) -> None:
        channels = tuple(map(wrap32, row.values))
        if not self._rows:
            self._writer = BitWriter()
            since_key_us = (row.time_us - self._key_time_us) & _MASK
            self._is_key = self._rows_to_key <= 0 or since_key_us >= 1000 * self.key_interval_ms
            if self._is_key:
                self._rows_to_key = KEY_ROWS
                self._key_time_us = row.time_us
        if self._is_key and not self._rows:
            self._writer.write(row.time_us, 32)
            self._coder.write_key(self._writer, channels)
        else:
            self._coder.write(self._writer, (wrap32(row.time_us - self._time_us), *channels))
        self._rows_to_key -= 1
        self._time_us = row.time_us

    def _finished(self) -> Frame:
        rows, self._rows = self._rows, []
        coded = self._writer.to_bytes().rstrip(b"\x00")  # a decoder reads zeros behind the end
        stored = self._stored_if_shorter(rows, len(coded))
        if stored is not None:
            # A receiver may begin with this frame.
            self._coder.restart((self.contract.bases[0], *map(wrap32, rows[-1].values)))
        sequence, self.sequence = self.sequence, (self.sequence + 1) % SEQUENCES
        return Frame(
            Kind.TELEMETRY,
            sequence,
            coded if stored is None else stored,
            stored=stored is not None,
            key=self._is_key or stored is not None,
            rows=len(rows),
        )

    def _stored_if_shorter(self, rows: list[Row], coded_bytes: int) -> bytes | None:
        schema = self.contract.schema
        if schema.row_struct.size * len(rows) >= coded_bytes or not all(map(schema.fits, rows)):
            return None
        return b"".join(map(schema.pack, rows))


class RowStatus(enum.Enum):
    """What became of a telemetry frame."""

    GOOD = "good"
    NO_KEY = "no_key"
    BAD_BODY = "bad_body"


@dataclass(frozen=True)
class Decoded:
    """The rows of one frame, and how many frames before it never came."""

    status: RowStatus
    rows: tuple[Row, ...]
    lost_frames: int


class TelemetryDecoder:
    """Frames in, rows out. After a gap it shows nothing until a frame that needs no earlier one."""

    def __init__(self, contract: Contract) -> None:
        self.contract = contract
        self._coder = RowCoder(contract)
        self._in_step = False
        """Whether the next frame can be decoded even if it builds on the last one."""
        self._time_us = 0
        self._next_sequence: int | None = None

    def decode(self, frame: Frame) -> Decoded:
        """The rows of a telemetry frame whose checksum was good."""
        expected = frame.sequence if self._next_sequence is None else self._next_sequence
        lost = (frame.sequence - expected) % SEQUENCES
        self._next_sequence = (frame.sequence + 1) % SEQUENCES
        if not (frame.key or frame.stored) and (lost or not self._in_step):
            self._in_step = False
            return Decoded(RowStatus.NO_KEY, (), lost)
        rows = self._stored(frame) if frame.stored else self._coded(frame)
        self._in_step = rows is not None
        return Decoded(RowStatus.GOOD if rows else RowStatus.BAD_BODY, rows or (), lost)

    def _stored(self, frame: Frame) -> tuple[Row, ...] | None:
        schema = self.contract.schema
        size = schema.row_struct.size
        if len(frame.body) != size * frame.rows:
            return None
        rows = tuple(
            schema.unpack(frame.body[at : at + size]) for at in range(0, len(frame.body), size)
        )
        self._coder.restart((self.contract.bases[0], *map(wrap32, rows[-1].values)))
        self._time_us = rows[-1].time_us
        return rows

    def _coded(self, frame: Frame) -> tuple[Row, ...] | None:
        reader = BitReader(frame.body)
        rows: list[Row] = []
        while len(rows) < frame.rows:
            row = self._key_row(reader) if frame.key and not rows else self._next_row(reader)
            if row is None:
                return None
            rows.append(row)
        return tuple(rows) if _ends_well(frame.body, reader) else None

    def _key_row(self, reader: BitReader) -> Row | None:
        self._time_us = reader.read(32)
        channels = self._coder.read_key(reader)
        return None if channels is None else self._row(channels)

    def _next_row(self, reader: BitReader) -> Row | None:
        values = self._coder.read(reader)
        if values is None:
            return None
        self._time_us = (self._time_us + values[0]) & _MASK
        return self._row(values[1:])

    def _row(self, channels: tuple[int, ...]) -> Row:
        """Channels of format u32 read as unsigned; all others are signed already."""
        formats = (channel.format for channel in self.contract.schema.channels)
        values = (
            value & _MASK if format_ == "u32" else value
            for value, format_ in zip(channels, formats, strict=True)
        )
        return Row(self._time_us, tuple(values))


def _ends_well(body: bytes, reader: BitReader) -> bool:
    """Whether a body ends where its rows do: no zero byte at its end, none that no row has read."""
    if body.endswith(b"\x00"):
        return False
    left = reader.remaining
    return left < 8 and (left <= 0 or reader.read(left) == 0)
