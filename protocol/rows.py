"""One row to bits and back, under a contract, given all rows before it since a key row.

First come the tokens of the streams that are in no group, then each group's symbol and the tokens of those
of its streams that were not as predicted. Reading and writing end in the same state, so that the next row
is predicted alike at both ends. Reading goes on in zeros behind the end: who calls must look.
"""

from __future__ import annotations

from collections.abc import Sequence

from protocol.bits import BitReader, BitWriter
from protocol.coding import Contexts
from protocol.context import class_of, next_activity
from protocol.contract import Contract
from protocol.huffman import Codebook
from protocol.predict import History
from protocol.tokens import TOKEN_BITS, raw_bits, token_of, unzigzag, value_of, wrap32, zigzag

_CODE_BITS = 12
_RAW_BITS = 29
_MASK = 0xFFFF_FFFF


def worst_row_bytes(contract: Contract) -> int:
    """Bytes that no coded row exceeds: a time, every token escaped with most raw bits, every group."""
    streams = len(contract.streams) * (_CODE_BITS + TOKEN_BITS + _RAW_BITS)
    return (32 + streams + _CODE_BITS * len(contract.groups) + 7) // 8


class RowCoder:
    """Codes rows of streams (the clock's step, then the channels)."""

    def __init__(self, contract: Contract) -> None:
        self.contract = contract
        self._history = History(contract.bases)
        grouped = {stream for group in contract.groups for stream in group.streams}
        self._alone = [number for number in range(len(contract.streams)) if number not in grouped]
        self.restart(contract.bases)

    def restart(self, values: Sequence[int]) -> None:
        """Go on from a row that was given in full."""
        self._history.restart(values)
        self._activity = [stream.contexts.initial for stream in self.contract.streams]
        self._group_activity = [group.contexts.initial for group in self.contract.groups]

    def write_key(self, writer: BitWriter, channels: Sequence[int]) -> None:
        """Append a key row's channels, and go on from it with the base step."""
        for value, stream in zip(channels, self.contract.streams[1:], strict=True):
            difference = zigzag(wrap32(value - stream.base))
            bits = difference.bit_length()
            self.contract.key_book.write(writer, zigzag(bits - stream.key_bits))
            writer.write(difference, max(0, bits - 1))
        self.restart((self.contract.streams[0].base, *channels))

    def read_key(self, reader: BitReader) -> tuple[int, ...] | None:
        """The channels of a key row, or None when there is none."""
        channels = []
        for stream in self.contract.streams[1:]:
            symbol = self.contract.key_book.read(reader)
            bits = -1 if symbol is None else stream.key_bits + unzigzag(symbol)
            if not 0 <= bits <= 32:
                return None
            difference = reader.read(bits - 1) | 1 << bits - 1 if bits else 0
            channels.append(wrap32(stream.base + unzigzag(difference)))
        self.restart((self.contract.streams[0].base, *channels))
        return tuple(channels)

    def write(self, writer: BitWriter, values: Sequence[int]) -> None:
        """Append a row that follows another."""
        history, streams = self._history, self.contract.streams
        residuals = []
        for number, (stream, value) in enumerate(zip(streams, values, strict=True)):
            history.sources[number] = wrap32(value - history.values[number])
            change = history.predict(number, stream.predictor)
            residuals.append(zigzag(wrap32(history.sources[number] - change)))
        for number in self._alone:
            _write_token(writer, self._stream_book(number), residuals[number])
        self._write_groups(writer, residuals)
        self._end_row(residuals)

    def read(self, reader: BitReader) -> tuple[int, ...] | None:
        """The next row, or None when the bits ahead are none."""
        history, streams = self._history, self.contract.streams
        residuals = [0] * len(streams)
        for number in self._alone:
            value = _read_token(reader, self._stream_book(number))
            if value is None:
                return None
            residuals[number] = value
        if not self._read_groups(reader, residuals):
            return None
        for number, (stream, residual) in enumerate(zip(streams, residuals, strict=True)):
            change = history.predict(number, stream.predictor)
            history.sources[number] = wrap32(change + unzigzag(residual))
        self._end_row(residuals)
        return tuple(history.values)

    def _write_groups(self, writer: BitWriter, residuals: Sequence[int]) -> None:
        for number, group in enumerate(self.contract.groups):
            moved = [stream for stream in group.streams if residuals[stream]]
            symbol = sum(1 << group.streams.index(stream) for stream in moved)
            self._group_book(number).write(writer, symbol)
            for stream in moved:
                _write_token(writer, self._stream_book(stream), residuals[stream] - 1)
            self._group_activity[number] = next_activity(self._group_activity[number], len(moved))

    def _read_groups(self, reader: BitReader, residuals: list[int]) -> bool:
        for number, group in enumerate(self.contract.groups):
            symbol = self._group_book(number).read(reader)
            if symbol is None:
                return False
            moved = [stream for bit, stream in enumerate(group.streams) if symbol >> bit & 1]
            for stream in moved:
                value = _read_token(reader, self._stream_book(stream))
                if value is None:
                    return False
                residuals[stream] = value + 1 & _MASK
            self._group_activity[number] = next_activity(self._group_activity[number], len(moved))
        return True

    def _end_row(self, residuals: Sequence[int]) -> None:
        self._activity = list(map(next_activity, self._activity, residuals))
        self._history.advance()

    def _stream_book(self, number: int) -> Codebook:
        return self._book(self.contract.streams[number].contexts, self._activity[number])

    def _group_book(self, number: int) -> Codebook:
        return self._book(self.contract.groups[number].contexts, self._group_activity[number])

    def _book(self, contexts: Contexts, activity: int) -> Codebook:
        return self.contract.books[contexts.books[class_of(activity)]]


def _write_token(writer: BitWriter, book: Codebook, value: int) -> None:
    token, raw, bits = token_of(value)
    escape = len(book.lengths) - 1
    if token < escape:
        book.write(writer, token)
    else:
        book.write(writer, escape)
        writer.write(token, TOKEN_BITS)
    writer.write(raw, bits)


def _read_token(reader: BitReader, book: Codebook) -> int | None:
    token = book.read(reader)
    if token == len(book.lengths) - 1:
        token = reader.read(TOKEN_BITS)
    return None if token is None else value_of(token, reader.read(raw_bits(token)))
