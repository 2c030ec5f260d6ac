"""Frames survive any cutting of the stream; whatever is wrong with one is a value."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.frame import MAX_WIRE, Deframer, Frame, FrameStatus, Kind, encode_frame
from protocol.limits import MAX_BODY

SEED = 0x1234_5678
frames = st.builds(
    Frame,
    kind=st.sampled_from(Kind),
    sequence=st.integers(0, 0xFFFF),
    body=st.binary(max_size=MAX_BODY),
    stored=st.booleans(),
    key=st.booleans(),
    rows=st.integers(1, 8),
)


def received(chunks, seed=SEED):
    deframer = Deframer(seed)
    return [item for chunk in chunks for item in deframer.feed(chunk)]


@given(st.lists(frames, max_size=5), st.integers(1, 50))
def test_frames_come_back_however_the_stream_is_cut(sent, size):
    wire = b"".join(encode_frame(frame, SEED) for frame in sent)
    chunks = [wire[at : at + size] for at in range(0, len(wire), size)]
    assert [item.frame for item in received(chunks)] == sent
    assert sum(item.wire_bytes for item in received(chunks)) == len(wire)


@given(frames)
def test_a_frame_costs_nine_bytes_and_one_more_for_each_254(frame):
    wire = encode_frame(frame, SEED)
    content = len(frame.body) + 7
    assert len(wire) <= content + 1 + content // 254 + 1
    assert b"\x00" not in wire[:-1]


@given(frames, st.data())
def test_no_flipped_bit_gets_past_the_checksum(frame, data):
    wire = bytearray(encode_frame(frame, SEED))
    bit = data.draw(st.integers(0, 8 * len(wire) - 9))
    wire[bit // 8] ^= 1 << bit % 8
    assert all(item.frame is None for item in received([bytes(wire)]))


@given(st.binary(max_size=300), frames)
def test_after_any_garbage_the_next_frame_is_found(garbage, frame):
    items = received([garbage + b"\x00" + encode_frame(frame, SEED)])
    assert items[-1].frame == frame


@given(frames.filter(lambda frame: frame.kind != Kind.HELLO))
def test_a_frame_under_another_contract_is_refused(frame):
    (item,) = received([encode_frame(frame, SEED)], seed=SEED + 1)
    assert item.status == FrameStatus.BAD_CRC


def test_hello_is_read_under_any_contract():
    frame = Frame(Kind.HELLO, 0, b"who is there", stored=True)
    (item,) = received([encode_frame(frame, SEED)], seed=SEED + 1)
    assert item.frame == frame


def test_a_stream_without_delimiters_takes_no_memory():
    deframer = Deframer(SEED)
    for _ in range(1000):
        assert list(deframer.feed(b"\x05" * 1000)) == []
    assert len(deframer._pending) <= MAX_WIRE + 1
    (item,) = deframer.feed(b"\x00")
    assert (item.status, item.wire_bytes) == (FrameStatus.TOO_LONG, 1_000_001)


def test_idle_delimiters_are_no_frames():
    assert received([b"\x00\x00\x00"]) == []


@pytest.mark.parametrize(
    "frame", [Frame(Kind.REPLY, 0, bytes(MAX_BODY + 1)), Frame(Kind.REPLY, 0, b"", rows=9)]
)
def test_a_frame_that_the_header_cannot_hold_is_refused(frame):
    with pytest.raises(ValueError, match="no frame holds"):
        encode_frame(frame, SEED)
