"""The faulty line: exact without faults, accountable with them, and the same for the same seed."""

from __future__ import annotations

import dataclasses
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host.faults import Channel, Faults, FaultsError, Line, VirtualClock

CHUNKS = st.lists(st.tuples(st.floats(0, 0.1), st.binary(min_size=1, max_size=60)), min_size=1, max_size=20)
PROBABILITY = st.sampled_from([0.0, 0.02, 0.3, 1.0])
ANY_FAULTS = st.builds(
    Faults, bit_errors=PROBABILITY, drop=PROBABILITY, insert=PROBABILITY, duplicate=PROBABILITY,
    reorder=PROBABILITY, split=PROBABILITY, stall=PROBABILITY, stall_s=st.just(0.1),
    delay_s=st.sampled_from([0.0, 0.03]), baud=st.sampled_from([0, 57_600]), seed=st.integers(0, 1000),
)
LATE = 1e6


def sent(line: Line, chunks: list[tuple[float, bytes]]) -> bytes:
    """All that comes out of a line; it is received from now and then on the way."""
    now, came = 0.0, b""
    for number, (pause, data) in enumerate(chunks):
        now += pause
        line.send(data, now)
        if number % 3 == 0:
            came += line.receive(now)
    return came + line.receive(LATE)


@given(CHUNKS, st.sampled_from([0, 9600, 57_600]), st.sampled_from([0.0, 0.25]))
def test_without_faults_nothing_is_lost_and_the_order_is_kept(
    chunks: list[tuple[float, bytes]], baud: int, delay_s: float
) -> None:
    line = Line(Faults(baud=baud, delay_s=delay_s), Random(1))
    assert sent(line, chunks) == b"".join(data for _, data in chunks)


@given(st.lists(st.integers(1, 200), min_size=1, max_size=20), st.sampled_from([1200, 57_600, 115_200]))
def test_a_busy_line_takes_exactly_ten_bits_a_byte(sizes: list[int], baud: int) -> None:
    line = Line(Faults(baud=baud), Random(1))
    for size in sizes:
        line.send(bytes(size), 0.0)
    total = sum(sizes)
    assert line.free_at == total * (10 / baud)
    last = total * (10 / baud)
    assert len(line.receive(last * (1 - 1e-12))) == total - 1
    assert len(line.receive(last)) == 1


def test_an_idle_line_starts_when_a_byte_is_sent() -> None:
    line = Line(Faults(baud=10), Random(1))
    line.send(b"a", 0.0)
    line.send(b"b", 5.0)
    assert line.receive(5.9) == b"a"
    assert line.receive(6.0) == b"b"


@given(ANY_FAULTS, CHUNKS)
def test_the_counters_add_up(faults: Faults, chunks: list[tuple[float, bytes]]) -> None:
    line = Line(faults, Random(faults.seed))
    out = sent(line, chunks)
    counters = line.counters
    assert counters.bytes_in == sum(len(data) for _, data in chunks)
    assert counters.chunks == len(chunks)
    assert counters.bytes_out == len(out)
    assert line.under_way == 0
    assert (
        counters.bytes_in + counters.inserted_bytes + counters.duplicated_bytes
        == counters.bytes_out + counters.dropped_bytes + counters.lost_bytes
    )


@given(ANY_FAULTS, CHUNKS)
def test_the_same_seed_makes_the_same_faults(faults: Faults, chunks: list[tuple[float, bytes]]) -> None:
    first, second = (Line(faults, Random(faults.seed)) for _ in range(2))
    assert sent(first, chunks) == sent(second, chunks)
    assert first.counters == second.counters


@given(st.floats(0.001, 0.2), st.integers(0, 100))
def test_as_many_bits_are_flipped_as_was_asked_for(rate: float, seed: int) -> None:
    line = Line(Faults(bit_errors=rate), Random(seed))
    line.send(bytes(5000), 0.0)
    flipped = sum(byte.bit_count() for byte in line.receive(0.0))
    assert flipped == line.counters.flipped_bits
    deviation = (40_000 * rate * (1 - rate)) ** 0.5
    assert abs(flipped - 40_000 * rate) < 6 * deviation


def test_a_chunk_is_overtaken_by_the_next_one() -> None:
    line = Line(Faults(reorder=1.0), Random(1))
    line.send(b"one", 0.0)
    line.send(b"two", 0.01)
    assert line.receive(0.01) == b"twoone"
    assert line.counters.reordered_chunks == 1


def test_a_chunk_that_nothing_overtakes_arrives_by_itself() -> None:
    line = Line(Faults(reorder=1.0, hold_s=0.05), Random(1))
    line.send(b"one", 0.0)
    assert line.next_at() == 0.05
    assert line.receive(0.04) == b""
    assert line.receive(0.05) == b"one"
    assert line.counters.reordered_chunks == 0


def test_a_stall_holds_everything_up_and_loses_nothing() -> None:
    line = Line(Faults(stall=1.0, stall_s=0.5), Random(1))
    line.send(b"one", 0.0)
    assert line.receive(0.49) == b""
    assert line.receive(0.5) == b"one"


def test_a_split_chunk_comes_in_two_pieces() -> None:
    line = Line(Faults(split=1.0, split_s=0.02), Random(1))
    line.send(b"onetwo", 0.0)
    first = line.receive(0.0)
    assert 0 < len(first) < 6
    assert first + line.receive(0.02) == b"onetwo"


def test_a_duplicated_chunk_comes_twice() -> None:
    line = Line(Faults(duplicate=1.0), Random(1))
    line.send(b"one", 0.0)
    assert line.receive(0.0) == b"oneone"


def test_a_disconnect_loses_what_is_under_way_in_both_directions() -> None:
    clock = VirtualClock()
    channel = Channel(Faults(baud=9600), clock)
    channel.send(channel.down, b"down")
    channel.send(channel.up, b"up")
    channel.disconnect()
    channel.send(channel.down, b"never")
    clock.advance_to(1.0)
    assert channel.receive(channel.down) + channel.receive(channel.up) == b""
    assert channel.down.counters.lost_bytes == 9
    assert channel.up.counters.lost_bytes == 2
    channel.reconnect()
    channel.send(channel.down, b"again")
    clock.advance_to(2.0)
    assert channel.receive(channel.down) == b"again"


def test_a_channel_that_may_disconnect_does() -> None:
    channel = Channel(Faults(disconnect=1.0), VirtualClock())
    channel.send(channel.up, b"last")
    assert not channel.is_connected
    assert channel.to_json()["disconnects"] == 1


@pytest.mark.parametrize("wrong", [{"drop": 1.5}, {"bit_errors": -1.0}, {"stall_s": -0.1}, {"baud": -1}])
def test_a_fault_that_cannot_be_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(FaultsError, match="give"):
        dataclasses.replace(Faults(), **wrong)
