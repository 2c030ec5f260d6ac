"""What a deploy runs on the board: Python for MicroPython, sent to its console, and the calls of it.

Files are sent in base 64, since the console takes text, and in pieces, since the board's memory is small;
deflated, if the board can undo that: compiled modules lose a quarter of their bytes.
"""

from __future__ import annotations

import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from host.deploy.errors import DeployError
from host.deploy.plan import OnBoard
from host.deploy.repl import Repl

_PIECE_BYTES = 2040
_WINDOW_BITS = 11
"""A window of 2 KiB holds a piece."""
_NAMES_AT_ONCE = 16

_CODE = """
import os, sys, io, binascii, hashlib
try:
    import deflate
except ImportError:
    deflate = None
_buffer = memoryview(bytearray(512))
def _digest(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while True:
            size = file.readinto(_buffer)
            if not size:
                return binascii.hexlify(digest.digest()).decode()
            digest.update(_buffer[:size])
def _tell(names):
    for name in names:
        try:
            print(os.stat(name)[6], _digest(name), name)
        except OSError:
            pass
def _content(name):
    try:
        with open(name, "rb") as file:
            print(binascii.b2a_base64(file.read()).decode())
    except OSError:
        pass
def _begin(name):
    global _file
    at = name.find("/")
    while at > 0:
        try:
            os.stat(name[:at])
        except OSError:
            os.mkdir(name[:at])
        at = name.find("/", at + 1)
    _file = open(name, "wb")
def _piece(text):
    data = binascii.a2b_base64(text)
    if deflate:
        data = deflate.DeflateIO(io.BytesIO(data), deflate.RAW, %d).read()
    _file.write(data)
def _keep(part, name, digest):
    _file.close()
    if _digest(part) != digest:
        os.remove(part)
        raise ValueError("what arrived is not what was sent")
    os.rename(part, name)
def _remove(names):
    for name in names:
        try:
            os.remove(name)
        except OSError:
            pass
"""


@dataclass(frozen=True)
class BoardFacts:
    """What the board says of itself. `mpy` is sys.implementation._mpy: which compiled files it takes."""

    machine: str
    micropython: str
    mpy: int
    free_bytes: int
    block_bytes: int


class BoardFiles:
    """The board's file system, through its console. All methods raise DeployError."""

    def __init__(self, repl: Repl) -> None:
        self._repl = repl
        repl.run(_CODE % _WINDOW_BITS)
        self.inflates = repl.run("print(bool(deflate))").strip() == "True"

    def facts(self) -> BoardFacts:
        """Which board it is, and how much room it has."""
        said = self._repl.run(
            "disk = os.statvfs(os.getcwd())\n"
            "who = sys.implementation\n"
            "for each in (getattr(who, '_machine', sys.platform), who.version, getattr(who, '_mpy', 0),"
            " disk[1], disk[1] * disk[3]): print(each)"
        ).splitlines()
        try:
            machine, version, mpy, block, free = said
            numbers = [each.strip() for each in version.strip("()").split(",")[:3]]
            return BoardFacts(machine, ".".join(numbers), int(mpy), int(free), int(block))
        except ValueError:
            raise DeployError(f"the board's answer makes no sense: {said}; reset it and try again") from None

    def tell(self, names: Sequence[str]) -> dict[str, OnBoard]:
        """Those of the files that are there, with size and SHA-256 as the board finds them now."""
        lines = [
            line
            for some in _batches(names, _NAMES_AT_ONCE)
            for line in self._repl.run(f"_tell({some!r})").splitlines()
        ]
        fields = [line.split(" ", 2) for line in lines if line]
        return {name: OnBoard(int(size), digest) for size, digest, name in fields}

    def content(self, name: str) -> bytes:
        """What a small file holds; b"" when it is not there."""
        return b64decode(self._repl.run(f"_content({name!r})"))

    def write(self, name: str, content: bytes) -> Iterator[int]:
        """Write a file; yields how many bytes went over after each piece.

        It is written under another name in the same folder, read back there, and takes its own name only when
        it is right. In the same folder, since LittleFS renames there in one step.
        """
        part = f"{name.rpartition('/')[0]}/deploy.part".lstrip("/")
        calls = f"_begin({part!r})\n"
        for at in range(0, len(content), _PIECE_BYTES):
            piece = content[at : at + _PIECE_BYTES]
            calls += f"_piece({self._packed(piece)!r})\n"
            if at + len(piece) < len(content):
                self._repl.run(calls)
                calls = ""
                yield len(piece)
        # A small file takes one turn of the console altogether: turns cost more than bytes.
        self._repl.run(calls + f"_keep({part!r}, {name!r}, {sha256(content).hexdigest()!r})")
        yield len(content) % _PIECE_BYTES or min(len(content), _PIECE_BYTES)

    def _packed(self, piece: bytes) -> str:
        """A piece as `_piece` takes it."""
        if self.inflates:
            packer = zlib.compressobj(9, zlib.DEFLATED, -_WINDOW_BITS)
            piece = packer.compress(piece) + packer.flush()
        return b64encode(piece).decode()

    def rename(self, name: str, new: str) -> None:
        """Give a file another name in its folder; a file that has it already is gone then."""
        self._repl.run(f"os.rename({name!r}, {new!r})")

    def remove(self, names: Iterable[str]) -> None:
        """Remove files; those that are not there are no fault."""
        for some in _batches(list(names), _NAMES_AT_ONCE):
            self._repl.run(f"_remove({some!r})")


def _batches(names: Sequence[str], size: int) -> Iterator[list[str]]:
    for at in range(0, len(names), size):
        yield list(names[at : at + size])
