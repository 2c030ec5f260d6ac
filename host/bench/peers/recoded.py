"""Packets of a simple scheme through a compressor, one by one, and the choice among such recipes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from host.bench.scheme import RowScheme, SchemeFactory
from protocol.schema import Row, Schema

_JUDGED_PACKETS = 1000


class Compressor(Protocol):
    """Compresses each packet by itself: what came before leaves no trace, so a lost one harms no other."""

    def compress(self, packet: bytes) -> bytes:
        """The packet, compressed."""

    def decompress(self, compressed: bytes) -> bytes:
        """What `compress` was given."""


class Recoded(RowScheme):
    """The packets of another scheme, compressed."""

    def __init__(self, rows: RowScheme, compressor: Compressor) -> None:
        self._rows = rows
        self._compressor = compressor

    def encode_row(self, row: Row) -> bytes:
        """See RowScheme."""
        return self._compressor.compress(self._rows.encode_row(row))

    def decode_row(self, packet: bytes) -> Row:
        """See RowScheme."""
        return self._rows.decode_row(self._compressor.decompress(packet))


@dataclass(frozen=True)
class Recipe:
    """A form of rows, and how to make a compressor for such packets from examples of them."""

    rows: Callable[[Schema], RowScheme]
    train: Callable[[Sequence[bytes]], Compressor]


def best_recipe(schema: Schema, rows: Sequence[Row], recipes: Iterable[Recipe]) -> SchemeFactory:
    """The recipe that does best on training rows it was not trained on, then trained on all of them."""
    costs = [(_cost(schema, rows, recipe), recipe) for recipe in recipes]
    best = min(costs, key=lambda pair: pair[0])[1]
    compressor = best.train(_packets(schema, rows, best))
    return lambda: Recoded(best.rows(schema), compressor)


def _cost(schema: Schema, rows: Sequence[Row], recipe: Recipe) -> int:
    """Bytes for rows from the last quarter, trained on the three before it."""
    packets = _packets(schema, rows, recipe)
    cut = 3 * len(packets) // 4
    compressor = recipe.train(packets[:cut])
    return sum(len(compressor.compress(packet)) for packet in packets[cut:][:_JUDGED_PACKETS])


def _packets(schema: Schema, rows: Sequence[Row], recipe: Recipe) -> list[bytes]:
    scheme = recipe.rows(schema)
    return [scheme.encode_row(row) for row in rows]
