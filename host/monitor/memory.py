"""What a monitor remembers of a car: latest values, their history, the track, the log, the link's figures."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Sequence
from threading import Lock

from host.link import LinkCounters
from host.monitor.physical import PhysicalRow, PhysicalRows
from host.monitor.snapshot import Connection, LinkQuality, Note, NoteKind, Pose, Snapshot
from protocol.pilot_commands import FAULTS, MODES, TURN_UNITS
from protocol.schema import Row, Schema

HISTORY_ROWS = 240
TRACK_PLACES = 4000
NOTES = 500
_TRACK_STEP_MM = 15.0
"""Nearer to the last place is no new one: a car that stands would fill the track."""
JUMP_MM = 500.0
"""Farther is no drive but a new `place`, or a restart: the track begins anew."""
_RATE_S = 3.0
"""Rates are of so many seconds."""
_POSE = ("x", "y", "heading")


def fault_names(bits: int) -> tuple[str, ...]:
    """The faults in a mask, as protocol.pilot_commands names them."""
    return tuple(name for at, name in enumerate(FAULTS) if bits >> at & 1)


def mode_name(number: int) -> str:
    """The mode's name; its number when a newer car has one more."""
    return MODES[number] if 0 <= number < len(MODES) else f"mode {number}"


class Memory:
    """Written by the thread that has the link, read by any."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        names = {channel.name for channel in schema.channels}
        self.has_pose = names.issuperset(_POSE)
        """Whether telemetry says where the car is."""
        self.has_mode = names.issuperset(("mode", "faults"))
        self._lock = Lock()
        self._rows = PhysicalRows(schema)
        self._row: PhysicalRow | None = None
        self._history: dict[str, deque[float]] = {
            channel.name: deque(maxlen=HISTORY_ROWS) for channel in schema.channels
        }
        self._connection = Connection.CONNECTING
        self._reason = ""
        self._mode: str | None = None
        self._faults: tuple[str, ...] = ()
        self._is_halted = False
        self._pose: Pose | None = None
        self._track: deque[tuple[float, float]] = deque(maxlen=TRACK_PLACES)
        self._track_number = self._track_count = 0
        self._notes: deque[Note] = deque(maxlen=NOTES)
        self._note_count = 0
        self._quality = LinkQuality()
        self._earlier = LinkQuality()
        self._samples: deque[tuple[float, int, int]] = deque()
        self._raw_row_bytes = schema.row_struct.size

    def note(self, kind: NoteKind, text: str) -> None:
        """Write a line into the log."""
        with self._lock:
            self._note_count += 1
            self._notes.append(Note(self._note_count, time.time(), kind, text))

    def set_connection(self, connection: Connection, reason: str = "") -> None:
        """Say how the car can be reached."""
        with self._lock:
            self._connection, self._reason = connection, reason

    @property
    def connection(self) -> tuple[Connection, str]:
        """How the car can be reached, and why it cannot."""
        with self._lock:
            return self._connection, self._reason

    def set_halted(self, is_halted: bool) -> None:
        """Say whether an emergency stop holds."""
        with self._lock:
            self._is_halted = is_halted

    def begin_clock(self) -> None:
        """The board's clock may begin anew: it has restarted."""
        self._rows = PhysicalRows(self.schema)

    def take_rows(self, rows: Sequence[Row]) -> None:
        """Take in telemetry."""
        converted = [self._rows.convert(row) for row in rows]
        with self._lock:
            for row in converted:
                for name, value in row.values.items():
                    self._history[name].append(float(value))
                if self.has_pose:
                    self._place(*(float(row.values[name]) for name in _POSE))
                self._row = row
            if converted and self.has_mode:
                values = converted[-1].values
                self._set_mode(mode_name(int(values["mode"])), fault_names(int(values["faults"])))

    def take_status(self, values: dict[str, int]) -> None:
        """Take in the reply to `status`, for contracts whose telemetry does not say it."""
        with self._lock:
            self._set_mode(mode_name(values["mode"]), fault_names(values["faults"]))
            self._place(values["x"], values["y"], 360 * values["heading"] / TURN_UNITS)

    def take_counters(self, counters: LinkCounters, round_trip_s: float | None, now_s: float) -> None:
        """Take in the link's figures; `now_s` is by any steady clock."""
        earlier = self._earlier
        rows, wire = earlier.rows + counters.rows, earlier.telemetry_bytes + counters.telemetry_bytes
        samples = self._samples
        samples.append((now_s, rows, wire))
        while len(samples) > 2 and now_s - samples[1][0] >= _RATE_S:
            samples.popleft()
        then_s, rows_then, wire_then = samples[0]
        span_s = now_s - then_s
        rows_per_s = (rows - rows_then) / span_s if span_s else 0.0
        bad = counters.frames_bad
        quality = LinkQuality(
            frames_good=earlier.frames_good + sum(counters.frames.values()) - bad,
            frames_bad=earlier.frames_bad + bad,
            frames_lost=earlier.frames_lost + counters.lost_frames,
            retries=earlier.retries + counters.retries,
            rows=rows,
            rows_per_s=rows_per_s,
            goodput_bytes_per_s=rows_per_s * self._raw_row_bytes,
            wire_bytes_per_s=(wire - wire_then) / span_s if span_s else 0.0,
            round_trip_ms=None if round_trip_s is None else 1000 * round_trip_s,
            telemetry_bytes=wire,
            raw_bytes=rows * self._raw_row_bytes,
        )
        with self._lock:
            self._quality = quality

    def end_link(self) -> None:
        """The next link counts from 0; totals go on."""
        self._earlier = self._quality
        self._samples.clear()

    @property
    def latest(self) -> PhysicalRow | None:
        """The latest row."""
        return self._row

    def snapshot(self, *, since_note: int = 0, with_history: bool = True) -> Snapshot:
        """A copy as it stands, with the notes after a number."""
        with self._lock:
            return Snapshot(
                connection=self._connection, reason=self._reason, row=self._row, mode=self._mode,
                faults=self._faults, is_halted=self._is_halted, pose=self._pose,
                track_number=self._track_number, track_count=self._track_count,
                track=tuple(self._track), link=self._quality,
                notes=tuple(note for note in self._notes if note.number > since_note),
                history={name: tuple(ring) for name, ring in self._history.items()} if with_history else {},
            )

    def _set_mode(self, mode: str, faults: tuple[str, ...]) -> None:
        self._mode, self._faults = mode, faults

    def _place(self, x_mm: float, y_mm: float, heading_deg: float) -> None:
        self._pose = Pose(x_mm, y_mm, math.remainder(heading_deg, 360))
        place = (x_mm, y_mm)
        moved = math.dist(place, self._track[-1]) if self._track else math.inf
        if moved > JUMP_MM:
            self._track.clear()
            self._track_number += 1
            self._track_count = 0
        if moved >= _TRACK_STEP_MM:
            self._track.append(place)
            self._track_count += 1
