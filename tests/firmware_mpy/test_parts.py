"""The firmware's parts against the host's reference, on any input: they agree byte for byte."""

from __future__ import annotations

from itertools import pairwise
from typing import Any
from zlib import crc32

import pytest
from cobs import cobs
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.bits import BitWriter
from protocol.contract import BASE_FILE, load_contract
from protocol.frame import DELIMITER, Deframer, Frame, Kind, Received, encode_frame
from protocol.huffman import END
from protocol.limits import MAX_BODY, MAX_CHANNELS, MAX_FRAME, MAX_MESSAGE, MAX_ROWS
from protocol.messages import compress, expand
from protocol.schema import Row
from protocol.telemetry import TelemetryEncoder
from protocol.tokens import wrap32
from tests.firmware_mpy.served import ServedFirmware

CAR = load_contract(BASE_FILE)
quick = settings(max_examples=60, deadline=None)

int32 = st.integers(-(1 << 31), (1 << 31) - 1)
variants = st.sampled_from([0, 1, -1])  # plain, viper, and what the platform runs: assembler on the board
zeros_and_others = st.lists(st.sampled_from([0, 0, 1, 2, 255])).map(bytes)
bodies = st.one_of(st.binary(max_size=40), zeros_and_others, st.binary(min_size=240, max_size=MAX_BODY))
frames = st.builds(
    Frame,
    st.sampled_from(Kind),
    st.integers(0, 0xFFFF),
    bodies,
    stored=st.booleans(),
    key=st.booleans(),
    rows=st.integers(1, MAX_ROWS),
)
good = frames.map(lambda frame: encode_frame(frame, CAR.hash))


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A frame with a byte changed, cut short, or run into what comes next."""
    wire = bytearray(draw(good))
    at = draw(st.integers(0, len(wire) - 1))
    if draw(st.booleans()):
        wire[at] ^= draw(st.integers(1, 255))
    else:
        del wire[at : at + draw(st.integers(1, 3))]
    return bytes(wire)


too_long = st.integers(500, 700).map(lambda size: b"\x07" * size)
pieces = st.one_of(good, damaged(), st.binary(max_size=20), too_long)
# Cut to what the board can hold in hexadecimal, thrice.
streams = st.lists(pieces, max_size=6).map(lambda parts: b"".join(parts)[:1200])


def described(received: Received) -> list[Any]:
    frame = received.frame
    content = ""
    if frame is not None:
        content = bytes([frame.control, frame.sequence & 255, frame.sequence >> 8]).hex() + frame.body.hex()
    return [received.status.value, received.wire_bytes, content]


@quick
@given(stream=streams, cuts=st.lists(st.integers(0, 1500), max_size=5), variant=variants)
def test_any_stream_is_taken_apart_as_the_host_does_however_it_is_cut(
    firmware: ServedFirmware, stream: bytes, cuts: list[int], variant: int
) -> None:
    edges = [0, *sorted(cuts), len(stream)]
    chunks = [stream[a:b].hex() for a, b in pairwise(edges)]
    expected = [described(received) for received in Deframer(CAR.hash).feed(stream)]
    assert firmware.ask("deframed", variant=variant, chunks=chunks)["frames"] == expected


@quick
@given(body=bodies, stored=st.booleans(), variant=st.integers(-2, -1))
def test_any_body_expands_as_on_the_host(
    firmware: ServedFirmware, body: bytes, stored: bool, variant: int
) -> None:
    expected = expand(body, stored, CAR.message_book)
    answer = firmware.ask("expanded", variant=variant, body=body.hex(), stored=stored)["message"]
    assert answer == (None if expected is None else expected.hex())


@pytest.mark.parametrize("variant", [0, 1, -1])
@pytest.mark.parametrize("size", [511, 512, 513, 514, 515])
def test_content_of_short_blocks_is_measured_by_itself(
    firmware: ServedFirmware, size: int, variant: int
) -> None:
    """Zeros keep the wire short: here it is the content that is too long, not what is on the wire."""
    content = bytes([Kind.TELEMETRY, 0, 0]) + bytes([0, 1] * size)[: size - 7]
    checksum = crc32(content, CAR.hash).to_bytes(4, "little")
    stream = cobs.encode(content + checksum) + DELIMITER
    expected = [described(received) for received in Deframer(CAR.hash).feed(stream)]
    assert expected[0][0] == ("good" if size <= MAX_FRAME else "too_long")
    assert firmware.ask("deframed", variant=variant, chunks=[stream.hex()])["frames"] == expected


@pytest.mark.parametrize("variant", [0, 1, -1])
def test_days_without_a_delimiter_end_at_the_next_one(firmware: ServedFirmware, variant: int) -> None:
    before = (1 << 29) - 3
    good = encode_frame(Frame(Kind.COMMAND, 1, b"abc"), CAR.hash)
    answer = firmware.ask(
        "deframed", variant=variant, chunks=["07" * 100, "00" + good.hex()], wire_bytes_before=before
    )
    (first, _, _), second = answer["frames"]
    assert first == "too_long"
    assert second == described(next(Deframer(CAR.hash).feed(good)))
    assert answer["frames"][0][1] == (1 << 29) + 1


@pytest.mark.parametrize("wrong_byte", range(4))
def test_every_byte_of_the_checksum_counts(firmware: ServedFirmware, wrong_byte: int) -> None:
    """Checksums forged so that the check, which looks at four bytes, finds a single one of them wrong."""
    content = bytes([Kind.COMMAND, 1, 0, 4])
    good = crc32(content, CAR.hash)
    basis: dict[int, tuple[int, int]] = {}
    for bit in range(32):  # which change of the checksum changes what the check sees: linear over GF(2)
        change, effect = 1 << bit, _checked(content, good ^ 1 << bit) ^ _checked(content, good)
        while effect and effect.bit_length() in basis:
            change ^= basis[effect.bit_length()][0]
            effect ^= basis[effect.bit_length()][1]
        basis[effect.bit_length()] = change, effect
    wanted, forged = 1 << 8 * wrong_byte, good
    while wanted:
        change, effect = basis[wanted.bit_length()]
        wanted, forged = wanted ^ effect, forged ^ change
    stream = cobs.encode(content + forged.to_bytes(4, "little")) + DELIMITER
    assert _checked(content, forged) ^ _checked(content, good) == 1 << 8 * wrong_byte
    (frame,) = firmware.ask("deframed", variant=-1, chunks=[stream.hex()])["frames"]
    assert frame[0] == "bad_crc"


def _checked(content: bytes, checksum: int) -> int:
    return crc32(content + checksum.to_bytes(4, "little"), CAR.hash)


some_bytes = st.binary(max_size=20)


@quick
@given(before=some_bytes, after=some_bytes, skipped=st.just(255) | st.integers(9, 300))
def test_nothing_behind_an_end_mark_makes_up_for_it(
    firmware: ServedFirmware, before: bytes, after: bytes, skipped: int
) -> None:
    """However many bits the decoders skip at the mark: what follows may be in step with them."""
    book = CAR.message_book
    writer = BitWriter()
    for symbol in before:
        book.write(writer, symbol)
    book.write(writer, END)
    writer.write(0, max(0, skipped - book.lengths[END]))
    for symbol in after:
        book.write(writer, symbol)
    body = writer.to_bytes(pad=1)
    for variant in (0, 1, -1):
        answer = firmware.ask("expanded", variant=variant, body=body.hex(), stored=False)
        assert answer["message"] is None


messages = st.one_of(
    st.binary(max_size=MAX_MESSAGE), st.lists(st.integers(0, 3), max_size=MAX_MESSAGE).map(bytes)
)


@quick
@given(message=messages, sequence=st.integers(0, 0xFFFF), variant=variants)
def test_any_message_becomes_the_hosts_frame(
    firmware: ServedFirmware, message: bytes, sequence: int, variant: int
) -> None:
    body, stored = compress(message, CAR.message_book)
    expected = encode_frame(Frame(Kind.REPLY, sequence, body, stored=stored), CAR.hash)
    answer = firmware.ask("sealed", variant=variant, message=message.hex(), sequence=sequence)
    assert answer["wire"] == expected.hex()


@quick
@given(message=messages)
def test_any_message_comes_back(firmware: ServedFirmware, message: bytes) -> None:
    body, stored = compress(message, CAR.message_book)
    answer = firmware.ask("expanded", variant=-1, body=body.hex(), stored=stored)
    assert answer["message"] == message.hex()


@st.composite
def row_lists(draw: st.DrawFn, channels: int, most: int) -> list[list[int] | None]:
    """Rows near each other, far apart, or both; None and [] in between ask for a key or a flush."""
    values = draw(st.sampled_from([st.integers(-3, 3), st.integers(-40_000, 70_000), int32]))
    times = draw(st.sampled_from([st.integers(0, 90_000), st.integers(0, (1 << 32) - 1)]))
    row = st.tuples(times, *[values] * channels).map(list)
    something = st.one_of(row, row, row, st.none(), st.just([]))
    rows: list[list[int] | None] = draw(st.lists(something, max_size=most))
    return rows


def expected_frames(firmware: ServedFirmware, request: dict[str, Any]) -> list[str]:
    contract = firmware.contract
    encoder = TelemetryEncoder(contract, request["rows_per_frame"], request["key_interval_ms"])
    sent: list[Frame] = []
    for values in request["rows"]:
        if values is None:
            encoder.request_key()
        elif values:
            sent += encoder.append(Row(values[0], as_stored(contract.schema.channels, values[1:])))
        else:
            sent += encoder.flush()
    return [encode_frame(frame, contract.hash).hex() for frame in sent]


def as_stored(channels: Any, values: list[int]) -> tuple[int, ...]:
    """The board holds 32-bit words; in a u32 channel they are unsigned."""
    pairs = zip(channels, values, strict=True)
    return tuple(value & 0xFFFF_FFFF if channel.format == "u32" else value for channel, value in pairs)


@quick
@given(
    rows=row_lists(len(CAR.schema.channels), 12),
    rows_per_frame=st.integers(1, MAX_ROWS),
    key_interval_ms=st.integers(1, 60),
    variant=variants,
)
def test_any_rows_become_the_hosts_frames(firmware: ServedFirmware, **request: Any) -> None:
    assert firmware.ask("telemetry", **request)["frames"] == expected_frames(firmware, request)


@settings(quick, max_examples=25)
@given(
    rows=row_lists(MAX_CHANNELS, 5),
    rows_per_frame=st.integers(1, MAX_ROWS),
    key_interval_ms=st.integers(1, 60),
    variant=variants,
)
def test_rows_of_every_format_that_fill_frames_become_the_hosts(
    wide_firmware: ServedFirmware, **request: Any
) -> None:
    assert wide_firmware.ask("telemetry", **request)["frames"] == expected_frames(wide_firmware, request)


@pytest.mark.parametrize("variant", [0, 1, -1])
@pytest.mark.parametrize("quiet", [2, 40])
def test_a_long_way_through_every_predictor_and_context_becomes_the_hosts(
    wide_firmware: ServedFirmware, variant: int, quiet: int
) -> None:
    contract = wide_firmware.contract
    encoder = TelemetryEncoder(contract, 4, 25)
    sent: list[Frame] = []
    for number in range(60):
        time_us, *values = (
            number * number * (place + 3) // (1 + place % 7)
            + (number * place * 7919_7919 if (number + place) % (quiet + place % 11) == 0 else 0)
            for place in range(MAX_CHANNELS + 1)
        )
        wrapped = map(wrap32, values)
        sent += encoder.append(Row(time_us, as_stored(contract.schema.channels, list(wrapped))))
    sent += encoder.flush()
    expected = crc32(b"".join(encode_frame(frame, contract.hash) for frame in sent))
    assert wide_firmware.ask("walk", variant=variant, rows=60, quiet=quiet)["crc"] == expected


@pytest.mark.parametrize("variant", [0, 1, -1])
def test_row_values_at_the_edges_of_every_format_are_stored_when_they_fit(
    wide_firmware: ServedFirmware, variant: int
) -> None:
    channels = wide_firmware.contract.schema.channels
    edges = [channel.range for channel in channels]
    wrap = [value - (value >> 31 << 32) for value in (high for _, high in edges)]
    rows = [[1000 * at, *row] for at, row in enumerate(([low for low, _ in edges], wrap))]
    beyond = [[9000, *[low for low, _ in edges]]]
    beyond[0][1] -= 1
    request = {"rows": rows + beyond, "rows_per_frame": 1, "key_interval_ms": 1, "variant": variant}
    sent = wide_firmware.ask("telemetry", **request)["frames"]
    assert sent == expected_frames(wide_firmware, request)
    stored = [frame.stored for frame in wide_firmware.frames("".join(sent))]
    assert stored == [True, True, False]
