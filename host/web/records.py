"""What the page is told, as JSON."""

from __future__ import annotations

from typing import Any

from host.monitor.floor import FloorPlan
from host.monitor.physical import plain
from host.monitor.snapshot import Note, Snapshot
from protocol.schema import Schema

Record = dict[str, Any]


def hello_record(schema: Schema, plan: FloorPlan | None, route: str | None, page: str) -> Record:
    """The first message: what the car has, and where it drives. `page` is the page's own name from now on."""
    channels = [channel.record() for channel in schema.channels]
    return {
        "page": page, "car": schema.name, "channels": channels, "plan": plan.record() if plan else None,
        "route": route,
    }


class Updates:
    """What one page has not been told yet."""

    def __init__(self) -> None:
        self.note = 0
        self._track_number = -1
        self._track_count = 0

    def record(self, shown: Snapshot) -> Record:
        """The state as it is, with new places and notes only. `shown` has the notes after `note`."""
        begins = shown.track_number != self._track_number
        new = shown.track_count - (0 if begins else self._track_count)
        self._track_number, self._track_count = shown.track_number, shown.track_count
        if shown.notes:
            self.note = shown.notes[-1].number
        row, pose = shown.row, shown.pose
        return {
            "connection": shown.connection, "reason": shown.reason, "mode": shown.mode,
            "faults": shown.faults, "halted": shown.is_halted,
            "time_us": row.time_us if row else None,
            "values": {name: plain(value) for name, value in row.values.items()} if row else None,
            "pose": [pose.x_mm, pose.y_mm, pose.heading_deg] if pose else None,
            "track_begins": begins, "track": shown.track[-new:] if new else [],
            "link": _link(shown), "notes": [_note(note) for note in shown.notes],
            "history": shown.history or None,
        }


def _link(shown: Snapshot) -> Record:
    link = shown.link
    trip = link.round_trip_ms
    return {
        "good": link.frames_good, "bad": link.frames_bad, "lost": link.frames_lost, "retries": link.retries,
        "rows_per_s": round(link.rows_per_s, 1), "goodput": round(link.goodput_bytes_per_s),
        "wire": round(link.wire_bytes_per_s), "round_trip_ms": None if trip is None else round(trip, 1),
        "raw_bytes": link.raw_bytes, "saved_bytes": link.saved_bytes,
    }


def _note(note: Note) -> Record:
    return {"number": note.number, "at": note.at_s, "kind": note.kind, "text": note.text}
