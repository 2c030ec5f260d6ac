"""Telemetry rows in physical units, with a clock that does not wrap."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from protocol.schema import Channel, Row, Schema

_WRAP = 1 << 32
_DECIMALS = 3


@dataclass(frozen=True)
class PhysicalRow:
    """A row as people read it: time in microseconds since the board's clock began, values in their units."""

    time_us: int
    values: dict[str, Decimal]


class PhysicalRows:
    """Turns the rows of one schema into physical ones, in the order in which they come."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self._scales = [_exact(channel) for channel in schema.channels]
        self._time_us: int | None = None

    def convert(self, row: Row) -> PhysicalRow:
        """One row. The clock goes on where the 32 bits on the wire begin again at 0."""
        before = row.time_us if self._time_us is None else self._time_us
        self._time_us = before + (row.time_us - before) % _WRAP
        names = (channel.name for channel in self.schema.channels)
        products = (value * scale for value, scale in zip(row.values, self._scales, strict=True))
        return PhysicalRow(self._time_us, dict(zip(names, products, strict=True)))


def _exact(channel: Channel) -> Decimal:
    """The scale as it is written in the schema, so that 3 * 0.1 shows as 0.3."""
    return Decimal(repr(channel.scale)).normalize()


def plain(value: Decimal) -> int | float:
    """A value for JSON: whole numbers without a fraction."""
    return int(value) if value == value.to_integral_value() else float(value)


def worded(value: Decimal, channel: Channel) -> str:
    """A value for people: by its name, or with as many decimals as its scale has, three at most."""
    if channel.states or channel.flags:
        return channel.name_of(int(value))
    exponent = Decimal(repr(channel.scale)).normalize().as_tuple().exponent
    decimals = max(0, -exponent) if isinstance(exponent, int) else 0
    return f"{value:.{decimals if decimals <= _DECIMALS else 1}f}"
