"""A file from the car."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from host.link import Link
from host.transfer.errors import TransferError
from host.transfer.resume import Told, resumed, silent
from protocol.blocks import BlockError, decode_block
from protocol.file_commands import BLOCK_BYTES, CHUNK_BYTES

_SHOWN_DIGITS = 8


@dataclass(frozen=True)
class Entry:
    """What is in a folder of the car's."""

    name: str
    is_folder: bool
    size: int


@dataclass(frozen=True)
class Received:
    """What a transfer took: bytes that were here already, and bytes of blocks that came."""

    size: int
    resumed_at: int
    block_bytes: int


def list_folder(link: Link, name: str = "") -> list[Entry]:
    """What is in a folder of the car's, its root by default. Raises LinkError."""
    found: list[Entry] = []
    while True:
        entries = link.send("folder", {"skip": len(found), "name": name}).values["entries"]
        if not entries:
            return found
        found += [Entry(each["name"], bool(each["is_folder"]), each["size"]) for each in entries]


def remove(link: Link, name: str) -> None:
    """Remove a file, or an empty folder. Raises LinkError."""
    link.send("remove", {"name": name})


def get_file(link: Link, name: str, target: Path, *, told: Told = silent) -> Received:
    """Fetch a file; `target` appears, or is replaced, once all of it is here and was checked.

    What has come stands beside it under a name with the content's digest, and an interrupted transfer goes on
    behind that. Raises TransferError, the link's errors, and OSError for what is wrong on this side.
    """
    return resumed(link, lambda: _get(link, name, target, told))


def _get(link: Link, name: str, target: Path, told: Told) -> Received:
    described = link.send("file", {"name": name}).values
    size, digest = described["size"], described["digest"]
    part = target.with_name(f"{target.name}.{digest.hex()[:_SHOWN_DIGITS]}.part")
    with part.open("ab") as file:
        start = min(file.tell() // BLOCK_BYTES * BLOCK_BYTES, size)
        file.truncate(start)
        block_bytes = _fetch(link, start, size, file, told)
    if sha256(part.read_bytes()).digest() != digest:
        part.unlink()
        raise TransferError(f"{name}: what came has another digest than the car's file; get it again")
    part.replace(target)
    return Received(size, start, block_bytes)


def _fetch(link: Link, start: int, size: int, file: BinaryIO, told: Told) -> int:
    """Append what is missing; answers the bytes of its blocks."""
    came = 0
    for offset, block in _blocks(link, start, size):
        came += len(block)
        try:
            content, _ = decode_block(block, limit=BLOCK_BYTES)
        except BlockError as error:
            raise TransferError(f"a block from the car is damaged ({error}); get the file again") from None
        file.write(content)
        file.flush()
        told(offset + len(content), size)
    return came


def _blocks(link: Link, start: int, size: int) -> Iterator[tuple[int, bytes]]:
    """(where its content begins, the block) of each. The next one is asked for before this one is there."""
    if start >= size:
        return
    first = link.submit("read", {"offset": start, "at": 0})
    for offset in range(start, size, BLOCK_BYTES):
        head = link.wait(first).values
        places = range(CHUNK_BYTES, head["block_bytes"], CHUNK_BYTES)
        rest = [link.submit("read", {"offset": offset, "at": at}) for at in places]
        if offset + BLOCK_BYTES < size:
            first = link.submit("read", {"offset": offset + BLOCK_BYTES, "at": 0})
        yield offset, head["data"] + b"".join(link.wait(pending).values["data"] for pending in rest)
