"""Contexts and codebooks: what a stream's tokens cost, and in how many books they cost least."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from host.train.streams import Integers, Mask
from protocol.coding import Contexts
from protocol.context import GAIN_SHIFT, LARGEST, MAX_CONTEXTS, SCALE_SHIFT
from protocol.huffman import limited_code_lengths
from protocol.tokens import DIRECT, TOKEN_BITS, TOKENS

_SEEN = 64
"""Weight of one occurrence against a symbol never seen, which still needs a code."""
_ESCAPE_WEIGHT = 8


def activities(values: Integers, initial: int) -> Integers:
    """The activity before each row, from zigzagged residuals (or counts), as protocol.context has it."""
    scaled = np.minimum(values, LARGEST) << SCALE_SHIFT
    out = np.empty(len(values), dtype=np.int64)
    activity = initial
    for row, value in enumerate(scaled.tolist()):
        out[row] = activity
        activity += (value - activity) >> GAIN_SHIFT
    return out


def tokens(values: Integers) -> tuple[Integers, Integers]:
    """(tokens, raw bits each) of zigzagged residuals, as protocol.tokens.token_of has them."""
    bits = np.frexp(np.maximum(values, 1).astype(float))[1].astype(np.int64)
    raw = np.maximum(bits - 3, 0)
    long = DIRECT + 4 * (bits - 5) + (values >> raw & 3)
    is_long = values >= DIRECT
    return np.where(is_long, long, values), np.where(is_long, raw, 0)


def thresholds_tried(activity: Integers) -> Iterator[tuple[int, ...]]:
    """Ways to cut activities into one to MAX_CONTEXTS contexts, each about equally common."""
    yield ()
    if not len(activity):
        return
    for contexts in range(2, MAX_CONTEXTS + 1):
        cuts = np.quantile(activity, np.arange(1, contexts) / contexts).astype(int)
        yield tuple(sorted({int(cut) for cut in cuts if cut > 0}))


def token_contexts(
    symbols: Integers, activity: Integers, thresholds: tuple[int, ...], initial: int
) -> Contexts:
    """Codebooks for tokens. Those above the largest one seen share an escape."""
    known = min(TOKENS, int(symbols.max(initial=0)) + 1)
    context = np.searchsorted(thresholds, activity, side="right")
    lengths = []
    for number in range(len(thresholds) + 1):
        seen = np.bincount(symbols[context == number], minlength=known)
        lengths.append(limited_code_lengths([*(_SEEN * seen + 1).tolist(), _ESCAPE_WEIGHT]))
    return Contexts(thresholds, initial, tuple(lengths))


def symbol_contexts(
    symbols: Integers, size: int, activity: Integers, thresholds: tuple[int, ...], initial: int
) -> Contexts:
    """Codebooks for a group's symbols, of which there are `size`, each with a code."""
    context = np.searchsorted(thresholds, activity, side="right")
    lengths = [
        limited_code_lengths((_SEEN * np.bincount(symbols[context == number], minlength=size) + 1).tolist())
        for number in range(len(thresholds) + 1)
    ]
    return Contexts(thresholds, initial, tuple(lengths))


def cost_bits(contexts: Contexts, symbols: Integers, activity: Integers, escapes: bool) -> int:
    """Bits that the symbols take in these codebooks, raw bits left out."""
    context = np.searchsorted(contexts.thresholds, activity, side="right")
    last = len(contexts.lengths[0]) - 1
    table = np.array([list(lengths) for lengths in contexts.lengths])
    escaped = symbols >= last if escapes else np.zeros(len(symbols), dtype=bool)
    total = table[context, np.where(escaped, last, symbols)].sum() + TOKEN_BITS * escaped.sum()
    return int(total)


def entropy_bits(symbols: Integers, activity: Integers, thresholds: tuple[int, ...], judging: Mask) -> float:
    """Bits of the judging rows' symbols under the shares that they have, context by context, in the others.

    What a code of fractional bits would take: quiet streams get one from their group's symbols.
    """
    context = np.searchsorted(thresholds, activity, side="right")
    total = 0.0
    for number in range(len(thresholds) + 1):
        here = context == number
        seen = np.bincount(symbols[here & ~judging], minlength=TOKENS) + 1 / _SEEN
        told = np.bincount(symbols[here & judging], minlength=TOKENS)
        total -= float((told * np.log2(seen / seen.sum())).sum())
    return total


def best_thresholds(
    values: Integers, activity: Integers, initial: int, fitting: Mask, judging: Mask
) -> tuple[int, ...]:
    """Thresholds of the contexts that cost least on rows they were not fitted to.

    Of the rows, only those count in which the stream sends a token (`fitting`, `judging` say which).
    """
    symbols, _ = tokens(values)

    def judged(thresholds: tuple[int, ...]) -> int:
        contexts = token_contexts(symbols[fitting], activity[fitting], thresholds, initial)
        return cost_bits(contexts, symbols[judging], activity[judging], escapes=True)

    return min(thresholds_tried(activity[fitting]), key=judged)
