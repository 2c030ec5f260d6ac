"""Rows without a compressor: as packed structs, and as varints of differences."""

from __future__ import annotations

from host.bench.peers.varint import read_signed_varint, signed_varint, wrap
from host.bench.scheme import RowScheme
from protocol.schema import Row, Schema

_CLOCK_BITS = 32


class Raw(RowScheme):
    """A packed struct: the time as u32, then each channel in its schema's format."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema

    def encode_row(self, row: Row) -> bytes:
        """See RowScheme. Raises struct.error for a value outside its channel's format."""
        return self._schema.pack(row)

    def decode_row(self, packet: bytes) -> Row:
        """See RowScheme."""
        return self._schema.unpack(packet)


class DeltaVarint(RowScheme):
    """Zigzag varints: the clock's difference of differences, then each channel's difference.

    Before the first row all is 0. Differences are modulo 2**32.
    """

    def __init__(self, schema: Schema) -> None:
        self._signed = [channel.format != "u32" for channel in schema.channels]
        self._last = Row(0, (0,) * len(schema.channels))
        self._step_us = 0

    def encode_row(self, row: Row) -> bytes:
        """See RowScheme."""
        step_us = wrap(row.time_us - self._last.time_us, _CLOCK_BITS)
        channels = zip(row.values, self._last.values, strict=True)
        differences = [step_us - self._step_us, *(value - before for value, before in channels)]
        self._last, self._step_us = row, step_us
        return b"".join(signed_varint(wrap(difference, 32)) for difference in differences)

    def decode_row(self, packet: bytes) -> Row:
        """See RowScheme."""
        data = iter(packet)
        self._step_us = wrap(self._step_us + read_signed_varint(data), _CLOCK_BITS)
        time_us = wrap(self._last.time_us + self._step_us, _CLOCK_BITS, signed=False)
        values = tuple(
            wrap(before + read_signed_varint(data), 32, signed)
            for before, signed in zip(self._last.values, self._signed, strict=True)
        )
        self._last = Row(time_us, values)
        return self._last
