"""The golden vectors, run on CPython. The same table runs on MicroPython in tests/firmware_mpy."""

import json
from collections import Counter
from zlib import crc32

import pytest
from cobs import cobs

from protocol.blocks import BlockError, decode_block, encode_block
from protocol.boot_record import BootRecord, Slot, build_record, parse_record
from protocol.contract import load_contract
from protocol.frame import Deframer, Frame, FrameStatus, Kind, encode_frame
from protocol.messages import compress, expand, parse_command, parse_reply
from protocol.schema import Row
from protocol.session import Session
from protocol.telemetry import RowStatus, TelemetryDecoder, TelemetryEncoder
from protocol.tokens import raw_bits, token_of, unzigzag, value_of, wrap32, zigzag
from protocol.vectors.make import TABLE, table_text

VECTORS = [json.loads(line) for line in TABLE.read_text(encoding="utf-8").splitlines()]
CONTRACT = load_contract()


@pytest.fixture(autouse=True)
def _counted(request, vectors_run):
    """Every vector that runs here is one that ran on CPython."""
    yield
    if "vector" in request.fixturenames:
        vectors_run["CPython"] = vectors_run.get("CPython", 0) + 1


def vectors_of(suite):
    cases = [vector for vector in VECTORS if vector["suite"] == suite]
    return pytest.mark.parametrize("vector", cases, ids=[case["name"] for case in cases])


@vectors_of("cobs")
def test_cobs_stuffs_and_unstuffs_as_the_vector_says(vector):
    plain, wire = bytes.fromhex(vector["plain"]), bytes.fromhex(vector["wire"])
    assert cobs.encode(plain) == wire
    assert cobs.decode(wire) == plain


@vectors_of("crc")
def test_crc_is_the_vectors(vector):
    seed, crc = (int.from_bytes(bytes.fromhex(vector[key]), "little") for key in ("seed", "crc"))
    assert crc32(bytes.fromhex(vector["data"]), seed) == crc


@vectors_of("frame")
def test_frame_becomes_the_vectors_bytes_and_comes_back(vector):
    frame = Frame(
        Kind(vector["kind"]), vector["sequence"], bytes.fromhex(vector["body"]),
        vector["stored"], vector["key"], vector["rows"],
    )
    seed = int.from_bytes(bytes.fromhex(vector["seed"]), "little")
    wire = bytes.fromhex(vector["wire"])
    assert encode_frame(frame, seed) == wire
    (received,) = Deframer(seed).feed(wire)
    assert received.frame == frame


@vectors_of("bad_frame")
def test_bad_frame_has_the_vectors_status_and_no_content(vector):
    seed = int.from_bytes(bytes.fromhex(vector["seed"]), "little")
    (received,) = Deframer(seed).feed(bytes.fromhex(vector["wire"]))
    assert received.status == FrameStatus(vector["status"])
    assert received.frame is None


@vectors_of("message")
def test_message_compresses_to_the_vectors_body_and_comes_back(vector):
    message, body = bytes.fromhex(vector["message"]), bytes.fromhex(vector["body"])
    assert compress(message, CONTRACT.message_book) == (body, vector["stored"])
    assert expand(body, vector["stored"], CONTRACT.message_book) == message


@vectors_of("bad_message")
def test_bad_body_decodes_to_nothing(vector):
    assert expand(bytes.fromhex(vector["body"]), False, CONTRACT.message_book) is None


@vectors_of("token")
def test_residual_has_the_vectors_token_and_comes_back(vector):
    residual = vector["residual"]
    token = token_of(zigzag(residual))
    assert token == (vector["token"], vector["raw"], vector["bits"])
    assert raw_bits(vector["token"]) == vector["bits"]
    assert unzigzag(value_of(vector["token"], vector["raw"])) == residual


@vectors_of("session")
def test_a_session_has_the_vectors_name_and_signs_as_it_does(vector):
    nonce = int.from_bytes(bytes.fromhex(vector["nonce"]), "little")
    session = Session(nonce, vector["boot"], vector["opening"])
    key, body = bytes.fromhex(vector["key"]), bytes.fromhex(vector["body"])
    numbers = (vector["direction"], vector["counter"], vector["control"])
    assert (session.tag, session.first) == (vector["tag"], vector["first"])
    assert session.sign(key, CONTRACT.hash, *numbers, body).hex() == vector["code"]


@vectors_of("block")
def test_content_becomes_the_vectors_block_and_comes_back(vector):
    content, block = bytes.fromhex(vector["content"]), bytes.fromhex(vector["block"])
    assert encode_block(content, vector["streams"]) == block
    assert decode_block(block, limit=len(content)) == (content, len(block))


@vectors_of("bad_block")
def test_no_content_is_taken_from_the_vectors_bad_block(vector):
    with pytest.raises(BlockError):
        decode_block(bytes.fromhex(vector["block"]), limit=1 << 12)


@vectors_of("telemetry")
def test_rows_become_the_vectors_frames_and_come_back(vector):
    rows = [Row(time_us, tuple(values)) for time_us, *values in vector["rows"]]
    encoder = TelemetryEncoder(CONTRACT, vector["rows_per_frame"], vector["key_interval_ms"])
    frames = [frame for row in rows for frame in encoder.append(row)] + list(encoder.flush())
    told = [
        Frame(Kind.TELEMETRY, f["sequence"], bytes.fromhex(f["body"]), f["stored"], f["key"], f["rows"])
        for f in vector["frames"]
    ]
    assert frames == told
    decoder = TelemetryDecoder(CONTRACT)
    decoded = [decoder.decode(frame) for frame in told]
    assert {result.status for result in decoded} == {RowStatus.GOOD}
    back = [row for result in decoded for row in result.rows]
    # The wire has 32 bits a value: a channel's sign is its format's affair.
    assert [(row.time_us, *map(wrap32, row.values)) for row in back] == [
        (row.time_us, *map(wrap32, row.values)) for row in rows
    ]


@vectors_of("dispatch")
def test_exchanges_parse_as_commands_and_replies(vector):
    for message, reply in vector["exchanges"]:
        refused = int(reply[2:4], 16)
        if refused in (1, 2):
            continue  # UNKNOWN_COMMAND and BAD_ARGUMENTS answer what parse_command refuses
        command, _ = parse_command(bytes.fromhex(message))
        assert parse_reply(bytes.fromhex(reply)).command == command.name


@vectors_of("boot_record")
def test_of_two_boot_records_the_newer_one_that_is_whole_holds(vector):
    records = [parse_record(bytes.fromhex(packed)) for packed in vector["files"]]
    whole = [record for record in records if record]
    holds = max(whole, key=lambda record: record.sequence) if whole else BootRecord(0, 0, (Slot(), Slot()))
    assert [holds.sequence, holds.preferred] == [vector["sequence"], vector["preferred"]]
    assert [[slot.state, slot.size, slot.digest.hex()] for slot in holds.slots] == vector["slots"]
    for record in whole:
        assert build_record(record).hex() in vector["files"]


def test_table_is_what_the_reference_codec_writes_today():
    assert TABLE.read_text(encoding="utf-8") == table_text()


def test_every_suite_has_vectors():
    counts = Counter(vector["suite"] for vector in VECTORS)
    expected = {
        "cobs", "crc", "frame", "bad_frame", "message", "bad_message", "block", "bad_block", "token",
        "telemetry", "dispatch", "boot_record", "session",
    }
    assert set(counts) == expected
