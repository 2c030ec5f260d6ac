"""How streams are coded: predictors, contexts and codebooks, and groups of quiet streams.

A stream is a channel, or (stream 0) the clock's step. These are the parts of a contract.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from protocol.context import LARGEST, MAX_CONTEXTS, SCALE_SHIFT
from protocol.huffman import Codebook
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
    """Codebooks and when each is in force: `lengths[n]` at an activity of n thresholds or more.

    `initial` is the activity after a key row.
    """

    thresholds: tuple[int, ...]
    initial: int
    lengths: tuple[bytes, ...]

    @cached_property
    def books(self) -> tuple[Codebook, ...]:
        """The codebooks, ready for use."""
        return tuple(map(Codebook, self.lengths))

    def check(self, what: str) -> None:
        """Raises ContractError unless every symbol has a code in every context."""
        if len(self.lengths) != len(self.thresholds) + 1 or len(self.lengths) > MAX_CONTEXTS:
            raise ContractError(f"{what}: one codebook a context, {MAX_CONTEXTS} contexts at most")
        if list(self.thresholds) != sorted(self.thresholds):
            raise ContractError(f"{what}: thresholds must rise")
        if not 0 <= self.initial <= LARGEST << SCALE_SHIFT:
            raise ContractError(f"{what}: no activity is {self.initial}")
        if len({len(lengths) for lengths in self.lengths}) != 1:
            raise ContractError(f"{what}: its codebooks differ in size")
        if any(not 0 < length <= MAX_CODE_BITS for lengths in self.lengths for length in lengths):
            raise ContractError(f"{what}: every symbol needs a code of 1 to {MAX_CODE_BITS} bits")
        try:
            _ = self.books
        except ValueError as error:
            raise ContractError(f"{what}: {error}") from None


@dataclass(frozen=True)
class Stream:
    """How one stream is coded: the clock's step, or a channel.

    In a key row it is sent as its difference from `base`, zigzagged, which usually has `key_bits` bits. A
    codebook has a length for each token below some number, and last
    the escape's, behind which a token is written out.
    """

    base: int
    key_bits: int
    predictor: Predictor
    contexts: Contexts

    @property
    def known_tokens(self) -> int:
        """Tokens that the codebooks have; the escape is the symbol of that number."""
        return len(self.contexts.lengths[0]) - 1

    def check(self, what: str, number: int, streams: int) -> None:
        """Raises ContractError unless both ends can code with it as stream `number` of so many."""
        self.contexts.check(what)
        if not 1 <= self.known_tokens <= TOKENS:
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

    def check(self, what: str) -> None:
        """Raises ContractError unless it has a code for every symbol."""
        self.contexts.check(what)
        if not 1 <= len(self.streams) <= GROUP_STREAMS:
            raise ContractError(f"{what}: a group has 1 to {GROUP_STREAMS} streams")
        if len(self.contexts.lengths[0]) != 1 << len(self.streams):
            raise ContractError(f"{what}: a group of n streams needs 2**n symbols")
