"""Blocks come back bit for bit, and nothing that is no block is taken for one."""

import random
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.blocks import (
    MAX_BITS,
    BlockError,
    Kind,
    code_lengths,
    decode_block,
    encode_block,
    pack_header,
    pack_lengths,
    read_header,
    unpack_lengths,
)

LIMIT = 1 << 20
TEXT = b"the quick brown fox jumps over the lazy dog; the dog sleeps on, and the fox is gone. " * 20
few_bytes = st.lists(st.sampled_from(b"aaaaaabbbc\x00"), min_size=1, max_size=400).map(bytes)
contents = st.one_of(st.binary(min_size=1, max_size=300), few_bytes)
streams = st.sampled_from([1, 2, 4, 8])


@given(contents, streams)
def test_any_content_comes_back(content, streams):
    block = encode_block(content, streams)
    assert decode_block(block + b"more", limit=LIMIT) == (content, len(block))


@given(contents)
def test_a_block_is_never_much_larger_than_its_content(content):
    assert len(encode_block(content)) <= len(content) + 1 + 2 + 2 + 4


@pytest.mark.parametrize(
    ("content", "kind"),
    [(TEXT, Kind.CODED), (b"z" * 1000, Kind.SINGLE), (random.Random(1).randbytes(400), Kind.RAW)],
)
def test_the_smallest_kind_is_taken(content, kind):
    assert read_header(encode_block(content), 0, limit=LIMIT).kind is kind


@given(st.binary(max_size=80))
def test_any_bytes_at_all_are_a_block_or_refused(data):
    try:
        content, end = decode_block(data, limit=LIMIT)
    except BlockError:
        return
    assert len(content) <= LIMIT
    assert end <= len(data)


@given(st.binary(max_size=60), st.integers(0, 15), st.integers(1, 400))
def test_any_body_behind_a_right_checksum_is_decoded_or_refused(body, control, size):
    streams = 1 << (control >> 2)
    block = pack_header(control & 3, size, body, streams) + body
    try:
        content, _ = decode_block(block, limit=LIMIT)
    except BlockError:
        return
    assert len(content) == size


def test_every_changed_bit_is_seen():
    block = encode_block(TEXT[:200], 4)
    for bit in range(8 * len(block)):
        changed = bytearray(block)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(BlockError):
            decode_block(bytes(changed), limit=LIMIT)


@pytest.mark.parametrize("cut", [0, 1, 5, 20, -1])
def test_a_block_that_ends_too_early_is_refused(cut):
    with pytest.raises(BlockError):
        decode_block(encode_block(TEXT)[:cut], limit=LIMIT)


def test_content_beyond_the_readers_limit_is_refused_before_it_is_decoded():
    with pytest.raises(BlockError, match="1 to 999 are taken"):
        decode_block(encode_block(b"z" * 1000), limit=999)


@pytest.mark.parametrize(("content", "streams"), [(b"", 1), (b"ab", 3)])
def test_no_block_is_made_of_nothing_or_in_three_streams(content, streams):
    with pytest.raises(ValueError, match="1 or more go into 1, 2, 4 or 8"):
        encode_block(content, streams)


@pytest.mark.parametrize("control", [3, 4, 0x10, 0x82])
def test_what_a_later_version_may_write_is_refused_as_such(control):
    head = bytes([control, 1, 1])
    block = head + crc32(b"x", crc32(head)).to_bytes(4, "little") + b"x"
    with pytest.raises(BlockError, match="update this program"):
        decode_block(block, limit=LIMIT)


def test_a_size_in_more_bytes_than_it_needs_is_refused():
    with pytest.raises(BlockError, match="no numbers"):
        decode_block(b"\x00\x81\x00" + bytes(9), limit=LIMIT)


code_length_lists = st.lists(st.integers(0, 40), min_size=2, max_size=256).map(
    lambda counts: code_lengths(bytes(b for b, n in enumerate(counts) for _ in range(n)) + b"\x00\xff")
)


@given(code_length_lists)
def test_code_lengths_come_back(lengths):
    packed = pack_lengths(lengths)
    assert unpack_lengths(packed + b"\x55") == (lengths, len(packed))


@pytest.mark.parametrize(
    ("packed", "reason"),
    [
        ("", "end too early"),
        ("0f", "begin with a repetition"),
        ("fefe0f", "too many"),
        ("1111", "end too early"),
        (pack_lengths([1] + [0] * 255).hex(), "no whole code"),
        (pack_lengths([1, 1, 1] + [0] * 253).hex(), "no whole code"),
        (pack_lengths([1, 2, *range(3, 12), 12, 12] + [0] * 243).hex(), "over 11 bits"),
    ],
)
def test_code_lengths_that_make_no_code_are_refused(packed, reason):
    with pytest.raises(BlockError, match=reason):
        unpack_lengths(bytes.fromhex(packed))


def test_codes_are_held_to_the_decoders_table():
    fibonacci = [1, 1]
    while len(fibonacci) < 20:
        fibonacci.append(sum(fibonacci[-2:]))
    content = b"".join(bytes([n]) * count for n, count in enumerate(fibonacci))
    assert max(code_lengths(content)) == MAX_BITS
    assert decode_block(encode_block(content, 4), limit=LIMIT)[0] == content


def test_streams_share_the_content_and_the_last_may_be_empty():
    content = b"ab" * 4 + b"c"
    for streams in (1, 2, 4, 8):
        header = pack_header(Kind.CODED, 1, b"", streams)
        assert header[0] >> 2 == streams.bit_length() - 1
        assert decode_block(encode_block(content, streams), limit=LIMIT)[0] == content
