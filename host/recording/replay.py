"""Replay: a fresh decoder reads the frames of a recording; its rows are compared with the recorded ones."""

from __future__ import annotations

from base64 import b64decode
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from host.link.receiver import Receiver
from host.recording import layout
from host.recording.reader import Recording
from host.recording.recorder import ENDED
from protocol.frame import FrameStatus

_MAX_TOLD = 10


@dataclass
class Proof:
    """What came of a comparison. A difference is a row that is not what its frame says, or is missing."""

    rows: int = 0
    """Recorded ones."""
    equal: int = 0
    """Of those, as decoded again: time and every value."""
    differences: int = 0
    before_key: int = 0
    """Rows from before the first key frame of a link that was joined in the middle: not comparable."""
    unwritten: int = 0
    """Rows of the last frames in a recording that was cut off: they had not been written yet."""
    frames: int = 0
    bytes: int = 0
    frames_bad: int = 0
    links: int = 0
    told: list[str] = field(default_factory=list)
    """The first differences, in words."""

    @property
    def holds(self) -> bool:
        """Whether every row is what its frame says."""
        return self.differences == 0


_Values = tuple[int, tuple[int, ...]]


class _Comparison:
    """One decoder and the rows that it should have given."""

    def __init__(self, recording: Recording, proof: Proof, *, joins: bool) -> None:
        self._proof = proof
        self._receiver = Receiver(recording.contract)
        self._decoded: deque[_Values] = deque()
        self._recorded: deque[_Values] = deque()
        self._waits_for_key = joins
        proof.links += 1

    def frame(self, data: bytes) -> None:
        self._proof.frames += 1
        self._proof.bytes += len(data)
        self._receiver.feed(data)
        for row in self._receiver.take_rows():
            self._decoded.append((row.time_us, row.values))
        self._compare()

    def row(self, time_us: int, values: tuple[int, ...]) -> None:
        self._proof.rows += 1
        self._recorded.append((time_us & 0xFFFF_FFFF, values))
        self._compare()

    def finish(self, is_complete: bool) -> None:
        """No more comes: what has no partner now has none."""
        proof = self._proof
        for row in self._recorded:
            self._differs(f"row at {row[0]} us is in the recording, not in its frames")
        if is_complete:
            for row in self._decoded:
                self._differs(f"row at {row[0]} us is in the frames, not in the recording")
        else:
            proof.unwritten += len(self._decoded)
        counts = self._receiver.counters.frames
        proof.frames_bad += sum(counts.values()) - counts[FrameStatus.GOOD]

    def _compare(self) -> None:
        """Frames are written before their rows, so a row that has none cannot be decoded from here."""
        while self._recorded and self._waits_for_key and not self._decoded:
            self._recorded.popleft()
            self._proof.before_key += 1
        while self._recorded and self._decoded:
            self._waits_for_key = False
            recorded, decoded = self._recorded.popleft(), self._decoded.popleft()
            if recorded == decoded:
                self._proof.equal += 1
            else:
                self._differs(f"recorded {recorded}, decoded {decoded}")

    def _differs(self, how: str) -> None:
        self._proof.differences += 1
        if len(self._proof.told) < _MAX_TOLD:
            self._proof.told.append(how)


def prove(recording: Recording) -> Proof:
    """Compare what was decoded then with what is decoded now. Raises RecordingError."""
    proof = Proof()
    comparison: _Comparison | None = None
    ended = False
    for entry in recording.entries((layout.FRAMES, layout.TELEMETRY, layout.EVENTS)):
        ended = entry.topic == layout.EVENTS and entry.data["event"] == ENDED
        link = entry.data["event"] if entry.topic == layout.EVENTS else ""
        if comparison is None or link in (layout.LINK_OPENED, layout.LINK_JOINED):
            if comparison is not None:
                comparison.finish(is_complete=True)
            comparison = _Comparison(recording, proof, joins=link == layout.LINK_JOINED)
        if entry.topic == layout.FRAMES:
            comparison.frame(b64decode(entry.data["data"]))
        elif entry.topic == layout.TELEMETRY:
            comparison.row(entry.data["time_us"], tuple(entry.data["raw"]))
    if comparison is not None:
        comparison.finish(is_complete=ended)
    return proof


def facts(recording: Recording) -> dict[str, Any]:
    """How whole a recording is; after a pass over it."""
    return {
        "finished": recording.is_finished, "cut": recording.is_cut,
        "damaged_chunks": recording.damaged_chunks,
    }
