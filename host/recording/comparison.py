"""Rows as they were recorded, held against the rows that their frames give. It reads no file."""

from __future__ import annotations

import enum
from collections import Counter, deque
from dataclasses import dataclass, field

from host.link.receiver import Receiver
from protocol.contract import Contract
from protocol.frame import FrameStatus

_MAX_TOLD = 10
_CLOCK = 1 << 32


@dataclass
class Proof:
    """What came of a comparison. A difference is a row that is not what its frame says, or is missing though
    nothing of the recording is.
    """

    rows: int = 0
    """Recorded ones that can be read."""
    equal: int = 0
    """Of those, as decoded again: time and every value."""
    differences: int = 0
    before_key: int = 0
    """Rows from before the first key frame of a link that was joined in the middle: not comparable."""
    not_comparable: int = 0
    """Rows whose frames, or the key frame before those, were in a part of the recording that is missing."""
    rows_lost: int = 0
    """Rows that were recorded and are missing themselves, as far as that can be known."""
    unwritten: int = 0
    """Rows of the last frames in a recording that was cut off: they had not been written yet."""
    frames: int = 0
    bytes: int = 0
    frames_bad: int = 0
    links: int = 0
    whole: bool = True
    """Whether no part of the recording is damaged or missing; one whose recorder was killed is whole."""
    told: list[str] = field(default_factory=list)
    """The first differences, in words."""

    @property
    def holds(self) -> bool:
        """Whether there are rows, and all of the recording's are what their frames say."""
        return self.whole and self.equal > 0 and self.differences == 0

    def differs(self, how: str) -> None:
        """Count a difference, and keep the first ones' words."""
        self.differences += 1
        if len(self.told) < _MAX_TOLD:
            self.told.append(how)


class Start(enum.Enum):
    """Where a decoder begins."""

    OPENED = enum.auto()
    """With a link: the recorder's decoder did, too."""
    JOINED = enum.auto()
    """In a link's middle, and so did the recorder's: rows before may have been written without frames."""
    HOLE = enum.auto()
    """Behind frames that are missing, which the recorder's had seen: it gave rows before this one can."""


class End(enum.Enum):
    """Why nothing more comes."""

    COMPLETE = enum.auto()
    """All that was received was recorded as decoded, too."""
    STOPPED = enum.auto()
    """The recorder stopped somewhere: the last frames' rows may not have been written yet."""
    HOLE = enum.auto()
    """What comes next is missing: rows of the last frames may be there."""


_Row = tuple[int, tuple[int, ...]]
"""Time by the board's clock, and values."""


class Comparison:
    """One decoder and the rows that it should have given, paired by their times.

    A row is written behind its frame, so it has its partner when it comes, or none. It may only be judged
    when the next frame has come, which shows whether frames before are missing.
    """

    def __init__(self, contract: Contract, proof: Proof, start: Start) -> None:
        self._proof = proof
        self._receiver = Receiver(contract)
        self._decoded: deque[_Row] = deque()
        self._times: Counter[int] = Counter()
        """Of those that were decoded."""
        self._alone: list[_Row] = []
        """Recorded rows without a partner that were not judged yet."""
        self._start = start
        self._waits_for_key = start is not Start.OPENED

    def frame(self, data: bytes) -> None:
        """The next frame, none left out."""
        if not self._waits_for_key:
            self._judge_alone()
        self._proof.frames += 1
        self._proof.bytes += len(data)
        self._receiver.feed(data)
        for row in self._receiver.take_rows():
            self._decoded.append((row.time_us, row.values))
            self._times[row.time_us] += 1

    def row(self, time_us: int, values: tuple[int, ...]) -> None:
        """The next row of the recording."""
        self._proof.rows += 1
        row = time_us % _CLOCK, values
        place = self._place(row)
        if place is not None:
            self._pair(row, place)
        elif self._waits_for_key and not self._decoded:
            self._excuse(1)
        else:
            self._alone.append(row)

    def finish(self, end: End) -> int:
        """No more comes: what has no partner now has none. Answers how many decoded rows have none."""
        if end is End.HOLE:
            self._excuse(len(self._alone))
        else:
            self._judge_alone()
        left = len(self._decoded)
        if end is End.COMPLETE:
            for row in self._decoded:
                self._proof.differs(_unrecorded(row))
        elif end is End.STOPPED:
            self._proof.unwritten += left
        counts = self._receiver.counters.frames
        self._proof.frames_bad += sum(counts.values()) - counts[FrameStatus.GOOD]
        return left

    def _place(self, row: _Row) -> int | None:
        """Where the row's partner is among the decoded ones. Before any was found it must be equal, for rows
        from before the hole, maybe of another start of the board, still come."""
        if not self._times[row[0]]:
            return None
        return next((
            place for place, each in enumerate(self._decoded)
            if each == row or (each[0] == row[0] and not self._waits_for_key)
        ), None)

    def _pair(self, row: _Row, place: int) -> None:
        if self._waits_for_key:  # what came before was of frames that cannot be decoded from here
            self._excuse(len(self._alone))
            self._alone.clear()
            self._waits_for_key = False
        for _ in range(place):
            self._proof.differs(_unrecorded(self._taken()))
        decoded = self._taken()
        if decoded == row:
            self._proof.equal += 1
        else:
            self._proof.differs(f"recorded {row}, decoded {decoded}")

    def _taken(self) -> _Row:
        row = self._decoded.popleft()
        self._times[row[0]] -= 1
        if not self._times[row[0]]:
            del self._times[row[0]]
        return row

    def _excuse(self, rows: int) -> None:
        if self._waits_for_key and self._start is Start.JOINED:
            self._proof.before_key += rows
        else:
            self._proof.not_comparable += rows

    def _judge_alone(self) -> None:
        for row in self._alone:
            self._proof.differs(f"row at {row[0]} us is in the recording, not in its frames")
        self._alone.clear()


def _unrecorded(row: _Row) -> str:
    return f"row at {row[0]} us is in the frames, not in the recording"
