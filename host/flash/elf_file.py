"""ELF programs (Tool Interface Standard, ELF 1.2; ELF for the Arm Architecture)."""

from __future__ import annotations

from construct import Const, ConstructError, Int16ul, Int32ul, Padding, Struct

from host.flash.errors import ImageError
from host.flash.image import Image, Piece

_ARM = 40
_LOAD = 1

_Header = Struct(
    "magic" / Const(b"\x7fELF"),
    "bits" / Const(b"\x01"),
    "order" / Const(b"\x01"),
    Padding(10),
    "type" / Int16ul,
    "machine" / Int16ul,
    Padding(4),
    "entry" / Int32ul,
    "programs_at" / Int32ul,
    Padding(8),
    "header_bytes" / Int16ul,
    "program_bytes" / Int16ul,
    "program_count" / Int16ul,
    Padding(6),
)
_Program = Struct(
    "type" / Int32ul, "offset" / Int32ul, "virtual" / Int32ul, "physical" / Int32ul,
    "file_bytes" / Int32ul, "memory_bytes" / Int32ul, "flags" / Int32ul, "align" / Int32ul,
)


def read_elf(content: bytes) -> Image:
    """What of a program for a 32-bit ARM is loaded, at its physical addresses. Raises ImageError."""
    try:
        header = _Header.parse(content)
    except ConstructError:
        raise ImageError("not a little-endian 32-bit ELF file; give the .elf that the linker made") from None
    if header.machine != _ARM:
        raise ImageError(f"built for another processor (machine {header.machine}, ARM is {_ARM})")
    pieces = []
    for number in range(header.program_count):
        at = header.programs_at + number * header.program_bytes
        pieces += _piece(content, content[at : at + _Program.sizeof()])
    return Image.of(pieces)


def _piece(content: bytes, packed: bytes) -> list[Piece]:
    try:
        program = _Program.parse(packed)
    except ConstructError:
        raise ImageError("cut short: its program headers are not all there; build it anew") from None
    if program.type != _LOAD or not program.file_bytes:
        return []
    data = content[program.offset : program.offset + program.file_bytes]
    if len(data) != program.file_bytes:
        raise ImageError("cut short: not all of its contents are there; build it anew")
    return [Piece(program.physical, data)]
