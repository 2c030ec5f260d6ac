"""Commands that move files: verbs of the host send them, people do not type them.

docs/SPEC.md, section 12.
"""

from __future__ import annotations

import enum

from construct import (
    Byte,
    Bytes,
    GreedyBytes,
    GreedyRange,
    GreedyString,
    Int8sl,
    Int16ul,
    Int32ul,
    Prefixed,
    Struct,
)

from protocol.command import Command

BLOCK_BYTES = 2048
"""Most content of a block on the wire, and of all blocks of a file but the last one."""

CHUNK_BYTES = 240
"""Most bytes of a block in one command, or in one reply."""

DIGEST_BYTES = 32
"""SHA-256."""

NAME_BYTES = 100
"""Longest name of a file, folders included, UTF-8."""


def name_fault(name: str) -> str | None:
    """Why the car would refuse a name, and what to write instead; None for one that it takes.

    As firmware_mpy/patrol/storage.py judges; docs/SPEC.md, section 12.
    """
    if len(name.encode()) > NAME_BYTES:
        return f"a name on the car has {NAME_BYTES} bytes at most; give a shorter one"
    parts = name.lower().split("/")
    if any(part in ("", ".", "..") for part in parts) or "\0" in name:
        return f"{name!r} is no name on the car; give one like routes/yard.toml: relative, without . and .."
    if parts[0] in ("slots", "slot", "rom") or parts[0].startswith("patrol."):
        return f"{name!r} is the car's own (its key and its applications); give another name"
    return None


class Target(enum.IntEnum):
    """What becomes of a file that was put: it stays one, or it is the next application."""

    FILE = 0
    APPLICATION = 1


_Name = "name" / GreedyString("utf8")
_Digest = "digest" / Bytes(DIGEST_BYTES)
_Entry = Struct("is_folder" / Byte, "size" / Int32ul, "name" / Prefixed(Byte, GreedyString("utf8")))
_Slot = Struct("state" / Byte, "size" / Int32ul, _Digest)

FILE_COMMANDS = (
    Command(
        24, "put", "begin to send a file", (),
        Struct("target" / Byte, "size" / Int32ul, _Digest, _Name),
        Struct("have" / Int32ul, "checksum" / Int32ul),
        typed=False, trailing="name",
    ),
    Command(
        25, "from", "say where the blocks begin", (),
        Struct("offset" / Int32ul), Struct(), typed=False,
    ),
    Command(
        26, "block", "send a piece of a block", (),
        Struct("offset" / Int32ul, "at" / Int16ul, "last" / Byte, "data" / GreedyBytes),
        Struct("written" / Int32ul),
        typed=False, trailing="data",
    ),
    Command(27, "keep", "check the file that was sent, and keep it", (), Struct(), Struct(), typed=False),
    Command(
        28, "file", "ask for a file's size and digest", (),
        Struct(_Name), Struct("size" / Int32ul, _Digest), typed=False, trailing="name",
    ),
    Command(
        29, "read", "read a piece of a block of that file", (),
        Struct("offset" / Int32ul, "at" / Int16ul),
        Struct("block_bytes" / Int16ul, "data" / GreedyBytes),
        typed=False,
    ),
    Command(
        30, "folder", "list a folder", (),
        Struct("skip" / Int16ul, _Name), Struct("entries" / GreedyRange(_Entry)),
        typed=False, trailing="name",
    ),
    Command(
        31, "remove", "remove a file or an empty folder", (),
        Struct(_Name), Struct(), typed=False, trailing="name",
    ),
    Command(
        32, "slots", "tell what is in the slots for applications, and which one runs", (),
        Struct(), Struct("running" / Int8sl, "fallen" / Int8sl, "slots" / _Slot[2]), typed=False,
    ),
    Command(33, "confirm", "keep the application that is on trial", (), Struct(), Struct(), typed=False),
)
