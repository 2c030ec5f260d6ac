"""What the board is given to work on: seeded, so that it is the same on every machine."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random

from host.emulate.application import ROOT
from host.train.car import plausible_log
from protocol.blocks import encode_block
from protocol.contract import load_contract
from protocol.messages import build_command, compress

SEED = 405
ORDERS = ("random", "sorted", "reversed", "nearly sorted", "few distinct")
"""Orders of input, by their numbers in the file: firmware_mpy/bench/sorting.py has the same."""
INPUTS_BY_SIZE = {3: 12, 5: 12, 9: 12, 16: 8, 32: 6, 64: 4, 256: 2}
"""How many inputs of each size and order: a short one tells little by itself."""
CONTENT_BYTES = 4096
_VALUES = 1 << 16
_DISTINCT = 4
_FAR_APART = 16
"""In a nearly sorted input, one number in so many has changed places with another."""
_WINDOW_BITS = 10
"""Of deflate: 1 KiB, of which the board makes a copy for every stream."""


def sorting_inputs(seed: int = SEED) -> bytes:
    """All inputs as records: order and how many inputs (a byte each), size and numbers (16 bits each)."""
    random = Random(seed)
    out = bytearray()
    for size, count in INPUTS_BY_SIZE.items():
        for number, order in enumerate(ORDERS):
            out += bytes([number, count]) + size.to_bytes(2, "little")
            for _ in range(count):
                for value in ordered(order, size, random):
                    out += value.to_bytes(2, "little")
    return bytes(out)


def ordered(order: str, size: int, random: Random) -> list[int]:
    """So many numbers below 65,536 in one of ORDERS."""
    values = [random.randrange(_VALUES) for _ in range(size)]
    if order == "few distinct":
        few = [random.randrange(_VALUES) for _ in range(_DISTINCT)]
        return [few[value % _DISTINCT] for value in values]
    if order != "random":
        values.sort(reverse=order == "reversed")
    if order == "nearly sorted":
        for _ in range(max(1, size // _FAR_APART // 2)):
            one, other = random.randrange(size), random.randrange(size)
            values[one], values[other] = values[other], values[one]
    return values


def contents() -> Mapping[str, bytes]:
    """What is decoded and summed: messages as a radio carries them, text, and rows of telemetry."""
    makers: Mapping[str, Callable[[Random], bytes]] = {
        "commands": _commands, "text": _text, "telemetry": _telemetry
    }
    return {name: make(Random(SEED))[:CONTENT_BYTES] for name, make in makers.items()}


def coded(name: str, content: bytes) -> Mapping[str, bytes]:
    """A content in every form that the board decodes, by the end of its file's name."""
    forms = {
        "raw": content,
        "block": encode_block(content),
        "deflate": _deflated(content, zlib.Z_DEFAULT_STRATEGY),
        "huffman": _deflated(content, zlib.Z_HUFFMAN_ONLY),
    }
    if name == "commands":
        forms["message"] = compress(content, load_contract().message_book)[0]
    return forms


def write_inputs(folder: Path) -> dict[str, Path]:
    """Write all of it into a folder; answers the files by their names in the board's ROM."""
    files = {"bench/inputs.bin": sorting_inputs()}
    for name, content in contents().items():
        files |= {f"bench/{name}.{kind}": data for kind, data in coded(name, content).items()}
    for name, data in files.items():
        (folder / Path(name).name).write_bytes(data)
    return {name: folder / Path(name).name for name in files}


def _deflated(content: bytes, strategy: int) -> bytes:
    coder = zlib.compressobj(9, zlib.DEFLATED, -_WINDOW_BITS, 8, strategy)
    return coder.compress(content) + coder.flush()


def _commands(random: Random) -> bytes:
    out = b""
    while len(out) < CONTENT_BYTES:
        values = {"speed": random.randint(-1000, 1000), "turn": random.randint(-200, 200)}
        out += build_command("drive", values)
    return out


def _text(random: Random) -> bytes:
    """Words of the licence in another order: English, and there whatever becomes of the documents."""
    words = re.findall(r"\w+[.,]?", (ROOT / "LICENSE").read_text(encoding="utf-8"))
    return " ".join(random.choice(words) for _ in range(CONTENT_BYTES // 2)).encode()


def _telemetry(random: Random) -> bytes:
    log = plausible_log(CONTENT_BYTES // 8, random.randrange(_VALUES))
    schema = log.schema.narrowed(row.values for row in log.rows)
    return b"".join(map(schema.pack, log.rows))
