"""Frames as a bad line, or somebody with bad intent, sends them; and which of them are frames after all.

PATROL_FUZZ=full in the environment asks for the full counts (`make fuzz`); PATROL_FUZZ_OUT names a folder
where what was counted is written to.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from random import Random
from zlib import crc32

from cobs import cobs

from protocol.contract import Contract
from protocol.frame import Frame, Kind, encode_frame
from protocol.messages import COMMANDS, build_hello, compress
from protocol.session import CommandHead, Session

IS_FULL = os.environ.get("PATROL_FUZZ") == "full"


def chosen(full: int, quick: int) -> int:
    """How many frames to try."""
    return full if IS_FULL else quick


def record(name: str, figures: dict[str, object]) -> None:
    """Add what was counted to fuzz.json in the folder that PATROL_FUZZ_OUT names."""
    if folder := os.environ.get("PATROL_FUZZ_OUT"):
        path = Path(folder) / "fuzz.json"
        known = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        path.write_text(json.dumps({**known, name: figures}, indent=1) + "\n", encoding="utf-8")


def frames(contract: Contract, session: Session, seed: int) -> Iterator[bytes]:
    """Mutated and random frames on the wire, without end, each with a delimiter at its end."""
    random = Random(seed)
    while True:
        wire = encode_frame(_frame(contract, session, random), contract.hash)
        kind = random.randrange(10)
        if kind < 2:
            yield random.randbytes(random.randrange(1, 60)) + b"\x00"
        elif kind < 4:
            yield _rechecked(wire, contract, random)
        elif kind < 5:
            yield wire
        else:
            yield _mutated(bytearray(wire[:-1]), random) + b"\x00"


def _frame(contract: Contract, session: Session, random: Random) -> Frame:
    kind = random.choice(list(Kind))
    if kind is Kind.HELLO:
        return Frame(kind, random.getrandbits(16), build_hello(contract.hash, "host", random.getrandbits(32)))
    command = random.choice(COMMANDS)
    arguments = random.choice((command.argument_bytes, random.randrange(9)))
    message = bytes([command.code]) + random.randbytes(arguments)
    body, stored = compress(message, contract.message_book)
    first = session.first
    tag = random.choice((session.tag, random.getrandbits(16)))
    head = CommandHead.build({"tag": tag, "seen": random.getrandbits(8)})
    # Near the first command of a session, so that some are in the window; or anywhere.
    near = (first + random.randrange(-9, 40)) & 0xFFFF
    sequence = random.choice((near, random.getrandbits(16)))
    return Frame(kind, sequence, head + body, stored, rows=random.randint(1, 8))


def _mutated(wire: bytearray, random: Random) -> bytes:
    for _ in range(random.choice((1, 1, 1, 2, 3, 8))):
        at = random.randrange(len(wire)) if wire else 0
        choice = random.randrange(6)
        if choice <= 2 and wire:
            wire[at] ^= 1 << random.randrange(8)
        elif choice == 3:
            del wire[at : at + random.randint(1, 4)]
        elif choice == 4:
            wire[at:at] = random.randbytes(random.choice((1, 1, 3, 600 if random.random() < 0.02 else 2)))
        else:
            wire[at:at] = wire[random.randrange(len(wire) + 1) :]
    return bytes(wire)


def _rechecked(wire: bytes, contract: Contract, random: Random) -> bytes:
    """Content of any kind under a checksum that fits."""
    content = bytearray(cobs.decode(wire[:-1])[:-4])
    for _ in range(random.randint(1, 4)):
        content[random.randrange(len(content))] = random.getrandbits(8)
    content += random.randbytes(random.choice((0, 0, 0, 3, 40)))
    seed = 0 if content[0] & 7 == 0 else contract.hash
    encoded: bytes = cobs.encode(bytes(content) + crc32(content, seed).to_bytes(4, "little"))
    return encoded + b"\x00"


def good_frames(stream: bytes, contract: Contract) -> int:
    """How many frames of a stream have a checksum that fits: by another decoder than any under test."""
    good = 0
    for piece in stream.split(b"\x00")[:-1]:
        content = _unstuffed(piece)
        if content is None or not 7 <= len(content) <= 512 or len(piece) > 515 or content[0] & 7 == 7:
            continue
        seed = 0 if content[0] & 7 == 0 else contract.hash
        good += crc32(content[:-4], seed) == int.from_bytes(content[-4:], "little")
    return good


def _unstuffed(piece: bytes) -> bytes | None:
    content, at = b"", 0
    while at < len(piece):
        block = piece[at + 1 : at + piece[at]]
        if len(block) != piece[at] - 1:
            return None
        at += piece[at]
        content += block + (b"\x00" if len(block) < 254 and at < len(piece) else b"")
    return content
