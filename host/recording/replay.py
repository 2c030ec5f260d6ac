"""Replay: a fresh decoder reads the frames of a recording; its rows are compared with the recorded ones.

Where a part of the recording is missing, a decoder can only go on from the next key frame, as behind frames
that were lost on the line. So the comparison begins anew there.
"""

from __future__ import annotations

from base64 import b64decode
from typing import Any

from host.recording import layout
from host.recording.comparison import Comparison, End, Proof, Start
from host.recording.reader import Entry, Recording
from host.recording.recorder import ENDED

_TOPICS = (layout.FRAMES, layout.TELEMETRY, layout.EVENTS)
_STARTS = {layout.LINK_OPENED: Start.OPENED, layout.LINK_JOINED: Start.JOINED}
_SEQUENCES = 1 << 32


class _Holes:
    """Tells what is missing between the entries of a recording.

    That is where a chunk is damaged; and, in a copy that left damaged chunks out, where a topic's numbers
    leave some out.
    """

    def __init__(self, recording: Recording) -> None:
        self.rows_lost = 0
        self._recording = recording
        self._damaged = 0
        self._next = dict.fromkeys(_TOPICS, 0)
        self._known: set[str] = set()
        """Topics whose numbers may leave some out at the hole that was told last."""

    def is_before(self, entry: Entry) -> bool:
        """Whether a hole is right before the next entry that was not told yet."""
        missing = (entry.sequence - self._next[entry.topic]) % _SEQUENCES
        self._next[entry.topic] = entry.sequence + 1
        if entry.topic == layout.TELEMETRY:
            self.rows_lost += missing
        is_hole = self._has_new_damage() or (missing > 0 and entry.topic not in self._known)
        if is_hole:
            self._known = set(_TOPICS)
        self._known.discard(entry.topic)
        return is_hole

    def is_at_end(self) -> bool:
        """Whether a hole is behind the last entry; after a whole pass."""
        return self._has_new_damage() or self._recording.is_cut

    def rows_at_end(self) -> int:
        """Rows missing behind the last entry, as far as the index knows."""
        return max(0, self._recording.counted.get(layout.TELEMETRY, 0) - self._next[layout.TELEMETRY])

    def _has_new_damage(self) -> bool:
        before, self._damaged = self._damaged, self._recording.damaged_chunks
        return self._damaged > before


class _Proving:
    """A pass over a recording, one comparison after the other."""

    def __init__(self, recording: Recording) -> None:
        self.proof = Proof()
        self._recording = recording
        self._holes = _Holes(recording)
        self._comparison = Comparison(recording.contract, self.proof, Start.OPENED)
        self._ended = False

    def take(self, entry: Entry) -> None:
        event = entry.data["event"] if entry.topic == layout.EVENTS else ""
        self._ended = event == ENDED
        if self._holes.is_before(entry):
            self.proof.whole = False
            self._begin(Start.HOLE, End.HOLE)
        if event in _STARTS:
            self.proof.links += 1
            self._begin(_STARTS[event], End.COMPLETE)
        elif entry.topic == layout.FRAMES:
            self._comparison.frame(b64decode(entry.data["data"]))
        elif entry.topic == layout.TELEMETRY:
            self._comparison.row(entry.data["time_us"], tuple(entry.data["raw"]))

    def _begin(self, start: Start, end: End) -> None:
        self._comparison.finish(end)
        self._comparison = Comparison(self._recording.contract, self.proof, start)

    def finish(self) -> None:
        self.proof.rows_lost = self._holes.rows_lost
        if self._holes.is_at_end():
            self.proof.whole = False
            left = self._comparison.finish(End.HOLE)
            self.proof.rows_lost += max(left, self._holes.rows_at_end())
        else:
            self._comparison.finish(End.COMPLETE if self._ended else End.STOPPED)


def prove(recording: Recording) -> Proof:
    """Compare what was decoded then with what is decoded now. Raises RecordingError."""
    proving = _Proving(recording)
    for entry in recording.entries(_TOPICS):
        proving.take(entry)
    proving.finish()
    return proving.proof


def facts(recording: Recording) -> dict[str, Any]:
    """How whole a recording is; after a pass over it."""
    return {
        "finished": recording.is_finished, "cut": recording.is_cut,
        "damaged_chunks": recording.damaged_chunks,
    }
