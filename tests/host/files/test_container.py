"""Files come back whole; of damaged ones every whole block does, and nothing wrong is taken for right."""

import io
import random
from itertools import pairwise
from zlib import crc32

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from host.files.codec import Reference
from host.files.compress import compress_stream
from host.files.container import BLOCK_MARK, END_MARK, HEADER_BYTES, RECORD_BYTES, TAIL_BYTES
from host.files.decompress import Gap
from host.files.errors import FilesError
from host.files.index import read_index, read_range
from tests.host.files.made import BLOCK, TEXT, compressed, restored

FILE, RESULT = compressed(TEXT)
END = read_index(io.BytesIO(FILE))
quick = settings(deadline=None)


@quick
@given(st.lists(st.binary(max_size=3000), max_size=6).map(b"".join), st.sampled_from([1, 2, 3]))
def test_any_content_comes_back_through_pipes(content, threads):
    data, result = compressed(content, threads=threads)
    back, found = restored(data)
    assert back == content
    told = (result.content_bytes, result.blocks, result.checksum)
    assert (found.content_bytes, found.blocks, found.checksum) == told
    assert result.file_bytes == len(data)


def test_threads_and_pieces_make_no_difference_to_the_file():
    data, _ = compressed(TEXT, threads=4)
    whole = io.BytesIO()
    compress_stream(io.BytesIO(TEXT), whole, Reference(), block=BLOCK)
    assert data == whole.getvalue() == FILE


def test_the_index_tells_where_everything_is():
    assert sum(END.sizes) == END.content_bytes == len(TEXT)
    assert [FILE[place : place + 4] for place in END.places] == [BLOCK_MARK] * RESULT.blocks
    assert END.offsets == list(range(0, len(TEXT), BLOCK))


@quick
@given(st.integers(0, len(TEXT)), st.integers(0, len(TEXT)))
def test_any_range_can_be_read_alone(start, stop):
    assert read_range(io.BytesIO(FILE), END, Reference(), start, stop) == TEXT[start:stop]


def test_one_damaged_block_costs_its_own_content_alone():
    for number, place in enumerate(END.places):
        damaged = bytearray(FILE)
        damaged[place + RECORD_BYTES + 30] ^= 0x40
        with pytest.raises(FilesError, match=f"a damaged block .its checksum differs. at byte {place};"):
            restored(bytes(damaged))
        back, found = restored(bytes(damaged), keep_going=True)
        start, stop = number * BLOCK, min((number + 1) * BLOCK, len(TEXT))
        assert found.gaps == [Gap(start, stop)]
        assert back == TEXT[:start] + bytes(stop - start) + TEXT[stop:]


def test_a_damaged_record_hides_no_other_block():
    damaged = bytearray(FILE)
    damaged[END.places[2] + 5] ^= 1
    back, found = restored(bytes(damaged), keep_going=True)
    assert found.gaps == [Gap(2 * BLOCK, 3 * BLOCK)]
    assert back == TEXT[: 2 * BLOCK] + bytes(BLOCK) + TEXT[3 * BLOCK :]


def test_blocks_that_were_cut_out_are_named():
    start, stop = END.places[1], END.places[3]
    with pytest.raises(FilesError, match=f"bytes {BLOCK} to {3 * BLOCK - 1} are missing"):
        restored(FILE[:start] + FILE[stop:])
    _, found = restored(FILE[:start] + FILE[stop:], keep_going=True)
    assert found.gaps == [Gap(BLOCK, 3 * BLOCK)]


def test_a_file_that_ends_early_is_saved_up_to_there():
    cut = END.places[3] + 100
    with pytest.raises(FilesError, match="ends in the block"):
        restored(FILE[:cut])
    back, found = restored(FILE[:cut], keep_going=True)
    assert back == TEXT[: 3 * BLOCK]
    assert found.gaps[-1] == Gap(3 * BLOCK, None)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not a file that `host compress` wrote"),
        (b"PK\x03\x04" + bytes(40), "not a file that `host compress` wrote"),
        (FILE[:12], "ends within its header"),
        (FILE.replace(b"\r\n", b"\n", 1), "text-mode transfer"),
        (FILE[:10] + b"\x01" + FILE[11:], "its header is damaged"),
        (FILE + b"more", "bytes of something else behind the end"),
        (FILE[:-TAIL_BYTES], "damaged last bytes"),
        (FILE[: FILE.index(END_MARK)], "ends before its end record"),
    ],
)
def test_what_is_no_whole_file_is_refused_in_a_line(data, reason):
    with pytest.raises(FilesError, match=reason):
        restored(data)


def test_a_file_of_a_later_version_asks_for_an_update():
    checked = FILE[:8] + b"\x02" + FILE[9:12]
    with pytest.raises(FilesError, match="version 2 of the format; this program reads up to 1: update it"):
        restored(checked + crc32(checked).to_bytes(4, "little") + FILE[16:])


def test_a_record_that_claims_an_absurd_place_is_not_filled_up_to():
    from host.files.container import Record, parse_record, record_header

    record = parse_record(FILE[END.places[1] :])
    forged = record_header(Record(1 << 60, record.block_bytes))
    data = FILE[: END.places[1]] + forged + FILE[END.places[1] + RECORD_BYTES :]
    with pytest.raises(FilesError, match="nobody would believe"):
        restored(data, keep_going=True)


def with_index(count, packed):
    """The file with another index in an end record whose checksums are right."""
    at = FILE.index(END_MARK)
    sizes = count.to_bytes(8, "little") + len(packed).to_bytes(8, "little")
    checked = END_MARK + sizes + packed + FILE[-TAIL_BYTES - 16 : -TAIL_BYTES - 4]
    return FILE[:at] + checked + crc32(checked).to_bytes(4, "little") + FILE[-TAIL_BYTES:]


@pytest.mark.parametrize(
    ("count", "packed"),
    [(1 << 60, b"\x05\x05"), (1, b"\x05"), (1, b"\x85"), (0, b"\x01\x01"), (1, b"\xff" * 9)],
)
def test_an_index_that_is_none_is_refused_though_its_checksum_is_right(count, packed):
    data = with_index(count, packed)
    with pytest.raises(FilesError, match="a damaged end record"):
        restored(data)
    with pytest.raises(FilesError, match="its index is damaged"):
        read_index(io.BytesIO(data))


def mutated(data, seed):
    """A file with something done to it: flips, a cut, an insertion, a piece swapped, a new header."""
    draw = random.Random(seed)
    changed = bytearray(data)
    for _ in range(draw.randint(1, 3)):
        at = draw.randrange(len(changed) + 1)
        what = draw.randrange(6)
        if what == 0 and at < len(changed):
            changed[at] ^= 1 << draw.randrange(8)
        elif what == 1:
            del changed[at : at + draw.randint(1, 6000)]
        elif what == 2:
            changed[at:at] = draw.randbytes(draw.randint(1, 300))
        elif what == 3:
            del changed[at:]
        elif what == 4:
            changed[: draw.randint(1, 60)] = draw.randbytes(draw.randint(0, 60))
        else:
            changed[at : at + 40] = draw.randbytes(40)
    return bytes(changed)


def whole_blocks(data):
    """Contents of the blocks that are untouched in a changed file, by where they belong."""
    records = [FILE[a:b] for a, b in pairwise([*END.places, FILE.index(END_MARK)])]
    return {
        number * BLOCK: TEXT[number * BLOCK : (number + 1) * BLOCK]
        for number, record in enumerate(records)
        if record in data
    }


@pytest.mark.parametrize("part", range(4))
def test_mutations_are_refused_or_cost_no_whole_block(part, mutations):
    for seed in range(part, mutations, 4):
        data = mutated(FILE, seed)
        if data == FILE:
            continue
        with pytest.raises(FilesError, match=r"^[^\n]+$"):
            restored(data)
        try:
            back, found = restored(data, keep_going=True)
        except FilesError:
            assert b"\xab" not in data[HEADER_BYTES:] or not whole_blocks(data)
            continue
        assert found.gaps or found.notes
        told = [(gap.start, gap.stop) for gap in found.gaps]
        for offset, content in whole_blocks(data).items():
            if data.count(FILE[END.places[offset // BLOCK] :][: RECORD_BYTES + 20]) == 1:
                assert back[offset : offset + len(content)] == content, (seed, offset, told)
        # Whatever is not in a gap is right.
        at = 0
        for start, stop in [*told, (len(back), None)]:
            assert back[at:start] == TEXT[at:start], seed
            at = len(back) if stop is None else stop
