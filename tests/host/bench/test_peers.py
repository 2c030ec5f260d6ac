"""Every scheme gives back what it was given, and its bytes are those of its format."""

import zlib
from dataclasses import replace

import pytest
from hypothesis import given, settings

from host.bench.peers.deflate import (
    DICTIONARIES,
    Deflate,
    ZlibStream,
    commonest_packets,
    commonest_pieces,
    latest_packets,
    pieces_after_packets,
)
from host.bench.peers.heatshrink import Heatshrink
from host.bench.peers.plain import DeltaVarint, Raw
from host.bench.peers.recoded import Recipe, best_recipe
from host.bench.peers.zstd import train_zstd
from host.bench.scheme import measure
from host.bench.telemetry import SCHEMES, split_task
from host.train.car import plausible_log
from protocol.schema import Channel, Row, Schema
from tests.host.bench.logs import log_of, logs

SCHEMA = Schema("two", (Channel("a", format="i16"), Channel("b", format="u8")))


@pytest.mark.parametrize("name", SCHEMES)
@settings(max_examples=15, deadline=None)
@given(log=logs())
def test_any_rows_come_back_from_every_scheme(name, log):
    task = split_task(log, 0.5)
    assert measure(SCHEMES[name](task), task.test_rows).decoded_ok


@pytest.mark.parametrize("name", SCHEMES)
@pytest.mark.parametrize(
    "log",
    [
        log_of([7] * 40),
        log_of(*[[row * column for row in range(40)] for column in range(64)]),
        log_of([0, 2**32 - 1] * 20, [-(2**31), 2**31 - 1] * 20),
    ],
    ids=["a channel that never changes", "64 channels", "channels that jump over their whole range"],
)
def test_the_oddest_logs_come_back_from_every_scheme(name, log):
    task = split_task(log, 0.5)
    assert measure(SCHEMES[name](task), task.test_rows).decoded_ok


def test_raw_is_the_struct_in_the_schemas_formats():
    assert Raw(SCHEMA).encode_row(Row(1, (-2, 3))) == bytes([1, 0, 0, 0, 0xFE, 0xFF, 3])


def test_a_delta_varint_row_is_zigzag_leb128_and_the_clock_a_difference_of_differences():
    scheme = DeltaVarint(SCHEMA)
    assert scheme.encode_row(Row(100, (-2, 3))) == bytes([0xC8, 0x01, 3, 6])
    assert scheme.encode_row(Row(200, (-2, 3))) == bytes([0, 0, 0])
    assert scheme.encode_row(Row(299, (-1, 2))) == bytes([1, 2, 1])


def test_a_clock_that_wraps_is_no_jump():
    scheme = DeltaVarint(SCHEMA)
    for time_us in (2**32 - 20, 2**32 - 10):
        scheme.encode_row(Row(time_us, (0, 0)))
    assert scheme.encode_row(Row(0, (0, 0))) == bytes([0, 0, 0])


def test_a_zlib_stream_is_one_stream_with_its_sync_marks_left_out():
    log = plausible_log(50, seed=1)
    stream = ZlibStream(log.schema)
    packets = [stream.encode_row(row) for row in log.rows]
    whole = b"".join(packet + b"\x00\x00\xff\xff" for packet in packets)
    assert zlib.decompressobj(-15).decompress(whole) == b"".join(map(log.schema.pack, log.rows))


def test_a_dictionary_saves_what_it_holds():
    packet = bytes(range(60))
    assert len(Deflate(packet).compress(packet)) < 8 < len(Deflate().compress(packet))


def test_dictionaries_hold_the_latest_or_the_commonest_nearest_to_their_end():
    packets = [b"abcd", b"wxyz", b"wxyz", b"abcd", b"wxyz", b"late"]
    assert latest_packets(6, packets) == b"yzlate"
    assert commonest_packets(100, packets).endswith(b"abcdwxyz")
    assert commonest_pieces(100, packets) == b"abcdwxyz"
    assert pieces_after_packets(8, packets).endswith(b"wxyzlateabcdwxyz")


@pytest.mark.parametrize("make", DICTIONARIES)
def test_no_dictionary_is_longer_than_zlib_can_reach(make):
    packets = [Raw(log.schema).encode_row(row) for log in [plausible_log(2500, seed=2)] for row in log.rows]
    assert 0 < len(make(packets)) <= 2**15 - 262


def test_a_short_zstd_frame_has_nothing_but_header_and_block():
    # Frame header descriptor and window descriptor, then a block header of three bytes (RFC 8878, 3.1.1).
    packet = bytes([1, 2, 3])
    compressed = train_zstd(1024, [bytes([9] * 20)] * 5).compress(packet)
    assert len(compressed) == 2 + 3 + len(packet)
    assert compressed[0] == 0  # no content size, checksum or dictionary number


def test_a_heatshrink_literal_is_a_1_and_the_byte_and_the_rest_is_padding():
    assert Heatshrink(4, 3).compress(b"\x55") == bytes([0b1010_1010, 0b1000_0000])


def test_the_recipe_that_does_best_on_rows_it_has_not_seen_is_taken():
    log = plausible_log(200, seed=3)
    recipes = [Recipe(form, lambda _: Deflate()) for form in (Raw, DeltaVarint)]
    best = measure(best_recipe(log.schema, log.rows, recipes), log.rows)
    alone = [measure(best_recipe(log.schema, log.rows, [recipe]), log.rows) for recipe in recipes]
    assert best == min(alone, key=lambda measured: measured.bytes_per_row) != max(
        alone, key=lambda measured: measured.bytes_per_row
    )


class Liar(Raw):
    """A scheme whose receiver makes up a value now and then."""

    def decode_row(self, packet):
        row = super().decode_row(packet)
        return replace(row, time_us=0) if row.time_us == 300_000 else row


def test_a_scheme_that_gives_back_other_rows_is_found_out():
    rows = log_of(range(20), step_us=100_000).rows
    schema = Schema("one", (Channel("c0"),))
    assert measure(lambda: Raw(schema), rows).decoded_ok
    assert not measure(lambda: Liar(schema), rows).decoded_ok
