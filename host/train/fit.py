"""Fits a contract to rows: predictors, contexts, groups and codebooks, chosen on rows not fitted to."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from host.train.codebooks import Pool, activities, entropy_bits, token_contexts, tokens
from host.train.groups import fit_group, quiet_groups
from host.train.messages import message_byte_counts
from host.train.predictors import LINEAR_TAPS, classical, linear, refitted, residuals
from host.train.streams import Integers, Streams, zigzag
from protocol.coding import Stream
from protocol.contract import KEY_SYMBOLS, Contract
from protocol.huffman import ByteCodebook, limited_code_lengths
from protocol.predict import Predictor
from protocol.schema import Row, Schema

KINDS = ("classical", "linear")
"""Predictors that need no training by descent."""
NETWORK_WORTH_BITS = 0.02
Progress = Callable[[int, int], None]
"""Told how many streams are done, of how many."""


@dataclass(frozen=True)
class Choice:
    """What was chosen for a stream, what was tried by name, and what that would cost in bits a row.

    A linear predictor that was chosen has its weights from more rows than the one that was tried.
    """

    name: str
    predictor: Predictor
    tried: Mapping[str, Predictor]
    costs: Mapping[str, float]


def fit_contract(
    schema: Schema,
    rows: Sequence[Row],
    *,
    taps: int = LINEAR_TAPS,
    book_worth_bits: float = 0.0,
    progress: Progress = lambda done, of: None,
) -> Contract:
    """A contract for rows like these. Raises ValueError for fewer than two rows.

    A codebook that saves fewer than `book_worth_bits` a row is left out: it takes memory of the board.
    """
    streams = Streams.of(rows)
    choices = choose_predictors(streams, taps, progress)
    predictors = [choice.predictor for choice in choices]
    return assemble(schema, streams, predictors, book_worth_bits)


def choose_predictors(
    streams: Streams,
    taps: int = LINEAR_TAPS,
    progress: Progress = lambda done, of: None,
    *,
    kinds: Collection[str] = KINDS,
    trained: Mapping[str, Sequence[Predictor]] = MappingProxyType({}),
) -> list[Choice]:
    """The cheapest predictor of each stream on the judging rows; of equals, the one of fewest taps.

    `kinds` are those of KINDS to try; `trained` has others by name, each a predictor a stream.
    """
    choices = []
    for number in range(streams.count):
        tried = _candidates(streams, number, taps, kinds)
        tried |= {name: predictors[number] for name, predictors in trained.items()}
        choices.append(_choice(streams, number, tried))
        progress(number + 1, streams.count)
    return choices


def _candidates(streams: Streams, number: int, taps: int, kinds: Collection[str]) -> dict[str, Predictor]:
    candidates = classical(streams, number) if "classical" in kinds else {}
    if taps and "linear" in kinds:
        candidates["linear"] = linear(streams, number, taps)
        candidates["linear from level"] = linear(streams, number, taps, [2 * streams.count + number])
    return candidates


def _choice(streams: Streams, number: int, tried: Mapping[str, Predictor]) -> Choice:
    costs = {name: predictor_cost(streams, number, predictor) for name, predictor in tried.items()}
    name = min(costs, key=lambda name: (costs[name] + _handicap(tried[name]), tried[name].multiply_adds))
    chosen = tried[name]
    if name.startswith("linear"):
        chosen = refitted(streams, number, chosen)
    return Choice(name, chosen, tried, costs)


def _handicap(predictor: Predictor) -> float:
    """Bits a row that it must save to be worth its work: a network takes hundreds of instructions."""
    return NETWORK_WORTH_BITS if predictor.network else 0.0


def predictor_cost(streams: Streams, number: int, predictor: Predictor) -> float:
    """Bits a judging row that a stream takes with a predictor."""
    return residual_cost(streams, residuals(streams, number, predictor))


def residual_cost(streams: Streams, left: Integers) -> float:
    """Bits a judging row that residuals (of all rows) take."""
    values = zigzag(left)[streams.usable]
    judging = streams.judging[streams.usable]
    activity = activities(values, _initial(values))
    symbols, raw = tokens(values)
    bits = entropy_bits(symbols, activity, judging)
    return (bits + int(raw[judging].sum())) / int(judging.sum())


def assemble(
    schema: Schema, streams: Streams, predictors: Sequence[Predictor], book_worth_bits: float = 0.0
) -> Contract:
    """The contract with these predictors: groups, contexts and codebooks are fitted to what they leave."""
    values = np.stack(
        [zigzag(residuals(streams, n, predictor)) for n, predictor in enumerate(predictors)], axis=1
    )
    fitting, judging, usable = streams.fitting, streams.judging, streams.usable
    pool = Pool(book_worth_bits * streams.rows)
    groups = [fit_group(values, group, usable, pool) for group in quiet_groups(values, fitting, judging)]
    grouped = {stream for group in groups for stream in group.streams}
    key_bits = _key_bits(streams)
    fitted = [
        _fit_stream(streams, n, predictor, values[:, n], n in grouped, int(key_bits[n]), pool)
        for n, predictor in enumerate(predictors)
    ]
    return Contract(
        schema=schema,
        codebooks=pool.codebooks,
        streams=tuple(fitted),
        # The quietest last: a row that ends in zeros is cut there.
        groups=tuple(sorted(groups, key=lambda group: -group.contexts.initial)),
        key_lengths=_key_lengths(streams),
        message_lengths=ByteCodebook.fitted(message_byte_counts()).lengths,
    )


def _initial(values: Integers) -> int:
    return int(np.median(activities(values, 0)))


def _fit_stream(
    streams: Streams,
    number: int,
    predictor: Predictor,
    values: Integers,
    grouped: bool,
    key_bits: int,
    pool: Pool,
) -> Stream:
    """In a group, a stream sends a token only where it moved, and one less: 0 needs no token."""
    initial = _initial(values)
    rows = streams.usable & ((values > 0) | (not grouped))
    activity = activities(values, initial)[rows]
    contexts = token_contexts(tokens(values[rows] - grouped)[0], activity, initial, pool)
    return Stream(int(streams.bases[number]), key_bits, predictor, contexts)


def _bit_lengths(values: Integers) -> Integers:
    lengths: Integers = np.frexp(values.astype(float))[1].astype(np.int64)
    return lengths


def _key_bits(streams: Streams) -> Integers:
    """The median bit length of each stream's zigzagged difference from its base."""
    bits = _bit_lengths(zigzag(streams.values - streams.bases))
    middle: Integers = np.sort(bits, axis=0)[len(bits) // 2]
    return middle


def _key_lengths(streams: Streams) -> bytes:
    """Code lengths for what bit lengths are off their medians by; the clock's is not sent."""
    bits = _bit_lengths(zigzag(streams.values - streams.bases))
    off = zigzag(bits - _key_bits(streams))[:, 1:]
    return limited_code_lengths((64 * np.bincount(off.ravel(), minlength=KEY_SYMBOLS) + 1).tolist())
