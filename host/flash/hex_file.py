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
    if not any(line.startswith(":") for line in lines):
        what = "no line of it begins with a colon" if lines else "it is empty"
        raise ImageError(f"not an Intel HEX file: {what}; is it the right file?")
    ends = [at for at, line in enumerate(lines) if line.startswith(":") and line[_TYPE] == _END]
    if not ends:
        raise ImageError("cut short: it has no end record; copy or build it anew")
    if ends[0] != len(lines) - 1:
        raise ImageError(
            f"it goes on after an end record, with {lines[ends[0] + 1][:20]!r}: two files in one? Flash them "
            "one by one, or delete what does not belong there"
        )
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
