"""What a monitor shows of a car at one moment: plain values that any thread may keep."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from host.monitor.physical import PhysicalRow


class Connection(enum.StrEnum):
    """How the car can be reached."""

    CONNECTING = "connecting"
    CONNECTED = "connected"
    LOST = "lost"


@dataclass(frozen=True)
class Pose:
    """Where the car believes it is: mm, and degrees to the left of the map's x axis."""

    x_mm: float
    y_mm: float
    heading_deg: float


class NoteKind(enum.StrEnum):
    """Where a line of the monitor's log comes from."""

    EVENT = "event"
    PROBLEM = "problem"
    ORDER = "order"
    MARK = "mark"
    CAR = "car"
    """Written by the car's own firmware."""


@dataclass(frozen=True)
class Note:
    """A line of the monitor's log. `number` counts from 1; `at_s` is Unix time."""

    number: int
    at_s: float
    kind: NoteKind
    text: str


@dataclass(frozen=True)
class LinkQuality:
    """What passes over the link: totals since the monitor began, rates over the last seconds."""

    frames_good: int = 0
    frames_bad: int = 0
    frames_lost: int = 0
    retries: int = 0
    rows: int = 0
    rows_per_s: float = 0.0
    goodput_bytes_per_s: float = 0.0
    """Of rows as packed structs: what the receiver has of the line."""
    wire_bytes_per_s: float = 0.0
    round_trip_ms: float | None = None
    telemetry_bytes: int = 0
    """On the wire, framing included."""
    raw_bytes: int = 0
    """The same rows as packed structs."""

    @property
    def saved_bytes(self) -> int:
        """What packed structs without any framing would have taken more."""
        return self.raw_bytes - self.telemetry_bytes

    @property
    def saved_share(self) -> float | None:
        """The same as a part of the packed structs; None before the first row."""
        return self.saved_bytes / self.raw_bytes if self.raw_bytes else None


@dataclass(frozen=True)
class Snapshot:
    """All of it."""

    connection: Connection
    reason: str
    """Why it is lost."""
    row: PhysicalRow | None
    mode: str | None
    """As protocol.pilot_commands names it; None where it is not known."""
    faults: tuple[str, ...]
    is_halted: bool
    pose: Pose | None
    track_number: int
    """Another one begins where the car is told another place."""
    track_count: int
    """Places of this track so far; `track` has the latest of them."""
    track: Sequence[tuple[float, float]]
    link: LinkQuality
    notes: Sequence[Note]
    history: Mapping[str, Sequence[float]] = field(default_factory=dict)
    """Latest values of each channel, oldest first."""
