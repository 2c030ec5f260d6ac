"""Codebooks for each class of activity, and what tokens cost in them.

A class is counted on the rows that were in it, and a prior: the geometric distribution whose mean is the
class's own scale. Where rows are many the prior only gives tails to what they show; a class that no
row was in has the prior alone, so that a codebook fits rows of another scale than those learned from.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from host.train.streams import Integers, Mask
from protocol.coding import Contexts
from protocol.context import CLASSES, GAIN_SHIFT, LARGEST, SCALE_SHIFT
from protocol.huffman import limited_code_lengths
from protocol.tokens import DIRECT, TOKEN_BITS, TOKENS, value_of

Shares = NDArray[np.float64]
Prior = Callable[[int], Shares]
"""A class's shares of symbols, as far as its scale tells."""

PRIOR_ROWS = 45.0
"""What the prior weighs, in rows."""
OWN_ROWS = 4
"""Rows that a class needs for a codebook of its own."""
_SEEN = 1024
"""Weight of one row in integer counts."""
_GROUP_WORTH = 4
"""A group's codebook is so many times as long as a stream's."""
_TAIL = 2e-4
"""Share of the rarest tokens that have an escape in common."""


def activities(values: Integers, initial: int) -> Integers:
    """The activity before each row, from zigzagged residuals (or counts), as protocol.context has it."""
    scaled = np.minimum(values, LARGEST) << SCALE_SHIFT
    out = np.empty(len(values), dtype=np.int64)
    activity = initial
    for row, value in enumerate(scaled.tolist()):
        out[row] = activity
        activity += (value - activity) >> GAIN_SHIFT
    return out


def classes(activity: Integers) -> Integers:
    """The class of each activity, as protocol.context.class_of has it."""
    bits: Integers = np.frexp(activity.astype(float))[1].astype(np.int64)
    return bits


def tokens(values: Integers) -> tuple[Integers, Integers]:
    """(tokens, raw bits each) of zigzagged residuals, as protocol.tokens.token_of has them."""
    bits = np.frexp(np.maximum(values, 1).astype(float))[1].astype(np.int64)
    raw = np.maximum(bits - 3, 0)
    long = DIRECT + 4 * (bits - 5) + (values >> raw & 3)
    is_long = values >= DIRECT
    return np.where(is_long, long, values), np.where(is_long, raw, 0)


def class_scale(number: int) -> float:
    """The residual, zigzagged, that is typical of a class: the geometric mean of its bounds."""
    return float(2.0 ** (number - 0.5) / (1 << SCALE_SHIFT))


@cache
def token_prior(number: int) -> Shares:
    """Shares of tokens of geometric residuals at a class's scale."""
    edges = np.array([float(value_of(token, 0)) for token in range(TOKENS)] + [float(1 << 32)])
    beyond = np.exp(-edges * np.log1p(1 / class_scale(number)))
    shares: Shares = beyond[:-1] - beyond[1:]
    return shares


class Pool:
    """The codebooks of a contract, the same ones once.

    A board keeps them in memory. One that saves fewer than `worth` bits, over all rows, does not come in: of
    those that are there, the cheapest takes its place.
    """

    def __init__(self, worth: float = 0.0) -> None:
        self._worth = worth
        self._numbers: dict[bytes, int] = {}

    def for_tokens(self, own: bytes, prior: bytes, symbols: Integers) -> int:
        """The number of the codebook that is best for a class: `own` is made for it, `prior` for any."""
        if not self._worth:
            return self.number_of(own)
        known = (book for book in self._numbers if len(book) <= TOKENS + 1)
        best = min((prior, *known), key=lambda book: _cost(book, symbols, escapes=True))
        saved = _cost(best, symbols, escapes=True) - _cost(own, symbols, escapes=True)
        return self.number_of(own if saved > self._worth else best)

    def for_symbols(self, own: bytes, symbols: Integers, classes_below: Sequence[int]) -> int:
        """The same for a group's symbols, of which only codebooks of the group's other classes know."""
        books = self.codebooks
        costs = {number: _cost(books[number], symbols, escapes=False) for number in classes_below}
        best = min(costs, key=costs.__getitem__, default=None)
        if not self._worth or best is None:
            return self.number_of(own)
        saved = costs[best] - _cost(own, symbols, escapes=False)
        return self.number_of(own) if saved > self._worth * _GROUP_WORTH else best

    def number_of(self, lengths: bytes) -> int:
        """A codebook's number; a new one where it is new."""
        return self._numbers.setdefault(lengths, len(self._numbers))

    @property
    def codebooks(self) -> tuple[bytes, ...]:
        """All of them, by number."""
        return tuple(self._numbers)


def token_contexts(symbols: Integers, activity: Integers, initial: int, pool: Pool) -> Contexts:
    """Codebooks for tokens, a class each, with an escape for the rarest."""

    def book(counts: Shares) -> bytes:
        known = 1 + int(np.searchsorted(np.cumsum(counts), (1 - _TAIL) * counts.sum()))
        # Up to the largest token that occurred: what did once may again.
        known = min(TOKENS, max(known, int(np.flatnonzero(counts >= 1).max(initial=0)) + 1))
        return _code_lengths([*counts[:known], counts[known:].sum()])

    own = classes(activity)
    numbers = []
    for number in range(CLASSES):
        prior = PRIOR_ROWS * token_prior(number)
        here = symbols[own == number]
        if len(here) < OWN_ROWS:
            numbers.append(pool.number_of(book(prior)))
        else:
            counts = prior + np.bincount(here, minlength=len(prior))
            numbers.append(pool.for_tokens(book(counts), book(prior), here))
    return Contexts(initial, tuple(numbers))


def symbol_contexts(
    symbols: Integers, activity: Integers, initial: int, pool: Pool, prior: Prior
) -> Contexts:
    """Codebooks for a group's symbols, a class each.

    A class beyond what the group's number of streams can lead to takes the last one's.
    """
    own = classes(activity)
    streams = len(prior(0)).bit_length() - 1
    reached = min(CLASSES - 1, (streams << SCALE_SHIFT).bit_length())
    numbers: list[int] = []
    for number in range(reached + 1):
        counts = PRIOR_ROWS * prior(number)
        here = symbols[own == number]
        if len(here) >= OWN_ROWS:
            counts = counts + np.bincount(here, minlength=len(counts))
        numbers.append(pool.for_symbols(_code_lengths(counts), here, numbers))
    return Contexts(initial, (*numbers, *[numbers[-1]] * (CLASSES - 1 - reached)))


def _code_lengths(counts: Shares | Sequence[float]) -> bytes:
    return limited_code_lengths([max(1, round(_SEEN * float(count))) for count in counts])


def cost_bits(
    contexts: Contexts, codebooks: Sequence[bytes], symbols: Integers, activity: Integers, escapes: bool
) -> int:
    """Bits that the symbols take in these codebooks, raw bits left out."""
    own = classes(activity)
    total = 0
    for number in np.unique(own):
        total += _cost(codebooks[contexts.books[number]], symbols[own == number], escapes)
    return total


def _cost(book: bytes, symbols: Integers, escapes: bool) -> int:
    """Bits that symbols take in one codebook."""
    lengths = np.frombuffer(book, dtype=np.uint8)
    last = len(lengths) - 1
    escaped = symbols >= last if escapes else np.zeros(len(symbols), dtype=bool)
    return int(lengths[np.where(escaped, last, symbols)].sum()) + TOKEN_BITS * int(escaped.sum())


def entropy_bits(symbols: Integers, activity: Integers, judging: Mask) -> float:
    """Bits of the judging rows' tokens under the shares that they have, class by class, in the others.

    What a code of fractional bits would take: quiet streams get one from their group's symbols.
    """
    own = classes(activity)
    total = 0.0
    for number in np.unique(own[judging]):
        here = own == number
        seen = np.bincount(symbols[here & ~judging], minlength=TOKENS) + PRIOR_ROWS * token_prior(int(number))
        seen = seen + 1 / _SEEN
        told = np.bincount(symbols[here & judging], minlength=TOKENS)
        total -= float((told * np.log2(seen / seen.sum())).sum())
    return total
