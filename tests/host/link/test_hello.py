from __future__ import annotations

from dataclasses import replace

import pytest

from host.link import ContractMismatchError, Link, LinkError
from protocol.contract import Contract
from protocol.frame import Frame, Kind, encode_frame
from protocol.limits import PROTOCOL_VERSION
from protocol.messages import Hello
from tests.host.fake_board import FakeBoard, FakeClock


def test_a_board_of_the_same_contract_is_greeted_at_once(link: Link, clock: FakeClock) -> None:
    started = clock.now
    link.hello()
    assert clock.now == started


def test_hello_is_repeated_until_a_board_that_still_starts_listens(link: Link, board: FakeBoard) -> None:
    board.ignores_hello = 5
    link.hello(timeout_s=3)
    assert sum(b"PATROL" in wire for wire in board.sent) == 6


def test_a_silent_port_is_an_error_after_the_time_out_and_not_before(
    link: Link, board: FakeBoard, clock: FakeClock
) -> None:
    board.ignores_hello = 10**9
    started = clock.now
    with pytest.raises(LinkError, match=r"no answer from the board at fake://board in 3 s: not a byte came"):
        link.hello(timeout_s=3)
    assert clock.now - started == pytest.approx(3, abs=0.1)


def test_a_port_with_other_traffic_is_told_apart_from_a_silent_one(link: Link, board: FakeBoard) -> None:
    board.ignores_hello = 10**9
    board.say(b"MicroPython v1.25.0\r\n>>> ")
    with pytest.raises(LinkError, match=r"25 bytes came, but no HELLO; is this the link \(not the console\)"):
        link.hello()


def test_another_contract_is_refused_with_both_names_and_hashes(
    link: Link, board: FakeBoard, contract: Contract
) -> None:
    other = replace(contract, schema=replace(contract.schema, name="truck"))
    board.contract = other
    with pytest.raises(ContractMismatchError) as caught:
        link.hello()
    for word in ("truck", f"{other.hash:08x}", "car", f"{contract.hash:08x}", "--contract"):
        assert word in str(caught.value)


def test_another_protocol_version_is_refused(link: Link, board: FakeBoard, contract: Contract) -> None:
    fields = {"contract_hash": contract.hash, "name": "car", "rest": b"of that version"}
    hello = Hello.build({"protocol_version": PROTOCOL_VERSION + 1, **fields})
    board.ignores_hello = 1
    board.say(encode_frame(Frame(Kind.HELLO, 0, hello, stored=True), 0))
    with pytest.raises(ContractMismatchError, match=f"protocol version {PROTOCOL_VERSION + 1}"):
        link.hello()


def test_a_hello_that_makes_no_sense_is_counted_and_skipped(link: Link, board: FakeBoard) -> None:
    board.say(encode_frame(Frame(Kind.HELLO, 0, b"PETROL", stored=True), 0))
    link.hello()
    assert link.counters.frames_unread == 1
