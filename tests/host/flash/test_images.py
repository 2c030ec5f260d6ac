"""Images are read whole or refused, and never guessed at."""

from __future__ import annotations

import struct
import zlib
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from intelhex import IntelHex

from host.emulate.qemu import default_image
from host.flash import Image, ImageError, load_image
from host.flash.check import check_image
from host.flash.dfu_file import read_dfu
from host.flash.elf_file import read_elf
from host.flash.hex_file import read_hex
from host.flash.image import FLASH_START, Piece


def hex_of(*pieces: Piece) -> str:
    image = IntelHex()
    for piece in pieces:
        image.puts(piece.address, piece.data)
    out = StringIO()
    image.write_hex_file(out)
    return out.getvalue()


def dfu_of(*pieces: Piece) -> bytes:
    elements = b"".join(struct.pack("<II", p.address, len(p.data)) + p.data for p in pieces)
    target = struct.pack("<6sBI255sII", b"Target", 0, 0, b"", len(elements), len(pieces)) + elements
    body = struct.pack("<5sBIB", b"DfuSe", 1, 11 + len(target), 1) + target
    tail = body + struct.pack("<HHHH3sB", 0, 0xDF11, 0x0483, 0x011A, b"UFD", 16)
    return tail + struct.pack("<I", zlib.crc32(tail) ^ 0xFFFF_FFFF)


apart = st.lists(st.binary(min_size=1, max_size=600), min_size=1, max_size=4).map(
    lambda parts: tuple(Piece(FLASH_START + 0x1000 * at + 3 * at, part) for at, part in enumerate(parts))
)


@given(apart)
def test_a_hex_file_comes_back_as_it_was_written(pieces: tuple[Piece, ...]) -> None:
    assert read_hex(hex_of(*pieces).encode()).pieces == pieces


@given(apart)
def test_a_dfuse_file_comes_back_as_it_was_written(pieces: tuple[Piece, ...]) -> None:
    assert read_dfu(dfu_of(*pieces)).pieces == pieces


@given(apart, st.data())
def test_a_hex_file_with_a_changed_character_is_refused_or_the_same(
    pieces: tuple[Piece, ...], data: st.DataObject
) -> None:
    text = hex_of(*pieces)
    at = data.draw(st.integers(0, len(text) - 1))
    changed = text[:at] + data.draw(st.sampled_from("0123456789ABCDEFX:")) + text[at + 1 :]
    try:
        found = read_hex(changed.encode())
    except ImageError:
        return
    assert found.pieces == pieces


@given(apart, st.data())
def test_a_dfuse_file_cut_or_changed_anywhere_is_refused(
    pieces: tuple[Piece, ...], data: st.DataObject
) -> None:
    whole = dfu_of(*pieces)
    at = data.draw(st.integers(0, len(whole) - 1))
    flipped = bytes([whole[at] ^ 1 << data.draw(st.integers(0, 7))])
    for bad in (whole[:at], whole[:at] + flipped + whole[at + 1 :]):
        with pytest.raises(ImageError):
            read_dfu(bad)


@given(st.binary(max_size=300))
def test_anything_else_is_no_image(content: bytes) -> None:
    for read in (read_hex, read_dfu, read_elf):
        with pytest.raises(ImageError):
            read(content)


def test_the_emulated_boards_own_elf_has_its_vectors_at_the_start_of_flash() -> None:
    image = read_elf(default_image().read_bytes())
    assert image.pieces[0].address == FLASH_START
    check_image(image, 1 << 20, "the chip")
    whole = default_image().read_bytes()
    with pytest.raises(ImageError, match="cut short"):
        read_elf(whole[:60])


@pytest.mark.parametrize(("name", "content", "address", "text"), [
    ("a.hex", hex_of(Piece(0, b"12")).replace(":00000001FF", ""), None, "cut short"),
    ("a.hex", ":0100000001FE\n:0100000002FD\n:00000001FF\n", None, "overlap"),
    ("a.hex", ":0100000001FF\n:00000001FF\n", None, "damaged"),
    ("a.hex", ":00000001FF\n", None, "no byte in it"),
    ("a.hex", ":0100000001FE\n:00000001FF\n:0100010001FD\n:00000001FF\n", None, "after an end record"),
    ("a.hex", ":0100000001FE\n:00000001FF\n:0100010001FD\n", None, "goes on .*, with ':0100010001FD'"),
    ("a.hex", "Dear reader,\nthis is a letter.\n", None, "not an Intel HEX file: no line of it begins"),
    ("a.hex", "\n", None, "not an Intel HEX file: it is empty"),
    ("a.bin", "x", None, "give --address 0x08000000"),
    ("a.hex", "x", 0, "leave --address out"),
    ("a.txt", "x", None, "give a .hex, .bin, .elf or .dfu"),
])  # fmt: skip
def test_files_that_are_none_are_refused_with_what_to_do(
    name: str, content: str, address: int | None, text: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_text(content)
    with pytest.raises(ImageError, match=text):
        load_image(path, address)


@pytest.mark.parametrize(("address", "words", "text"), [
    (FLASH_START, (0x2001_0000, FLASH_START + 0x200), "could not run it"),
    (FLASH_START, (0x1234, FLASH_START + 0x201), "could not run it"),
    (0, (0x2001_0000, FLASH_START + 0x201), "outside the flash"),
    (FLASH_START + (1 << 20) - 4, (1, 2), "outside the flash"),
])  # fmt: skip
def test_an_image_that_the_chip_could_not_hold_or_start_is_refused(
    address: int, words: tuple[int, int], text: str
) -> None:
    image = Image.of([Piece(address, struct.pack("<II", *words))])
    with pytest.raises(ImageError, match=text):
        check_image(image, 1 << 20, "the chip")
