"""Writes vectors.jsonl.

    python -m protocol.vectors.make            write the table
    python -m protocol.vectors.make --check    exit 1 when it is stale

Cases with known answers from elsewhere (the CRC catalogue's check value, the COBS paper's examples) stand
beside cases from the reference codec; together with the check they make any change of the wire show up.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from zlib import crc32

from cobs import cobs

from protocol.blocks import BlockError, decode_block, encode_block, pack_header, read_header
from protocol.boot_record import BootRecord, Slot, SlotState, build_record
from protocol.contract import Contract, load_contract
from protocol.frame import Deframer, Frame, Kind, encode_frame
from protocol.limits import KEY_BYTES, MAX_BODY, MAX_MESSAGE
from protocol.messages import (
    COMMAND_BY_NAME,
    Status,
    build_command,
    build_hello,
    build_reply,
    compress,
    expand,
)
from protocol.parameters import BY_NAME
from protocol.schema import Channel, Row
from protocol.session import DOWN, UP, Session
from protocol.telemetry import TelemetryEncoder
from protocol.tokens import token_of, zigzag

TABLE = Path(__file__).parent / "vectors.jsonl"
Vector = dict[str, object]


def all_vectors() -> Iterator[Vector]:
    """Every vector, in the order of the table."""
    contract = load_contract()
    random = Random(2026)
    yield from _cobs(random)
    yield from _crc(random)
    yield from _frames(contract, random)
    yield from _bad_frames(contract)
    yield from _messages(contract, random)
    yield from _bad_messages(contract)
    yield from _sessions(contract, random)
    yield from _blocks(random)
    yield from _bad_blocks()
    yield from _tokens()
    yield from _telemetry(contract, random)
    yield from _dispatch()
    yield from _boot_records(random)


def _cobs(random: Random) -> Iterator[Vector]:
    paper = {"00": "0101", "0000": "010101", "11220033": "0311220233", "11000000": "0211010101"}
    cases = {f"known {plain}": (bytes.fromhex(plain), bytes.fromhex(wire)) for plain, wire in paper.items()}
    for size in (1, 253, 254, 255, 508, 509):
        plain = bytes(random.randint(1, 255) for _ in range(size))
        cases[f"{size} bytes without a zero"] = (plain, cobs.encode(plain))
    for size in (7, 254, 255, 512):
        plain = bytes(random.choice((0, 0, 1, 255)) for _ in range(size))
        cases[f"{size} bytes with zeros"] = (plain, cobs.encode(plain))
    for name, (plain, wire) in cases.items():
        yield {"suite": "cobs", "name": name, "plain": plain.hex(), "wire": wire.hex()}


def _crc(random: Random) -> Iterator[Vector]:
    cases = {"check value of the catalogue": (b"123456789", 0, 0xCBF43926)}
    for size in (1, 7, 64, 300):
        data, seed = random.randbytes(size), random.getrandbits(32)
        cases[f"{size} bytes, seeded"] = (data, seed, crc32(data, seed))
    for name, (data, seed, crc) in cases.items():
        little = [number.to_bytes(4, "little").hex() for number in (seed, crc)]
        yield {"suite": "crc", "name": name, "data": data.hex(), "seed": little[0], "crc": little[1]}


def _frames(contract: Contract, random: Random) -> Iterator[Vector]:
    frames = {
        "hello": Frame(Kind.HELLO, 0, build_hello(contract.hash, "host"), stored=True),
        "empty body": Frame(Kind.COMMAND, 1, b""),
        "highest sequence": Frame(Kind.REPLY, 0xFFFF, random.randbytes(5)),
        "key of 8 rows": Frame(Kind.TELEMETRY, 0x0100, random.randbytes(40), key=True, rows=8),
        "stored": Frame(Kind.SENSORS, 300, random.randbytes(20), stored=True),
        "longest": Frame(Kind.TELEMETRY, 77, random.randbytes(MAX_BODY)),
        "longest without a zero": Frame(Kind.TELEMETRY, 0x0101, bytes([7]) * MAX_BODY),
    }
    for name, frame in frames.items():
        yield {
            "suite": "frame",
            "name": name,
            "seed": contract.hash.to_bytes(4, "little").hex(),
            "kind": int(frame.kind),
            "sequence": frame.sequence,
            "stored": frame.stored,
            "key": frame.key,
            "rows": frame.rows,
            "body": frame.body.hex(),
            "wire": encode_frame(frame, contract.hash).hex(),
        }


def _bad_frames(contract: Contract) -> Iterator[Vector]:
    good = encode_frame(Frame(Kind.COMMAND, 9, b"\x04\x00\x07", stored=True), contract.hash)
    unknown = bytes([7, 0, 0])
    cases = {
        "one bit flipped": bytes([good[0], good[1], good[2] ^ 0x10]) + good[3:],
        "last byte of the checksum flipped": good[:-2] + bytes([good[-2] ^ 0x80]) + good[-1:],
        "another contract": encode_frame(Frame(Kind.COMMAND, 9, b"\x04"), contract.hash ^ 1),
        "checksum of HELLO on a command": encode_frame(Frame(Kind.COMMAND, 9, b"\x04"), 0),
        "cut short": good[:6] + b"\x00",
        "code byte points past the end": b"\x09\x01\x02\x00",
        "unknown kind": _wire(unknown, contract.hash),
        "one byte too long": _wire(bytes([3, 0, 0]) + bytes([5]) * (MAX_BODY + 1), contract.hash),
        "a thousand bytes without a delimiter": bytes([2]) * 1000 + b"\x00",
    }
    for name, wire in cases.items():
        (received,) = Deframer(contract.hash).feed(wire)
        yield {
            "suite": "bad_frame",
            "name": name,
            "seed": contract.hash.to_bytes(4, "little").hex(),
            "wire": wire.hex(),
            "status": received.status.value,
        }


def _wire(content: bytes, seed: int) -> bytes:
    encoded: bytes = cobs.encode(content + crc32(content, seed).to_bytes(4, "little"))
    return encoded + b"\x00"


def _messages(contract: Contract, random: Random) -> Iterator[Vector]:
    cases = {
        "ping": build_command("ping", {"token": 7}),
        "drive": build_command("drive", {"speed": 300, "turn": -20}),
        "stop": build_command("stop", {}),
        "set": build_command("set", {"parameter": BY_NAME["key_interval"], "value": 2500}),
        "every byte once": bytes(range(256)),
        "longest, all zeros": bytes(MAX_MESSAGE),
        "random, better stored": random.randbytes(64),
        "text": b"Emulated patrol-car board with STM32F405",
    }
    cases |= {f"{size} zero bytes": bytes(size) for size in range(1, 9)}
    for name, message in cases.items():
        body, stored = compress(message, contract.message_book)
        yield {
            "suite": "message", "name": name, "message": message.hex(), "body": body.hex(), "stored": stored
        }


def _bad_messages(contract: Contract) -> Iterator[Vector]:
    book = contract.message_book
    cases = {
        "a byte of padding too many": book.encode(b"\x04\x05") + b"\xff",
        "the end mark and more": b"\xff\xff" + book.encode(b"\x01"),
        "padding of zeros": _zero_padded(contract),
        "longer than a message may be": book.encode(bytes(MAX_MESSAGE + 1)),
    }
    for name, body in cases.items():
        if expand(body, False, book) is not None:
            raise AssertionError(f"{name}: the reference decoder takes it")
        yield {"suite": "bad_message", "name": name, "body": body.hex()}


def _zero_padded(contract: Contract) -> bytes:
    """A body whose last byte is filled up with zeros that begin no whole code."""
    book = contract.message_book
    for byte in range(256):
        length = book.lengths[byte]
        body = book.encode(bytes([byte]))
        cleared = body[:-1] + bytes([body[-1] & (0xFF >> -length % 8)])
        if length % 8 and expand(cleared, False, book) is None:
            return cleared
    raise AssertionError("every zero padding decodes; choose another case")


def _sessions(contract: Contract, random: Random) -> Iterator[Vector]:
    """Names of sessions, and codes of frames in them; the message is a whole body, tag and all."""
    cases = {
        "the first of a start": (Session(0x0001_0000, 1, 1), DOWN, 1, 0x11, b""),
        "a command": (Session(random.getrandbits(32), 7, 3), DOWN, 0xBEEF, 0x11, b"\x34\x12\x00\x04"),
        "its reply": (Session(random.getrandbits(32), 7, 3), UP, 0xBEEF, 0x1A, random.randbytes(40)),
        "a number beyond 16 bits": (Session(random.getrandbits(32), 1 << 29, 20_000), DOWN, 1 << 29, 0x15,
                                    random.randbytes(3)),
        "a long body": (Session(0xFFFF_FFFF, 2, 16_384), UP, 3, 0x1A, random.randbytes(200)),
    }
    key = random.randbytes(KEY_BYTES)
    for name, (session, direction, counter, control, body) in cases.items():
        yield {
            "suite": "session", "name": name, "key": key.hex(),
            "nonce": session.nonce.to_bytes(4, "little").hex(),
            "boot": session.boot, "opening": session.opening, "tag": session.tag, "first": session.first,
            "direction": direction, "counter": counter, "control": control, "body": body.hex(),
            "code": session.sign(key, contract.hash, direction, counter, control, body).hex(),
        }


def _blocks(random: Random) -> Iterator[Vector]:
    text = b"drive --speed 300 --turn -20; wait 0.5; drive --speed 250 --turn 15; stop; " * 6
    cases = {
        "a byte": (b"a", 1),
        "a byte many times": (b"z" * 300, 1),
        "noise, raw": (random.randbytes(90), 1),
        "text": (text, 1),
        "two symbols": (b"ab" * 40, 1),
        "codes of every length": (bytes(n for n in range(13) for _ in range(1 << max(0, 9 - n))), 1),
        "text in four streams": (text, 4),
        "text in eight streams": (text, 8),
    }
    for name, (content, streams) in cases.items():
        block = encode_block(content, streams)
        yield {
            "suite": "block", "name": name, "content": content.hex(), "streams": streams, "block": block.hex()
        }


def _bad_blocks() -> Iterator[Vector]:
    good = encode_block(b"a word and another word and a third one, as words go " * 4)
    header = read_header(good, 0, limit=1 << 12)
    body = good[header.start :]
    cases = {
        "a changed byte": good[:-1] + bytes([good[-1] ^ 1]),
        "a later kind": _block(3, header.size, body),
        "cut short": good[:-1],
        "a byte more": _block(2, header.size, body + b"\x00"),
        "a set bit behind the last code": _block(2, header.size, body[:-1] + bytes([body[-1] | 0x80])),
        "too few codes": _block(2, header.size + 9, body),
        "code lengths that make no code": _block(2, 9, b"\xee\xff"),
        "a raw body of another size": _block(0, 5, b"four"),
        "no content": _block(0, 0, b""),
    }
    for name, block in cases.items():
        try:
            decode_block(block, limit=1 << 12)
        except BlockError:
            yield {"suite": "bad_block", "name": name, "block": block.hex()}
        else:
            raise AssertionError(f"{name}: the reference decoder takes it")


def _block(kind: int, size: int, body: bytes) -> bytes:
    return pack_header(kind, size, body, 1) + body


def _tokens() -> Iterator[Vector]:
    magnitudes = [*range(13), 15, 16, 17, 23, 24, 31, 32, 127, 128, 1000, 0x7FFF, 0x8000, 0x7FFF_FFFF]
    for residual in sorted({*magnitudes, *(-m for m in magnitudes), -0x8000_0000}):
        token, raw, bits = token_of(zigzag(residual))
        yield {
            "suite": "token", "name": str(residual), "residual": residual,
            "token": token, "raw": raw, "bits": bits,
        }


def _telemetry(contract: Contract, random: Random) -> Iterator[Vector]:
    channels = contract.schema.channels
    quiet = [_row(20_000 * at, channels, random, 3) for at in range(12)]
    wide = [_row(at * 0x1357_9BDF, channels, random, 0x7FFF) for at in range(6)]
    ends = (0, 1, -0x8000_0000, 0x7FFF_FFFF)
    rest = len(channels) - len(ends)
    jumps = [Row(at * 19_999, (*ends, *_any32(random, rest))) for at in range(9)]
    still = [Row((0xFFFF_0000 + 20_000 * at) & 0xFFFF_FFFF, (0,) * len(channels)) for at in range(9)]
    drive = _drive(contract, random)
    yield _telemetry_vector("a drive", contract, drive, 4, 790)
    yield _telemetry_vector("quiet", contract, quiet, 4, 160)
    yield _telemetry_vector("wide, stored", contract, wide, 1, 60_000)
    yield _telemetry_vector("wide, two rows stored", contract, wide, 2, 1)
    yield _telemetry_vector("jumps over 32 bits", contract, jumps, 8, 1000)
    yield _telemetry_vector("still, while the clock wraps", contract, still, 3, 120)
    mixed = [*quiet[:3], *wide[:2], *quiet[3:]]
    yield _telemetry_vector("a stored frame among others", contract, mixed, 1, 60_000)
    yield _telemetry_vector("a stored frame restarts no interval", contract, mixed, 1, 100)


def _drive(contract: Contract, random: Random) -> list[Row]:
    """A walk from the bases in small steps, most of them none: what groups and contexts are for."""
    values = list(contract.bases[1:])
    rows = []
    for at in range(60):
        for channel in range(len(values)):
            values[channel] += random.choice((0, 0, 0, 1, -1, random.randint(-40, 40)))
        rows.append(Row(20_000 * at + random.randint(0, 9), tuple(values)))
    return rows


def _row(time_us: int, channels: Sequence[Channel], random: Random, spread: int) -> Row:
    """Values around the middle of what each channel's format holds, or as far from it as that allows."""
    values = []
    for channel in channels:
        low, high = channel.range
        middle = (low + high + 1) // 2
        values.append(max(low, min(high, middle + random.randint(-spread, spread))))
    return Row(time_us & 0xFFFF_FFFF, tuple(values))


def _any32(random: Random, count: int) -> list[int]:
    return [random.getrandbits(32) - 0x8000_0000 for _ in range(count)]


def _telemetry_vector(
    name: str, contract: Contract, rows: list[Row], per_frame: int, interval_ms: int
) -> Vector:
    encoder = TelemetryEncoder(contract, per_frame, interval_ms)
    frames = [frame for row in rows for frame in encoder.append(row)] + list(encoder.flush())
    return {
        "suite": "telemetry",
        "name": name,
        "rows_per_frame": per_frame,
        "key_interval_ms": interval_ms,
        "rows": [[row.time_us, *row.values] for row in rows],
        "frames": [
            {
                "sequence": frame.sequence, "stored": frame.stored, "key": frame.key,
                "rows": frame.rows, "body": frame.body.hex(),
            }
            for frame in frames
        ],
    }


def _boot_records(random: Random) -> Iterator[Vector]:
    """Two records as they stand in the two files; a reader holds to the newer one that is whole."""
    empty = (Slot(), Slot())
    first = BootRecord(1, 0, (Slot(SlotState.WRITTEN, 45_000, random.randbytes(32)), Slot()))
    second = BootRecord(2, 1, (first.slots[0], Slot(SlotState.CONFIRMED, 0x0001_2345, random.randbytes(32))))
    one, two = build_record(first), build_record(second)
    none = BootRecord(0, 0, empty)
    cases = {
        "none yet": (b"", b"", none),
        "the first": (b"", one, first),
        "the second beside it": (two, one, second),
        "in the other file": (one, two, second),
        "the newer one cut short": (two[:-1], one, first),
        "the newer one with a bit flipped": (two[:40] + bytes([two[40] ^ 4]) + two[41:], one, first),
        "the newer one erased": (bytes([0xFF]) * len(two), one, first),
        "both with a byte too many": (two + b"\0", one + b"\0", none),
        "another version": (b"PSLT\2" + two[5:], one, first),
    }
    for name, (zero, odd, holds) in cases.items():
        yield {
            "suite": "boot_record",
            "name": name,
            "files": [zero.hex(), odd.hex()],
            "sequence": holds.sequence,
            "preferred": holds.preferred,
            "slots": [[int(slot.state), slot.size, slot.digest.hex()] for slot in holds.slots],
        }


def _dispatch() -> Iterator[Vector]:
    limit = BY_NAME["speed_limit"]
    yield _exchanges(
        "drive within and beyond the limits",
        (build_command("drive", {"speed": 300, "turn": -20}), "drive", {"speed": 300, "turn": -20}),
        (build_command("drive", {"speed": 2500, "turn": 720}), "drive", {"speed": 1000, "turn": 180}),
        (build_command("drive", {"speed": -2500, "turn": -720}), "drive", {"speed": -1000, "turn": -180}),
        (build_command("stop", {}), "stop", {}),
    )
    yield _exchanges(
        "a parameter set is the parameter read",
        (build_command("get", {"parameter": limit}), "get", {"value": 1000}),
        (build_command("set", {"parameter": limit, "value": 250}), "set", {"value": 250}),
        (build_command("get", {"parameter": limit}), "get", {"value": 250}),
        (build_command("drive", {"speed": 400, "turn": 0}), "drive", {"speed": 250, "turn": 0}),
        (build_command("rate", {"hz": 25}), "rate", {"hz": 25}),
    )
    yield _exchanges(
        "what is wrong is refused and changes nothing",
        (build_command("set", {"parameter": limit, "value": 3001}), "set", Status.OUT_OF_RANGE),
        (build_command("set", {"parameter": limit, "value": -1}), "set", Status.OUT_OF_RANGE),
        (bytes([COMMAND_BY_NAME["get"].code, 200]), "get", Status.OUT_OF_RANGE),
        (bytes.fromhex("07e903"), "rate", Status.OUT_OF_RANGE),
        (bytes.fromhex("032c01"), "drive", Status.BAD_ARGUMENTS),
        (bytes.fromhex("0400"), "stop", Status.BAD_ARGUMENTS),
        (build_command("get", {"parameter": limit}), "get", {"value": 1000}),
    )
    unknown = {"suite": "dispatch", "name": "an unknown code is named in the reply"}
    yield {**unknown, "exchanges": [["63", f"63{Status.UNKNOWN_COMMAND:02x}"]]}


def _exchanges(name: str, *steps: tuple[bytes, str, dict[str, object] | Status]) -> Vector:
    """Command messages with the replies that a fresh car gives, in order."""
    exchanges = []
    for message, command, outcome in steps:
        status, values = (Status.OK, outcome) if isinstance(outcome, dict) else (outcome, {})
        exchanges.append([message.hex(), build_reply(COMMAND_BY_NAME[command], status, values).hex()])
    return {"suite": "dispatch", "name": name, "exchanges": exchanges}


def table_text() -> str:
    """What vectors.jsonl should hold today."""
    return "".join(json.dumps(vector, separators=(",", ":")) + "\n" for vector in all_vectors())


def main() -> int:
    """The command line of this module."""
    if "--check" in sys.argv[1:]:
        stale = not TABLE.is_file() or TABLE.read_text(encoding="utf-8") != table_text()
        if stale:
            print("protocol/vectors/vectors.jsonl is stale; run `make generate`", file=sys.stderr)
        return int(stale)
    TABLE.write_text(table_text(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
