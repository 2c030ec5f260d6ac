"""Groups of quiet streams: which share the symbol that says who of them moved otherwise than predicted."""

from __future__ import annotations

from functools import partial
from itertools import combinations

import numpy as np

from host.train.codebooks import Pool, Shares, activities, class_scale, symbol_contexts
from host.train.streams import Integers, Mask
from protocol.coding import GROUP_STREAMS, Group

QUIET = 0.35
"""A stream is quiet when so large a share of its residuals is 0: a code of its own would waste a part of
its shortest possible bit."""
_RARELY = 0.002
"""The least and the most that a stream's share may come to when rows are of another kind."""
_ROUNDING_BITS = 0.03
"""What whole bits cost over entropy in a code of several symbols, about."""


def quiet_groups(values: Integers, fitting: Mask, judging: Mask) -> list[tuple[int, ...]]:
    """Quiet streams in groups: the two groups that save most by becoming one do so, while any two save.

    `values` are zigzagged residuals, a column a stream. Savings are taken on the judging rows, under
    shares counted on the fitting ones, so that a group grows no larger than its symbols can be learned.
    """
    moved = values != 0
    quiet = [stream for stream in range(values.shape[1]) if moved[fitting, stream].mean() <= 1 - QUIET]
    groups: list[tuple[int, ...]] = [(stream,) for stream in quiet]
    costs = {group: _symbol_cost(moved, group, fitting, judging) for group in groups}

    def saving(pair: tuple[tuple[int, ...], tuple[int, ...]]) -> float:
        joined = tuple(sorted(pair[0] + pair[1]))
        if joined not in costs:
            costs[joined] = _symbol_cost(moved, joined, fitting, judging)
        return costs[pair[0]] + costs[pair[1]] - costs[joined]

    while pairs := [p for p in combinations(groups, 2) if len(p[0]) + len(p[1]) <= GROUP_STREAMS]:
        pair = max(pairs, key=saving)
        if saving(pair) <= 0:
            break
        groups = [group for group in groups if group not in pair]
        groups.append(tuple(sorted(pair[0] + pair[1])))
    return sorted(groups)


def _symbol_cost(moved: Mask, group: tuple[int, ...], fitting: Mask, judging: Mask) -> float:
    """Bits a judging row that a group's symbol takes, about: one at least, as for any code."""
    symbols = (moved[:, group] << np.arange(len(group))).sum(axis=1)
    size = 1 << len(group)
    seen = np.bincount(symbols[fitting], minlength=size) + 1 / 64
    told = np.bincount(symbols[judging], minlength=size)
    bits = -float((told * np.log2(seen / seen.sum())).sum()) / int(told.sum())
    return max(1.0, bits + _ROUNDING_BITS)


def fit_group(values: Integers, group: tuple[int, ...], usable: Mask, pool: Pool) -> Group:
    """A group with its codebooks, fitted to all usable rows."""
    moved = values[:, group] != 0
    symbols: Integers = (moved << np.arange(len(group))).sum(axis=1)
    counts: Integers = moved.sum(axis=1).astype(np.int64)
    initial = int(np.median(activities(counts, 0)))
    activity = activities(counts, initial)
    shares = moved[usable].mean(axis=0)
    contexts = symbol_contexts(
        symbols[usable], activity[usable], initial, pool, partial(_symbol_prior, shares)
    )
    return Group(group, contexts)


def _symbol_prior(shares: Shares, number: int) -> Shares:
    """Shares of a group's symbols, its streams moving independently, and as often as the class says."""
    floor = np.maximum(shares, _RARELY)
    often = np.clip(floor * class_scale(number) / floor.sum(), _RARELY, 1 - _RARELY)
    bits = np.arange(1 << len(shares))[:, None] >> np.arange(len(shares)) & 1
    product: Shares = np.where(bits, often, 1 - often).prod(axis=1)
    return product
