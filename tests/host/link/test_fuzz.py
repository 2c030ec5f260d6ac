"""Whatever is on the wire, the host's parser lives, counts right, and finds the next good frame."""

from __future__ import annotations

from contextlib import suppress
from itertools import combinations, islice
from math import comb
from random import Random

import pytest

from host.link import ContractMismatchError
from host.link.conversation import Conversation
from host.link.receiver import Receiver
from protocol.contract import Contract
from protocol.frame import Deframer, Frame, FrameStatus, Kind, encode_frame
from protocol.messages import build_offer
from tests.fuzz import IS_FULL, chosen, frames, good_frames, record

_BATCH = 50


def opened(contract: Contract, receiver: Receiver) -> Conversation:
    """A conversation with a session under way."""
    talk = Conversation(contract, receiver.counters, random=Random(1).randbytes)
    talk.restart()
    talk.hello(0.0)
    offer = build_offer(
        contract.hash, "car", nonce=talk._nonce, boot=0, opening=1, uptime_ms=5, window=8,
        ring_bytes=1024, flags=0, board=b"fuzz",
    )
    talk.take(Frame(Kind.HELLO, 1, offer, stored=True), 0.0)
    assert talk.is_open
    return talk


@pytest.mark.timeout(1800)
def test_no_stream_of_bad_frames_breaks_the_host_or_hides_the_next_good_one(contract: Contract) -> None:
    count = chosen(full=1_000_000, quick=20_000)
    receiver = Receiver(contract)
    talk = opened(contract, receiver)
    stream = frames(contract, talk._session, seed=11)
    marker = encode_frame(Frame(Kind.SENSORS, 0xABCD, b"found", stored=True), contract.hash)
    random, good = Random(12), 0
    for _ in range(count // _BATCH):
        if not talk.is_open:  # a notice made of whole cloth ends a session: it is counted, and another begins
            talk = opened(contract, receiver)
        data = b"".join(islice(stream, _BATCH))
        before = receiver.counters.frames_unread
        for piece in (data[: (cut := random.randrange(len(data)))], data[cut:]):
            receiver.feed(piece)
            while receiver.conversation:
                with suppress(ContractMismatchError):  # what a HELLO that was made up may say
                    talk.take(receiver.conversation.popleft(), 1.0)
        receiver.take_rows()
        good += good_frames(data, contract) + 1
        unread = receiver.counters.frames_unread
        receiver.feed(marker)
        assert receiver.counters.frames_unread == unread + 1 > before
        assert receiver.counters.frames[FrameStatus.GOOD] == good
    record("host", {"frames": count, "accepted": good, "exceptions": 0})


SIZES = range(9, 17) if IS_FULL else (9, 12)


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("zeros", [False, True], ids=["without zeros", "with zeros"])
@pytest.mark.parametrize("size", SIZES)
def test_every_flip_of_1_2_or_3_bits_of_a_short_frame_is_detected(
    contract: Contract, size: int, zeros: bool
) -> None:
    """All of them, of every byte on the wire, the COBS code and the delimiter among them."""
    body = bytes((0 if zeros and at % 2 else 17 * at + 3) for at in range(size - 9))
    wire = encode_frame(Frame(Kind.COMMAND, 0x0203, body, stored=True), contract.hash)
    assert len(wire) == size
    tried = 0
    masks = [1 << bit for bit in range(8 * size)]
    number = int.from_bytes(wire, "little")
    for count in (1, 2, 3):
        for bits in combinations(masks, count):
            flipped = number
            for bit in bits:
                flipped ^= bit
            deframer = Deframer(contract.hash)
            for got in deframer.feed(flipped.to_bytes(size, "little") + b"\x00"):
                assert got.status is not FrameStatus.GOOD, flipped
            tried += 1
    assert tried == comb(8 * size, 1) + comb(8 * size, 2) + comb(8 * size, 3)
    kind = "with" if zeros else "without"
    record(f"flips of {size} bytes, {kind} zeros", {"tried": tried, "undetected": 0})
