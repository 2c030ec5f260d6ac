"""Telemetry the way Betaflight's blackbox writes its P frames: predict, subtract, group, write whole bytes.

Left out, in its favour: the byte that tells frames apart, and the I frames that a receiver starts at.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass

from host.bench.peers.blackbox_fields import Encoding
from host.bench.peers.varint import wrap
from host.bench.scheme import RowScheme
from protocol.schema import Row, Schema

Fields = tuple[int, ...]


class Predictor(enum.Enum):
    """What a field is expected to be; the names are Betaflight's."""

    PREVIOUS = "previous"
    STRAIGHT_LINE = "straight line"
    AVERAGE_2 = "average of 2"

    def predict(self, last: int, second: int) -> int:
        """From the last value and the one before it."""
        if self is Predictor.PREVIOUS:
            return last
        return 2 * last - second if self is Predictor.STRAIGHT_LINE else last + second >> 1


@dataclass(frozen=True)
class Group:
    """Neighbouring fields that are written together, and the predictor of each."""

    encoding: Encoding
    predictors: tuple[Predictor, ...]


@dataclass(frozen=True)
class FieldFormat:
    """How wide a field's arithmetic is: residuals are modulo 2**bits, values signed or not."""

    bits: int
    signed: bool


def field_formats(schema: Schema) -> list[FieldFormat]:
    """The clock's format, then each channel's: 16 bits wherever they hold all its values, else 32."""
    channels = [
        FieldFormat(32 if channel.format.endswith("32") else 16, channel.format.startswith("i"))
        for channel in schema.channels
    ]
    return [FieldFormat(32, False), *channels]


class Blackbox(RowScheme):
    """Rows as P frames in given groups. Before the first row all fields are 0."""

    def __init__(self, schema: Schema, groups: Sequence[Group]) -> None:
        """The groups hold the clock and every channel, in order."""
        self._groups = groups
        self._predictors = [predictor for group in groups for predictor in group.predictors]
        self._formats = field_formats(schema)
        self._last: Fields = (0,) * len(self._formats)
        self._second = self._last

    def encode_row(self, row: Row) -> bytes:
        """See RowScheme."""
        fields = (row.time_us, *row.values)
        expected = zip(fields, self._predictions(), self._formats, strict=True)
        residuals = [wrap(field - guess, form.bits) for field, guess, form in expected]
        self._remember(fields)
        written, at = [], 0
        for group in self._groups:
            end = at + len(group.predictors)
            written.append(group.encoding.value.write(residuals[at:end]))
            at = end
        return b"".join(written)

    def decode_row(self, packet: bytes) -> Row:
        """See RowScheme."""
        data = iter(packet)
        residuals: list[int] = []
        for group in self._groups:
            residuals += group.encoding.value.read(data, len(group.predictors))
        expected = zip(residuals, self._predictions(), self._formats, strict=True)
        fields = tuple(wrap(guess + residual, f.bits, f.signed) for residual, guess, f in expected)
        self._remember(fields)
        return Row(fields[0], fields[1:])

    def _predictions(self) -> list[int]:
        known = zip(self._predictors, self._last, self._second, strict=True)
        return [predictor.predict(last, second) for predictor, last, second in known]

    def _remember(self, fields: Fields) -> None:
        self._last, self._second = fields, self._last
