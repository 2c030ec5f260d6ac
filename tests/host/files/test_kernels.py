"""What the kernels write and read is what protocol.blocks does, byte for byte."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("numba")

from host.files import kernels
from host.files.codec import SLACK, BlockError, Compiled, Reference
from protocol.blocks import encode_block, pack_header
from protocol.huffman import limited_code_lengths

COMPILED, REFERENCE = Compiled(), Reference()
few_bytes = st.lists(st.sampled_from(b"aaaaaabbbc\x00"), min_size=1, max_size=2000).map(bytes)
contents = st.one_of(st.binary(min_size=1, max_size=300), few_bytes)
quick = settings(deadline=None)


def skewed(size, seed):
    weights = [2.0 ** -(byte % 41 / 3) for byte in range(256)]
    return bytes(random.Random(seed).choices(range(256), weights, k=size))


@quick
@given(contents)
def test_both_codecs_write_the_same_block_and_read_it(content):
    block = bytes(COMPILED.encode(content))
    assert block == REFERENCE.encode(content)
    assert bytes(COMPILED.decode(block, len(block))) == content
    assert bytes(COMPILED.decode(block + bytes(SLACK), len(block))) == content


@pytest.mark.parametrize("size", [1023, 1024, 1025, 1026, 1027, 4096, 30_001, 262_144])
def test_sizes_around_those_where_streams_begin(size):
    content = skewed(size, size)
    block = bytes(COMPILED.encode(content))
    assert block == REFERENCE.encode(content)
    assert bytes(COMPILED.decode(block, len(block))) == content


@quick
@given(st.lists(st.integers(0, 1 << 20), min_size=256, max_size=256))
def test_code_lengths_are_those_of_the_reference_ties_and_all(counts):
    if sum(count > 0 for count in counts) < 2:
        return
    lengths = kernels._code_lengths(np.array(counts, dtype=np.uint32))
    assert bytes(lengths) == limited_code_lengths(counts, kernels.BITS)


@quick
@given(st.binary(max_size=120), st.sampled_from([1, 4]), st.integers(1, 4000))
def test_any_body_is_decoded_as_the_reference_does_or_refused(body, streams, size):
    block = pack_header(kernels.CODED, size, body, streams) + body
    try:
        expected = REFERENCE.decode(block, len(block))
    except BlockError:
        with pytest.raises(BlockError):
            COMPILED.decode(block, len(block))
    else:
        assert bytes(COMPILED.decode(block, len(block))) == expected


@quick
@given(st.data(), st.sampled_from([200, 5000]))
def test_a_coded_body_with_any_byte_changed_reads_as_the_reference_reads_it(data, size):
    content = skewed(size, 3)
    block = encode_block(content, 4 if size > 1000 else 1)
    place = data.draw(st.integers(12, len(block) - 1))
    body = bytearray(block[9:])
    body[place - 9] ^= data.draw(st.integers(1, 255))
    changed = pack_header(kernels.CODED, size, body, 4 if size > 1000 else 1) + bytes(body)
    try:
        expected = REFERENCE.decode(changed, len(changed))
    except BlockError:
        with pytest.raises(BlockError):
            COMPILED.decode(changed, len(changed))
    else:
        assert bytes(COMPILED.decode(changed, len(changed))) == expected
