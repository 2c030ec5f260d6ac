"""Codes are optimal, bounded, canonical, and known by their lengths alone."""

import heapq
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.bits import BitReader, BitWriter
from protocol.huffman import END, ByteCodebook, Codebook, canonical_codes, limited_code_lengths

counts = st.lists(st.integers(0, 10_000), min_size=2, max_size=300)


def huffman_cost(weights):
    """Total bits of an unlimited Huffman code, by the textbook merge."""
    tie = count()
    heap = [(weight, next(tie)) for weight in weights if weight]
    heapq.heapify(heap)
    total = 0
    while len(heap) > 1:
        merged = heapq.heappop(heap)[0] + heapq.heappop(heap)[0]
        total += merged
        heapq.heappush(heap, (merged, next(tie)))
    return total


@given(counts)
def test_lengths_never_exceed_the_limit_and_fill_the_code_space(weights):
    lengths = limited_code_lengths(weights, 9)
    live = [length for length in lengths if length]
    assert [bool(length) for length in lengths] == [bool(weight) for weight in weights]
    assert max(live, default=0) <= 9
    if len(live) > 1:
        assert sum(2.0**-length for length in live) == 1


@given(st.lists(st.integers(1, 1000), min_size=2, max_size=40))
def test_without_pressure_from_the_limit_the_code_is_huffmans(weights):
    lengths = limited_code_lengths(weights, 30)
    cost = sum(weight * length for weight, length in zip(weights, lengths, strict=True))
    assert cost == huffman_cost(weights)


def test_a_tight_limit_is_met_at_the_least_cost():
    # Fibonacci weights want 7 bits; at 3 bits for 8 symbols only the flat code is left.
    assert set(limited_code_lengths([1, 1, 2, 3, 5, 8, 13, 21], 3)) == {3}
    # At 4 bits: checked by enumerating all complete length sets by hand.
    assert sorted(limited_code_lengths([1, 1, 2, 4, 8], 3)) == [1, 3, 3, 3, 3]


def test_more_symbols_than_codes_are_refused():
    with pytest.raises(ValueError, match="9 symbols do not fit codes of 3 bits"):
        limited_code_lengths([1] * 9, 3)


def test_canonical_codes_are_those_of_rfc_1951():
    # The example of section 3.2.2: lengths (3,3,3,3,3,2,4,4) for A to H.
    codes = canonical_codes([3, 3, 3, 3, 3, 2, 4, 4])
    told = ["010", "011", "100", "101", "110", "00", "1110", "1111"]
    assert codes == [int(code[::-1], 2) for code in told]


def test_lengths_that_promise_too_many_codes_are_refused():
    with pytest.raises(ValueError, match="Kraft"):
        canonical_codes([1, 1, 1])


@given(st.lists(st.integers(0, 50), min_size=1, max_size=200), st.data())
def test_symbols_written_are_symbols_read(weights, data):
    live = [symbol for symbol, weight in enumerate(weights) if weight]
    symbols = data.draw(st.lists(st.sampled_from(live), max_size=200)) if live else []
    book = Codebook.fitted(weights)
    writer = BitWriter()
    for symbol in symbols:
        book.write(writer, symbol)
    reader = BitReader(writer.to_bytes())
    assert [book.read(reader) for _ in symbols] == symbols
    assert not reader.overrun


def test_a_symbol_without_a_code_is_refused():
    with pytest.raises(ValueError, match="symbol 1 has no code"):
        Codebook([1, 0]).write(BitWriter(), 1)


def test_bits_that_begin_no_code_read_as_nothing():
    assert Codebook([1, 0]).read(BitReader(b"\x01")) is None


@given(st.binary(max_size=256), st.lists(st.integers(0, 1000), min_size=256, max_size=256))
def test_any_message_comes_back_from_its_padded_bits(message, weights):
    book = ByteCodebook.fitted(weights)
    assert book.decode(book.encode(message), limit=256) == message


@given(st.binary(max_size=80))
def test_any_bytes_at_all_decode_to_a_bounded_message_or_nothing(body):
    message = CAR_BOOK.decode(body, limit=64)
    assert message is None or (len(message) <= 64 and CAR_BOOK.encode(message) == body)


def test_the_end_mark_is_all_ones_and_longer_than_any_padding():
    book = CAR_BOOK
    assert book.lengths[END] >= 9
    assert book.codes[END] == (1 << book.lengths[END]) - 1


def test_a_byte_codebook_without_a_code_for_every_byte_is_refused():
    with pytest.raises(ValueError, match="all of 256 bytes"):
        ByteCodebook(bytes(257))


CAR_BOOK = ByteCodebook.fitted([1000 // (1 + value) for value in range(256)])
