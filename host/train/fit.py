"""Fits a contract to rows: bases and codebooks from the log's own statistics."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median_low

from host.train.messages import message_byte_counts
from protocol.contract import Contract
from protocol.huffman import ByteCodebook, limited_code_lengths
from protocol.schema import Row, Schema
from protocol.tokens import TOKENS, token_of, wrap32, zigzag

_SEEN = 64
"""Weight of one occurrence against a token never seen, which still needs a code."""


def fit_contract(schema: Schema, rows: Sequence[Row]) -> Contract:
    """A contract for rows like these. Raises ValueError for fewer than two rows."""
    if len(rows) < 2:
        raise ValueError(f"{len(rows)} rows are too few to fit a contract to; 2 or more are needed")
    streams = list(zip(*_stream_rows(rows), strict=True))
    return Contract(
        schema=schema,
        bases=tuple(wrap32(median_low(stream)) for stream in streams),
        telemetry_lengths=tuple(map(_token_lengths, streams)),
        message_lengths=ByteCodebook.fitted(message_byte_counts()).lengths,
    )


def _stream_rows(rows: Sequence[Row]) -> list[tuple[int, ...]]:
    """Each row but the first as the codec sees it: the clock's step, then the values."""
    return [
        (wrap32(row.time_us - before.time_us), *map(wrap32, row.values))
        for before, row in pairwise(rows)
    ]


def _token_lengths(stream: Sequence[int]) -> bytes:
    """Code lengths for a stream's residuals; every token has a code, so any value can be sent."""
    counts = [1] * TOKENS
    for before, value in pairwise(stream):
        token, _, _ = token_of(zigzag(wrap32(value - before)))
        counts[token] += _SEEN
    return limited_code_lengths(counts)
