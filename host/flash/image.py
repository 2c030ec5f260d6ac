"""Images: what is to stand where in a chip's memory, from Intel HEX, binary, ELF and DfuSe files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from host.flash.errors import ImageError

FLASH_START = 0x0800_0000
_MOST_BYTES = 16 << 20
"""Of a file: no chip of ours has more, and a HEX of it is read in seconds."""


@dataclass(frozen=True)
class Piece:
    """Bytes in a row, and the address of the first."""

    address: int
    data: bytes

    @property
    def end(self) -> int:
        """The address behind the last byte."""
        return self.address + len(self.data)


@dataclass(frozen=True)
class Image:
    """Pieces in the order of their addresses, apart from each other."""

    pieces: tuple[Piece, ...]

    @classmethod
    def of(cls, pieces: Iterable[Piece]) -> Image:
        """Pieces in any order; those that touch become one. Raises ImageError for overlaps, and for none."""
        joined: list[Piece] = []
        for piece in sorted((p for p in pieces if p.data), key=lambda p: p.address):
            if joined and piece.address < joined[-1].end:
                raise ImageError(f"two parts of it overlap at {piece.address:#010x}; build it anew")
            if joined and piece.address == joined[-1].end:
                joined[-1] = Piece(joined[-1].address, joined[-1].data + piece.data)
            else:
                joined.append(piece)
        if not joined:
            raise ImageError("no byte in it that belongs into flash; build it anew")
        return cls(tuple(joined))

    @property
    def size(self) -> int:
        """Bytes of all pieces."""
        return sum(len(piece.data) for piece in self.pieces)

    def part(self, start: int, end: int) -> list[Piece]:
        """What of it is within start..end."""
        found = []
        for piece in self.pieces:
            low, high = max(start, piece.address), min(end, piece.end)
            if low < high:
                found.append(Piece(low, piece.data[low - piece.address : high - piece.address]))
        return found


def load_image(path: Path, address: int | None = None) -> Image:
    """The image in a file, by its suffix: .hex, .bin (with the address where it begins), .elf or .dfu.

    Raises ImageError, with the file's name, for a file that cannot be read or is none.
    """
    from host.flash.dfu_file import read_dfu
    from host.flash.elf_file import read_elf
    from host.flash.hex_file import read_hex

    readers = {".hex": read_hex, ".elf": read_elf, ".dfu": read_dfu}
    suffix = path.suffix.lower()
    if suffix != ".bin" and suffix not in readers:
        raise ImageError(f"{path}: a file of another kind; give a .hex, .bin, .elf or .dfu")
    if suffix == ".bin" and address is None:
        raise ImageError(f"{path}: a .bin does not say where it goes; give --address {FLASH_START:#010x}")
    if suffix != ".bin" and address is not None:
        raise ImageError(f"{path}: it says itself where it goes; leave --address out")
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise ImageError(f"larger than {_MOST_BYTES >> 20} MiB; is it the right file?")
        content = path.read_bytes()
        if address is not None:
            return Image.of([Piece(address, content)])
        return readers[suffix](content)
    except OSError as error:
        raise ImageError(f"{path}: cannot be read ({error.strerror})") from None
    except ImageError as error:
        raise ImageError(f"{path}: {error}") from None
