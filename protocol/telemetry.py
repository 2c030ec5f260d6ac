"""The telemetry codec: rows of integers to frame bodies and back.

A row has one stream more than the schema has channels: stream 0 is the clock's step since the row
before. Each stream is predicted by its last value (order 1); the residual's token is coded with that
stream's codebook and its raw bits follow. The first row of a key frame has its time in full (32 bits)
and is predicted by the contract's bases. All arithmetic is modulo 2**32.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass

from protocol.bits import BitReader, BitWriter
from protocol.contract import Contract
from protocol.frame import Frame, Kind
from protocol.limits import MAX_BODY, MAX_ROWS
from protocol.schema import Row
from protocol.tokens import raw_bits, token_of, unzigzag, value_of, wrap32, zigzag

_MASK = 0xFFFF_FFFF
SEQUENCES = 1 << 16


def worst_row_bytes(streams: int) -> int:
    """Bytes that no coded row exceeds: a time in full, a 12-bit code and 30 raw bits a stream."""
    return (32 + 42 * streams + 7) // 8


@dataclass(frozen=True)
class _Last:
    """What the next row is predicted from."""

    time_us: int
    streams: tuple[int, ...]


class TelemetryEncoder:
    """Rows in, frames out. The board has the same encoder; this one is its reference."""

    def __init__(self, contract: Contract, rows_per_frame: int = 4, key_interval: int = 50) -> None:
        """`key_interval` counts frames: every such frame needs no earlier one."""
        if not 1 <= rows_per_frame <= MAX_ROWS:
            raise ValueError(f"rows_per_frame is {rows_per_frame}; 1 to {MAX_ROWS} are allowed")
        self.contract = contract
        self.rows_per_frame = rows_per_frame
        self.key_interval = key_interval
        self.sequence = 0
        self._frames_to_key = 0
        self._last = _Last(0, contract.bases)
        self._is_key = False
        self._rows: list[Row] = []
        self._writer = BitWriter()

    def request_key(self) -> None:
        """Make the next frame that begins a key frame."""
        self._frames_to_key = 0

    def append(self, row: Row) -> Iterator[Frame]:
        """Add a row; yields the frames that it completed (none, one, or two)."""
        room = MAX_BODY - worst_row_bytes(len(self.contract.bases))
        if self._rows and (len(self._writer) + 7) // 8 > room:
            yield self._finished()
        if not self._rows:
            self._begin(row.time_us)
        self._write(row)
        self._rows.append(row)
        if len(self._rows) == self.rows_per_frame:
            yield self._finished()

    def flush(self) -> Iterator[Frame]:
        """The rows that wait for others, if any."""
        if self._rows:
            yield self._finished()

    def _begin(self, time_us: int) -> None:
        self._writer = BitWriter()
        self._is_key = self._frames_to_key == 0
        self._frames_to_key = (self._frames_to_key or self.key_interval) - 1
        if self._is_key:
            self._writer.write(time_us, 32)
            base_step = self.contract.bases[0]
            self._last = _Last(time_us - base_step, self.contract.bases)

    def _write(self, row: Row) -> None:
        streams = (wrap32(row.time_us - self._last.time_us), *map(wrap32, row.values))
        books = self.contract.telemetry_books
        for book, value, predicted in zip(books, streams, self._last.streams, strict=True):
            token, raw, bits = token_of(zigzag(wrap32(value - predicted)))
            book.write(self._writer, token)
            self._writer.write(raw, bits)
        self._last = _Last(row.time_us, streams)

    def _finished(self) -> Frame:
        rows, self._rows = self._rows, []
        coded = self._writer.to_bytes()
        stored = self._stored_if_shorter(rows, len(coded))
        if stored is not None and len(rows) == 1:
            # A receiver that starts at this frame knows no step yet.
            self._last = _Last(rows[0].time_us, (self.contract.bases[0], *self._last.streams[1:]))
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
        self._last: _Last | None = None
        self._next_sequence: int | None = None

    def decode(self, frame: Frame) -> Decoded:
        """The rows of a telemetry frame whose checksum was good."""
        expected = frame.sequence if self._next_sequence is None else self._next_sequence
        lost = (frame.sequence - expected) % SEQUENCES
        self._next_sequence = (frame.sequence + 1) % SEQUENCES
        if lost:
            self._last = None
        if frame.stored:
            return self._stored(frame, lost)
        if not frame.key and self._last is None:
            return Decoded(RowStatus.NO_KEY, (), lost)
        return self._coded(frame, lost)

    def _stored(self, frame: Frame, lost: int) -> Decoded:
        size = self.contract.schema.row_struct.size
        if len(frame.body) != size * frame.rows:
            self._last = None
            return Decoded(RowStatus.BAD_BODY, (), lost)
        starts = range(0, len(frame.body), size)
        rows = tuple(self.contract.schema.unpack(frame.body[at : at + size]) for at in starts)
        before_us = rows[0].time_us - self.contract.bases[0]
        for row in rows:
            step = wrap32(row.time_us - before_us)
            before_us = row.time_us
            self._last = _Last(row.time_us, (step, *map(wrap32, row.values)))
        return Decoded(RowStatus.GOOD, rows, lost)

    def _coded(self, frame: Frame, lost: int) -> Decoded:
        reader = BitReader(frame.body)
        rows = []
        last = self._last or _Last(0, self.contract.bases)
        if frame.key:
            last = _Last(reader.read(32) - self.contract.bases[0], self.contract.bases)
        for _ in range(frame.rows):
            streams = self._read_streams(reader, last.streams)
            if streams is None:
                break
            time_us = (last.time_us + streams[0]) & _MASK
            last = _Last(time_us, streams)
            rows.append(Row(time_us, self._in_range(streams[1:])))
        padding = reader.remaining
        if len(rows) < frame.rows or not 0 <= padding < 8 or reader.read(padding):
            self._last = None
            return Decoded(RowStatus.BAD_BODY, (), lost)
        self._last = last
        return Decoded(RowStatus.GOOD, tuple(rows), lost)

    def _read_streams(self, reader: BitReader, predicted: tuple[int, ...]) -> tuple[int, ...] | None:
        streams = []
        for book, prediction in zip(self.contract.telemetry_books, predicted, strict=True):
            token = book.read(reader)
            if token is None or reader.overrun:
                return None
            residual = unzigzag(value_of(token, reader.read(raw_bits(token))))
            streams.append(wrap32(prediction + residual))
        return tuple(streams)

    def _in_range(self, values: tuple[int, ...]) -> tuple[int, ...]:
        """Channels of format u32 read as unsigned; all others are signed already."""
        channels = self.contract.schema.channels
        return tuple(
            value & _MASK if channel.format == "u32" else value
            for channel, value in zip(channels, values, strict=True)
        )
