"""The boot record: what the car's boot code knows of its two slots for applications.

docs/SPEC.md, section 9.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from zlib import crc32

from construct import Byte, Bytes, Const, ConstructError, Int32ul, Struct, Terminated

DIGEST_BYTES = 32
"""SHA-256."""
SLOT_NAMES = ("a", "b")


class SlotState(enum.IntEnum):
    """What became of a slot's application."""

    EMPTY = 0
    WRITTEN = 1
    TRYING = 2
    CONFIRMED = 3


_Slot = Struct("state" / Byte, "size" / Int32ul, "digest" / Bytes(DIGEST_BYTES))
_Content = Struct(
    "magic" / Const(b"PSLT"),
    "version" / Const(1, Byte),
    "sequence" / Int32ul,
    "preferred" / Byte,
    "slots" / _Slot[len(SLOT_NAMES)],
)
_Record = Struct("content" / Bytes(_Content.sizeof()), "checksum" / Int32ul, Terminated)


@dataclass(frozen=True)
class Slot:
    """One slot's entry; size in bytes, digest the SHA-256 of the application's image."""

    state: SlotState = SlotState.EMPTY
    size: int = 0
    digest: bytes = bytes(DIGEST_BYTES)


@dataclass(frozen=True)
class BootRecord:
    """One record. `preferred` is the slot that was confirmed last."""

    sequence: int
    preferred: int
    slots: tuple[Slot, Slot]


def build_record(record: BootRecord) -> bytes:
    """The record's bytes."""
    slots = [{"state": slot.state, "size": slot.size, "digest": slot.digest} for slot in record.slots]
    content = _Content.build({"sequence": record.sequence, "preferred": record.preferred, "slots": slots})
    built: bytes = _Record.build({"content": content, "checksum": crc32(content)})
    return built


def parse_record(packed: bytes) -> BootRecord | None:
    """The record in these bytes; None when it is none, or not whole."""
    try:
        outer = _Record.parse(packed)
        if crc32(outer.content) != outer.checksum:
            return None
        inner = _Content.parse(outer.content)
        first, second = (Slot(SlotState(each.state), each.size, each.digest) for each in inner.slots)
    except (ConstructError, ValueError):
        return None
    return BootRecord(inner.sequence, inner.preferred, (first, second))
