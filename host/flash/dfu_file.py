"""DfuSe files (ST, UM0391, DfuSe file format, 1.1a): a suffix with a checksum around images of elements."""

from __future__ import annotations

import zlib
from typing import Any

from construct import Byte, Bytes, Const, ConstructError, Int16ul, Int32ul, Struct

from host.flash.errors import ImageError
from host.flash.image import Image, Piece

_Prefix = Struct("magic" / Const(b"DfuSe"), "version" / Const(b"\x01"), "size" / Int32ul, "targets" / Byte)
_Target = Struct(
    "magic" / Const(b"Target"), "setting" / Byte, "named" / Int32ul, "name" / Bytes(255),
    "size" / Int32ul, "elements" / Int32ul,
)
_Element = Struct("address" / Int32ul, "size" / Int32ul)
_Suffix = Struct(
    "device" / Int16ul, "product" / Int16ul, "vendor" / Int16ul, "dfu" / Const(b"\x1a\x01"),
    "magic" / Const(b"UFD"), "length" / Const(b"\x10"), "crc" / Int32ul,
)
_ONES = 0xFFFF_FFFF


def read_dfu(content: bytes) -> Image:
    """The image in a DfuSe file. Raises ImageError."""
    try:
        suffix = _Suffix.parse(content[-_Suffix.sizeof() :])
        prefix = _Prefix.parse(content)
    except ConstructError:
        raise ImageError("not a whole DfuSe file; copy or build it anew") from None
    if zlib.crc32(content[:-4]) ^ _ONES != suffix.crc:
        raise ImageError("damaged: its checksum does not hold; copy or build it anew")
    body = content[: -_Suffix.sizeof()]
    if prefix.size != len(body):
        raise ImageError("cut short: it says that it is longer; copy or build it anew")
    at, pieces = _Prefix.sizeof(), []
    for _ in range(prefix.targets):
        target, at = _parsed(_Target, body, at)
        for _ in range(target.elements):
            element, at = _parsed(_Element, body, at)
            data = body[at : at + element.size]
            if len(data) != element.size:
                raise ImageError("cut short: an element is not all there; build it anew")
            pieces.append(Piece(element.address, data))
            at += element.size
    return Image.of(pieces)


def _parsed(layout: Struct, body: bytes, at: int) -> tuple[Any, int]:
    try:
        return layout.parse(body[at : at + layout.sizeof()]), at + layout.sizeof()
    except ConstructError:
        raise ImageError("damaged: an image in it has no header; build it anew") from None
