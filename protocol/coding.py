"""How streams are coded: predictors, contexts and codebooks, and groups of quiet streams.

A stream is a channel, or (stream 0) the clock's step. These are the parts of a contract.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from protocol.context import CLASSES, LARGEST, SCALE_SHIFT
from protocol.huffman import canonical_codes
from protocol.limits import MAX_CODE_BITS
from protocol.predict import Predictor
from protocol.tokens import TOKENS

GROUP_STREAMS = 8
"""Most streams whose zeros share one symbol."""

LONGEST_BITS = 32
"""Bits of the longest difference from a base."""


class ContractError(ValueError):
    """A contract that cannot be used; the message says what to do."""


@dataclass(frozen=True)
class Contexts:
    """Which codebook is in force: `books` has the number of one for each class of activity.

    `initial` is the activity after a key row. Codebooks are numbered as the contract has them.
    """

    initial: int
    books: tuple[int, ...]

    def check(self, what: str, codebooks: Sequence[bytes]) -> None:
        """Raises ContractError unless there is a codebook for every class."""
        if len(self.books) != CLASSES or any(not 0 <= book < len(codebooks) for book in self.books):
            raise ContractError(f"{what}: it needs {CLASSES} numbers of codebooks, one a class of activity")
        if not 0 <= self.initial <= LARGEST << SCALE_SHIFT:
            raise ContractError(f"{what}: no activity is {self.initial}")


def check_codebook(what: str, lengths: bytes) -> None:
    """Raises ContractError unless every symbol has a code, and a decoder can tell them apart."""
    if any(not 0 < length <= MAX_CODE_BITS for length in lengths):
        raise ContractError(f"{what}: every symbol needs a code of 1 to {MAX_CODE_BITS} bits")
    try:
        canonical_codes(lengths)
    except ValueError as error:
        raise ContractError(f"{what}: {error}") from None


@dataclass(frozen=True)
class Stream:
    """How one stream is coded: the clock's step, or a channel.

    In a key row it is sent as its difference from `base`, zigzagged, which usually has `key_bits` bits. Each
    of its codebooks has a length for each token below some number, and last the escape's, behind which a
    token is written out.
    """

    base: int
    key_bits: int
    predictor: Predictor
    contexts: Contexts

    def check(self, what: str, number: int, streams: int, codebooks: Sequence[bytes]) -> None:
        """Raises ContractError unless both ends can code with it as stream `number` of so many."""
        self.contexts.check(what, codebooks)
        if any(not 2 <= len(codebooks[book]) <= TOKENS + 1 for book in self.contexts.books):
            raise ContractError(f"{what}: a codebook needs 2 to {TOKENS + 1} symbols")
        if not 0 <= self.key_bits <= LONGEST_BITS:
            raise ContractError(f"{what}: key_bits are {self.key_bits}; 0 to {LONGEST_BITS} are allowed")
        try:
            self.predictor.check(number, streams)
        except ValueError as error:
            raise ContractError(f"{what}: {error}") from None


@dataclass(frozen=True)
class Group:
    """Quiet streams: one symbol says which of them are not as predicted (bit n: the n-th of them)."""

    streams: tuple[int, ...]
    contexts: Contexts

    def check(self, what: str, codebooks: Sequence[bytes]) -> None:
        """Raises ContractError unless it has a code for every symbol."""
        self.contexts.check(what, codebooks)
        if not 1 <= len(self.streams) <= GROUP_STREAMS:
            raise ContractError(f"{what}: a group has 1 to {GROUP_STREAMS} streams")
        if any(len(codebooks[book]) != 1 << len(self.streams) for book in self.contexts.books):
            raise ContractError(f"{what}: a group of n streams needs 2**n symbols")
