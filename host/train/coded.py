"""What a contract's codes take: bits a row, stream by stream and group by group."""

from __future__ import annotations

import numpy as np

from host.train.codebooks import activities, cost_bits, tokens
from host.train.predictors import residuals
from host.train.streams import Integers, Mask, Streams, zigzag
from protocol.coding import Contexts
from protocol.contract import Contract


def coded_bits(streams: Streams, contract: Contract, rows: Mask) -> tuple[list[float], list[float]]:
    """(bits a row of each stream's own tokens, bits a row of each group's symbol) on these rows."""
    values = np.stack(
        [zigzag(residuals(streams, n, stream.predictor)) for n, stream in enumerate(contract.streams)], axis=1
    )
    grouped = {stream for group in contract.groups for stream in group.streams}
    own = [
        _token_bits(contract, values[:, n], n in grouped, stream.contexts, rows) / int(rows.sum())
        for n, stream in enumerate(contract.streams)
    ]
    shared = [
        _symbol_bits(contract, values[:, group.streams], group.contexts, rows) / int(rows.sum())
        for group in contract.groups
    ]
    return own, shared


def _token_bits(
    contract: Contract, values: Integers, grouped: bool, contexts: Contexts, rows: Mask
) -> int:
    """In a group, only what moved sends a token, of one less."""
    sent = rows & (values > 0) if grouped else rows
    symbols, raw = tokens(values[sent] - grouped)
    activity = activities(values, contexts.initial)[sent]
    return cost_bits(contexts, contract.codebooks, symbols, activity, escapes=True) + int(raw.sum())


def _symbol_bits(contract: Contract, values: Integers, contexts: Contexts, rows: Mask) -> int:
    moved = values != 0
    symbols: Integers = (moved << np.arange(values.shape[1])).sum(axis=1)
    activity = activities(moved.sum(axis=1).astype(np.int64), contexts.initial)
    return cost_bits(contexts, contract.codebooks, symbols[rows], activity[rows], escapes=False)
