"""Groups of quiet streams: which share the symbol that says who of them moved otherwise than predicted."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from host.train.codebooks import activities, cost_bits, symbol_contexts, thresholds_tried
from host.train.streams import Integers, Mask
from protocol.coding import GROUP_STREAMS, Group

QUIET = 0.35
"""A stream is quiet when so large a share of its residuals is 0: a code of its own would waste a part of
its shortest possible bit."""
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


def fit_group(values: Integers, group: tuple[int, ...], fitting: Mask, judging: Mask, usable: Mask) -> Group:
    """A group with the contexts that cost least on judging rows, then fitted to all usable ones."""
    moved = values[:, group] != 0
    symbols: Integers = (moved << np.arange(len(group))).sum(axis=1)
    counts: Integers = moved.sum(axis=1).astype(np.int64)
    initial = int(np.median(activities(counts, 0)))
    activity = activities(counts, initial)
    size = 1 << len(group)

    def judged(thresholds: tuple[int, ...]) -> int:
        contexts = symbol_contexts(symbols[fitting], size, activity[fitting], thresholds, initial)
        return cost_bits(contexts, symbols[judging], activity[judging], escapes=False)

    thresholds = min(thresholds_tried(activity[fitting]), key=judged)
    return Group(group, symbol_contexts(symbols[usable], size, activity[usable], thresholds, initial))
