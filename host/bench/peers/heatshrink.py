"""heatshrink: LZSS for small memories. It cannot flush, so each row is a stream of its own."""

from __future__ import annotations

from collections.abc import Sequence

import heatshrink2

from host.bench.peers.plain import DeltaVarint, Raw
from host.bench.peers.recoded import Recipe, best_recipe
from host.bench.scheme import SchemeFactory
from protocol.schema import Row, Schema

_SIZES = ((4, 3), (5, 3), (6, 3), (7, 3), (8, 4))
"""Binary logarithms of window and longest match: a window need not be longer than a row."""


class Heatshrink:
    """A heatshrink stream a packet."""

    def __init__(self, window_bits: int, length_bits: int) -> None:
        self._sizes = {"window_sz2": window_bits, "lookahead_sz2": length_bits}

    def compress(self, packet: bytes) -> bytes:
        """See Compressor."""
        compressed: bytes = heatshrink2.compress(packet, **self._sizes)
        return compressed

    def decompress(self, compressed: bytes) -> bytes:
        """See Compressor."""
        packet: bytes = heatshrink2.decompress(compressed, **self._sizes)
        return packet


def heatshrink(schema: Schema, rows: Sequence[Row]) -> SchemeFactory:
    """Packed structs or delta varints, in the window that does best on rows."""
    recipes = [_recipe(form, *sizes) for form in (Raw, DeltaVarint) for sizes in _SIZES]
    return best_recipe(schema, rows, recipes)


def _recipe(form: type[Raw] | type[DeltaVarint], window_bits: int, length_bits: int) -> Recipe:
    return Recipe(form, lambda _: Heatshrink(window_bits, length_bits))
