"""What the panels of the terminal monitor say, as text: no widget in here."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.text import Text

from host.monitor.floor import FloorPlan, around
from host.monitor.physical import worded
from host.monitor.snapshot import Connection, LinkQuality, Note, NoteKind, Snapshot
from host.monitor.tui.characters import Canvas, arrow, sparkline
from protocol.schema import Channel, Schema

BOARD = ("cpu_load", "heap_free", "stack_used", "loop_time", "jitter")
LINK = ("frames_good", "frames_bad", "repeated", "log_lines")
"""Counted by the car."""
_ELSEWHERE = {*BOARD, *LINK, "x", "y", "heading", "mode", "faults"}
_SIDES = ("front", "left", "right", "x", "y")
_NAME, _VALUES, _UNIT = 11, 14, 6
_LINES = {
    "wall": "white", "door": "red", "obstacle": "yellow", "tape": "bright_black", "charger": "green",
    "route": "bright_black",
}
_NOTES = {
    NoteKind.EVENT: "green", NoteKind.PROBLEM: "bold red", NoteKind.ORDER: "cyan",
    NoteKind.MARK: "bold magenta", NoteKind.CAR: "white",
}
_CONNECTIONS = {
    Connection.CONNECTED: "black on green", Connection.CONNECTING: "black on yellow",
    Connection.LOST: "white on red",
}


@dataclass(frozen=True)
class Group:
    """Channels that share a line: `wheel_left` and `wheel_right` are `wheel`."""

    name: str
    channels: tuple[Channel, ...]


def groups(channels: Iterable[Channel]) -> list[Group]:
    """Channels in their order; those that differ by their side only, one after another, are joined."""
    found: list[Group] = []
    for channel in channels:
        stem, _, side = channel.name.rpartition("_")
        last = found[-1] if found else None
        if side not in _SIDES or not stem:
            found.append(Group(channel.name, (channel,)))
        elif last is not None and last.name == stem and last.channels[0].unit == channel.unit:
            found[-1] = Group(stem, (*last.channels, channel))
        else:
            found.append(Group(stem, (channel,)))
    return found


def values_text(shown: Snapshot, schema: Schema, width: int, height: int = 0) -> Text:
    """Every channel that no other panel has: name, value, unit and how it went; a line each if they fit."""
    channels = [channel for channel in schema.channels if channel.name not in _ELSEWHERE]
    alone = [Group(channel.name, (channel,)) for channel in channels]
    return _lines(shown, alone if len(alone) <= height else groups(channels), width)


def board_text(shown: Snapshot, schema: Schema, width: int) -> Text:
    """How the board fares."""
    return _lines(shown, groups(channel for channel in schema.channels if channel.name in BOARD), width)


def _lines(shown: Snapshot, shared: Iterable[Group], width: int) -> Text:
    text = Text(no_wrap=True)
    for group in shared:
        names = [channel.name for channel in group.channels]
        values = " ".join(
            worded(shown.row.values[each.name], each) if shown.row else "-" for each in group.channels
        )
        text.append(f"{group.name:<{_NAME}} ", "bright_black")
        text.append(f"{values:>{_VALUES}} ", "bold")
        text.append(f"{group.channels[0].unit:<{_UNIT}}", "bright_black")
        room = (width - _NAME - _VALUES - _UNIT - 2) // len(names)
        if room > 1:
            text.append(" ".join(sparkline(shown.history.get(name, ()), room - 1) for name in names), "cyan")
        text.append("\n")
    text.rstrip()
    return text


def status_text(shown: Snapshot, name: str) -> Text:
    """The line at the top: who, how it can be reached, what it is doing, what is wrong."""
    text = Text(f" {name} ", "bold", no_wrap=True)
    text.append(f" {shown.connection} ", _CONNECTIONS[shown.connection])
    text.append(f" {shown.mode or 'mode unknown'} ", "bold cyan")
    if shown.is_halted:
        text.append(" EMERGENCY STOP ", "bold white on red")
    if shown.faults:
        text.append(f" {', '.join(shown.faults)} ", "bold black on yellow")
    if shown.row is not None:
        text.append(f" {shown.row.time_us / 1e6:.1f} s", "bright_black")
    if shown.connection is Connection.LOST:
        text.append(f" {shown.reason}", "red")
    return text


def link_text(shown: Snapshot, schema: Schema) -> Text:
    """How good the link is, and what the codec saves."""
    link = shown.link
    trip = "-" if link.round_trip_ms is None else f"{link.round_trip_ms:.0f} ms"
    lines = [
        f"{link.rows_per_s:.1f} rows/s   round trip {trip}",
        f"frames {link.frames_good} good  {link.frames_bad} bad  {link.frames_lost} lost",
        f"goodput {link.goodput_bytes_per_s:.0f} B/s in {link.wire_bytes_per_s:.0f} B/s",
        _saved(link),
    ]
    if shown.row is not None:
        counted = [channel for channel in schema.channels if channel.name in LINK]
        said = "  ".join(
            f"{each.name.removeprefix('frames_')} {worded(shown.row.values[each.name], each)}"
            for each in counted
        )
        lines.append(f"car: {said}")
    return Text("\n".join(lines), no_wrap=True)


def _saved(link: LinkQuality) -> str:
    share = link.saved_share
    if share is None:
        return "saved -"
    return f"saved {link.saved_bytes:,} of {link.raw_bytes:,} B ({100 * share:.0f} %)"


def map_text(shown: Snapshot, plan: FloorPlan | None, width: int, height: int) -> Text:
    """The floor, the track and the car."""
    places = [*shown.track, *([(shown.pose.x_mm, shown.pose.y_mm)] if shown.pose else [])]
    low, high = (plan.low, plan.high) if plan else around(places)
    canvas = Canvas(width, height, low, high)
    for line in plan.lines if plan else ():
        canvas.line(line.points, _LINES[line.kind])
    canvas.line(shown.track, "blue")
    if shown.pose is not None:
        canvas.put((shown.pose.x_mm, shown.pose.y_mm), arrow(shown.pose.heading_deg), "bold green")
    text = Text(no_wrap=True)
    for at, row in enumerate(canvas.rows()):
        if at:
            text.append("\n")
        for character, style in row:
            text.append(character, style)
    return text


def pose_title(shown: Snapshot, plan: FloorPlan | None) -> str:
    """Above the map."""
    name = plan.name if plan else "map"
    if shown.pose is None:
        return f"{name}: place not known"
    at = shown.pose
    return f"{name}: x {at.x_mm:.0f}  y {at.y_mm:.0f} mm  {round(at.heading_deg)}°"


def note_text(note: Note) -> Text:
    """A line of the log."""
    clock = time.strftime("%H:%M:%S", time.localtime(note.at_s))
    return Text.assemble((f"{clock} ", "bright_black"), (note.text, _NOTES[note.kind]))


def notes_after(notes: Sequence[Note], number: int) -> list[Note]:
    """Those that were not shown yet."""
    return [note for note in notes if note.number > number]
