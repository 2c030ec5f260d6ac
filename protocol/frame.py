"""Frames: what stands between two delimiters.

On the wire: COBS(header, body, checksum), then 0x00. The header is three bytes; the checksum is CRC-32
(IEEE 802.3, as `zlib.crc32`) over header and body, started from the contract's hash instead of 0, so
that two ends with different codebooks cannot misread each other. HELLO alone starts from 0: it is how
the ends learn each other's contract. A bad frame is a value (`FrameStatus`), never an exception.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass
from zlib import crc32

from cobs import cobs
from construct import BitsInteger, BitStruct, Enum, Flag, Int16ul, Struct

from protocol.limits import CHECKSUM_BYTES, HEADER_BYTES, MAX_BODY, MAX_FRAME, MAX_ROWS

DELIMITER = b"\x00"


class Kind(enum.IntEnum):
    """What a frame carries."""

    HELLO = 0
    COMMAND = 1
    REPLY = 2
    TELEMETRY = 3
    SENSORS = 4
    ALIVE = 5
    HALT = 6


Control = BitStruct(
    "rows_less_one" / BitsInteger(3),
    "key" / Flag,
    "stored" / Flag,
    "kind" / Enum(BitsInteger(3), Kind),
)
"""First byte, most significant bit first. `stored`: the body is not compressed."""

Header = Struct("control" / Control, "sequence" / Int16ul)


class FrameStatus(enum.Enum):
    """What became of the bytes between two delimiters."""

    GOOD = "good"
    BAD_COBS = "bad_cobs"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    BAD_CRC = "bad_crc"
    BAD_KIND = "bad_kind"


@dataclass(frozen=True)
class Frame:
    """One frame. `rows` and `key` are telemetry's; `signed`, in frames of a session, is the bit of `key`."""

    kind: Kind
    sequence: int
    body: bytes
    stored: bool = False
    key: bool = False
    rows: int = 1

    @property
    def signed(self) -> bool:
        """Whether a code that proves who sent it is at the body's end."""
        return self.key

    @property
    def control(self) -> int:
        """The frame's first byte."""
        return self.kind | self.stored << 3 | self.key << 4 | (self.rows - 1) << 5


@dataclass(frozen=True)
class Received:
    """A frame off the wire, or why there is none. `wire_bytes` counts the delimiter too."""

    status: FrameStatus
    frame: Frame | None
    wire_bytes: int


def encode_frame(frame: Frame, seed: int) -> bytes:
    """The bytes of a frame on the wire, delimiter included.

    `seed` is the contract's hash; HELLO ignores it. Raises ValueError for a body over MAX_BODY or a row
    count the header cannot hold.
    """
    if len(frame.body) > MAX_BODY or not 1 <= frame.rows <= MAX_ROWS:
        raise ValueError(f"no frame holds {len(frame.body)} bytes in {frame.rows} rows")
    content = bytes((frame.control, frame.sequence & 0xFF, frame.sequence >> 8 & 0xFF)) + frame.body
    checksum = crc32(content, _start(frame.kind, seed))
    encoded: bytes = cobs.encode(content + checksum.to_bytes(CHECKSUM_BYTES, "little"))
    return encoded + DELIMITER


def _start(kind: int, seed: int) -> int:
    return 0 if kind == Kind.HELLO else seed


def decode_frame(wire: bytes, seed: int) -> Received:
    """The frame in the bytes before a delimiter (the delimiter itself left out)."""
    size = len(wire) + 1
    if len(wire) > MAX_WIRE:
        return Received(FrameStatus.TOO_LONG, None, size)
    try:
        content = cobs.decode(wire)
    except cobs.DecodeError:
        return Received(FrameStatus.BAD_COBS, None, size)
    if len(content) > MAX_FRAME:
        return Received(FrameStatus.TOO_LONG, None, size)
    if len(content) < HEADER_BYTES + CHECKSUM_BYTES:
        return Received(FrameStatus.TOO_SHORT, None, size)
    checked, checksum = content[:-CHECKSUM_BYTES], content[-CHECKSUM_BYTES:]
    if crc32(checked, _start(checked[0] & 7, seed)) != int.from_bytes(checksum, "little"):
        return Received(FrameStatus.BAD_CRC, None, size)
    return _parsed(checked, size)


def _parsed(checked: bytes, size: int) -> Received:
    header = Header.parse(checked)
    control = header.control
    if int(control.kind) not in Kind._value2member_map_:
        return Received(FrameStatus.BAD_KIND, None, size)
    frame = Frame(
        kind=Kind(int(control.kind)),
        sequence=header.sequence,
        body=checked[HEADER_BYTES:],
        stored=control.stored,
        key=control.key,
        rows=control.rows_less_one + 1,
    )
    return Received(FrameStatus.GOOD, frame, size)


MAX_WIRE = MAX_FRAME + MAX_FRAME // 254 + 1
"""Bytes of the longest frame after COBS, delimiter left out."""


class Deframer:
    """Finds frames in a byte stream, however it is cut up. Holds at most one frame's bytes."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._pending = bytearray()
        self._dropped = 0

    def feed(self, data: bytes) -> Iterator[Received]:
        """What the stream held up to its last delimiter; empty frames (idle delimiters) are skipped."""
        *complete, rest = data.split(DELIMITER)
        for piece in complete:
            self._keep(piece)
            if self._dropped:
                yield Received(FrameStatus.TOO_LONG, None, len(self._pending) + self._dropped + 1)
            elif self._pending:
                yield decode_frame(bytes(self._pending), self.seed)
            self._pending.clear()
            self._dropped = 0
        self._keep(rest)

    def _keep(self, piece: bytes) -> None:
        room = MAX_WIRE + 1 - len(self._pending)
        self._pending += piece[:room]
        self._dropped += max(0, len(piece) - room)
