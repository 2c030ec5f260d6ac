"""Whatever is on the wire, the car lives, keeps its heap, counts right, and answers the next good frame."""

from __future__ import annotations

from itertools import islice

import pytest

from protocol.frame import Kind
from tests.firmware_mpy.served import ServedFirmware
from tests.fuzz import chosen, frames, good_frames, record

_BATCH = 20
FULL = {"unix": 200_000, "board": 20_000}
QUICK = {"unix": 4_000, "board": 400}


@pytest.mark.timeout(1800)
def test_no_stream_of_bad_frames_breaks_the_car_or_hides_the_next_good_one(
    car: ServedFirmware, request: pytest.FixtureRequest
) -> None:
    platform = request.node.callspec.id
    count = chosen(FULL[platform], QUICK[platform])
    stream = frames(car.contract, car.session, seed=5)
    car.command("ping")  # opens the session
    car.ask("without_what_takes_heap")
    good = car.counter("frames_received")
    for batch in range(count // _BATCH):
        data = b"".join(islice(stream, _BATCH))
        good += good_frames(data, car.contract) + 1
        # locked: whatever came of the heap would be an exception
        (*_, last) = car.feed(data + car.hello(sequence=batch, nonce=batch), locked=True)
        assert (last.kind, last.sequence) == (Kind.HELLO, batch & 0xFFFF)
        assert car.counter("frames_received") == good
    executed = car.counter("commands_executed")
    assert executed > 0
    counted = {"frames": count, "accepted": good, "executed": executed, "heap_bytes": 0, "exceptions": 0}
    record(platform, counted)
