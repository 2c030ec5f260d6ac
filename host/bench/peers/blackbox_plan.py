"""Chooses groups and predictors for the blackbox scheme: the cheapest cut of the fields, on training rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from host.bench.peers.blackbox import Blackbox, FieldFormat, Group, Predictor, field_formats
from host.bench.peers.blackbox_fields import Encoding
from host.bench.scheme import SchemeFactory
from protocol.schema import Row, Schema

_PREDICTORS = tuple(Predictor)
_Residuals = NDArray[np.int64]
_HISTORY = 2
_PLAN_ROWS = 4000
"""Training rows that the choice looks at, the last ones: more change nothing but the time it takes."""


@dataclass(frozen=True)
class Plan:
    """A grouping of all fields, in order, and its average bytes a row once two rows have gone before."""

    bytes_per_row: float
    groups: tuple[Group, ...]


def betaflight_like(schema: Schema, rows: Sequence[Row]) -> SchemeFactory:
    """P frames grouped for rows like these. Needs three rows or more."""
    plan = cheapest_plan(schema, rows[-_PLAN_ROWS:])
    return lambda: Blackbox(schema, plan.groups)


def cheapest_plan(schema: Schema, rows: Sequence[Row]) -> Plan:
    """The groups of least total size over rows, by dynamic programming from the last field to the first."""
    fields = np.array([(row.time_us, *row.values) for row in rows], dtype=np.int64).T
    formats = field_formats(schema)
    residuals = np.stack([_residuals(*pair) for pair in zip(fields, formats, strict=True)])
    from_field = {len(fields): Plan(0, ())}
    for first in reversed(range(len(fields))):
        plans = [
            Plan(group.bytes_per_row + rest.bytes_per_row, group.groups + rest.groups)
            for group in _groups_at(residuals[first:], formats[first:])
            for rest in [from_field[first + len(group.groups[0].predictors)]]
        ]
        from_field[first] = min(plans, key=lambda plan: plan.bytes_per_row)
    return from_field[0]


def _residuals(field: _Residuals, form: FieldFormat) -> _Residuals:
    """A row of residuals for each predictor, in the field's arithmetic."""
    last, second = field[1:-1], field[:-2]
    guesses = np.array([last, 2 * last - second, (last + second) >> 1])
    half = 1 << form.bits - 1
    wrapped: _Residuals = ((field[_HISTORY:] - guesses + half) & (2 * half - 1)) - half
    return wrapped


def _groups_at(residuals: _Residuals, formats: Sequence[FieldFormat]) -> Iterator[Plan]:
    """Every group that can begin at the first of these fields, as a plan of its own."""
    for encoding in Encoding:
        for count in encoding.value.counts:
            narrow = all(form.bits <= 16 for form in formats[:count])
            if count <= len(formats) and (narrow or encoding is not Encoding.TAG8_4S16):
                yield _best_group(encoding, residuals[:count])


def _best_group(encoding: Encoding, residuals: _Residuals) -> Plan:
    """The group of these fields with each one's best predictor for this encoding."""
    chosen = np.argmin(_field_sizes(encoding, residuals).mean(axis=2), axis=1)
    kept = residuals[np.arange(len(residuals)), chosen]
    cost = float(_group_bytes(encoding, kept).mean())
    return Plan(cost, (Group(encoding, tuple(_PREDICTORS[index] for index in chosen)),))


def _field_sizes(encoding: Encoding, residuals: _Residuals) -> NDArray[np.int64]:
    """What a field contributes to its group's size, in the encoding's own unit."""
    if encoding is Encoding.SVB:
        return _varint_bytes(residuals)
    if encoding is Encoding.TAG8_8SVB:
        return np.where(residuals == 0, 0, _varint_bytes(residuals))
    bits = _signed_bits(residuals)
    if encoding is Encoding.TAG2_3S32:
        return bits
    return np.select([residuals == 0, bits <= 4, bits <= 8], [0, 1, 2], 4)


def _group_bytes(encoding: Encoding, residuals: _Residuals) -> NDArray[np.int64]:
    """The bytes of the group in each row."""
    sizes = _field_sizes(encoding, residuals)
    total: NDArray[np.int64] = sizes.sum(axis=0)
    if encoding is Encoding.SVB:
        return total
    if encoding is Encoding.TAG8_8SVB:
        return total + 1
    if encoding is Encoding.TAG8_4S16:
        return 1 + (total + 1) // 2
    widest = sizes.max(axis=0)
    whole = 1 + ((sizes + 7) // 8).sum(axis=0)
    return np.select([widest <= 2, widest <= 4, widest <= 6], [1, 2, 3], whole)


def _varint_bytes(residuals: _Residuals) -> NDArray[np.int64]:
    zigzagged = np.where(residuals < 0, -2 * residuals - 1, 2 * residuals)
    return 1 + np.searchsorted([1 << 7, 1 << 14, 1 << 21, 1 << 28], zigzagged, side="right")


def _signed_bits(residuals: _Residuals) -> NDArray[np.int64]:
    magnitudes = np.where(residuals < 0, ~residuals, residuals)
    return 1 + np.searchsorted(1 << np.arange(32), magnitudes, side="right")
