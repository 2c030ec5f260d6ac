"""Intel HEX (Intel, Hexadecimal Object File Format Specification, 1988)."""

from __future__ import annotations

from io import StringIO

from intelhex import AddressOverlapError, HexReaderError, IntelHex

from host.flash.errors import ImageError
from host.flash.image import Image, Piece

_TYPE = slice(7, 9)
_END = "01"
"""The type of the end record."""


def read_hex(content: bytes) -> Image:
    """The image in a HEX file. Raises ImageError.

    intelhex checks records and refuses overlaps; where the end is it leaves to us: what
    stands behind an end record it would drop.
    """
    try:
        text = content.decode("ascii")
    except UnicodeDecodeError:
        raise ImageError("not an Intel HEX file: it is not plain text; build it anew") from None
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines or lines[-1][_TYPE] != _END:
        raise ImageError("cut short: its last line is not the end record; copy or build it anew")
    if any(line[_TYPE] == _END for line in lines[:-1]):
        raise ImageError("it goes on after an end record: two files in one? Flash them one by one")
    image = IntelHex()
    try:
        image.loadhex(StringIO(text))
    except AddressOverlapError as error:
        raise ImageError(f"two parts of it overlap ({error}); build it anew") from None
    except HexReaderError as error:
        raise ImageError(f"damaged: {error}; copy or build it anew") from None
    return Image.of(
        Piece(start, image.tobinstr(start=start, end=end - 1)) for start, end in image.segments()
    )
