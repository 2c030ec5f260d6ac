"""A recording as a picture: channels over time, and the car's track where its contract tells of one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from host.monitor.memory import JUMP_MM
from host.output import whole_file
from host.recording import layout
from host.recording.errors import RecordingError
from host.recording.export import chosen
from host.recording.reader import Column, Recording
from protocol.schema import Channel

FORMATS = (".png", ".svg")
Point = tuple[float, float]
TRACK = ("x", "y")
"""The channels that say where the car is."""
_WIDTH_IN, _ROW_IN, _TRACK_IN = 9.0, 1.7, 5.0
_DPI = 110
_DEFAULT = 6
"""Channels that are drawn when none was named."""
_GAP_S = 1.0
"""A line is broken where nothing came for so long and for more than ten times the usual step."""
_APART_S = 1.0
_MOST_NAMES = 8
_CLOCK_US = 1 << 32
_MARKS = ("mark", "note", "halt", "session_lost", "link_lost", "telemetry_lost")


@dataclass
class _Series:
    """What is drawn: seconds since the recording's first message, and values."""

    seconds: list[float] = field(default_factory=list)
    values: dict[str, list[float]] = field(default_factory=dict)
    events: list[tuple[float, str]] = field(default_factory=list)


class _RowClock:
    """When rows were sampled: by the board's clock, which does not go to and fro as their arrival does."""

    def __init__(self) -> None:
        self._begun_s: float | None = None
        self._begun_us = 0

    def seconds(self, arrived_s: float, time_us: int) -> float:
        """Seconds as `arrived_s` counts them. Set anew where they are far apart: a restart."""
        if self._begun_s is not None:
            sampled_s = self._begun_s + (time_us - self._begun_us) % _CLOCK_US / 1e6
            if abs(sampled_s - arrived_s) < _APART_S:
                return sampled_s
        self._begun_s, self._begun_us = arrived_s, time_us
        return arrived_s


def save_plot(
    recording: Recording, path: Path, channels: Sequence[str] = (), *, track: bool | None = None
) -> list[str]:
    """Draw channels over time, and the track where there is one (`track` True asks for it, False forbids it).

    The picture is there whole or not at all, and replaces one of that name. Answers what was drawn. Raises
    RecordingError, OSError.
    """
    if path.suffix not in FORMATS:
        raise RecordingError(f"{path}: the name must end in {' or '.join(FORMATS)}")
    columns = chosen(recording, channels) if channels else _default(recording.columns)
    has_track = set(TRACK) <= {column.name for column in recording.columns}
    if track and not has_track:
        raise RecordingError(f"{recording.path}: no track: its telemetry has no channels x and y")
    draws_track = has_track if track is None else track
    series = _read(recording, [column.name for column in columns] + list(TRACK) * draws_track)
    if not series.seconds:
        raise RecordingError(f"{recording.path}: no telemetry in it; record with `--rate 10`")
    by_name = {column.name: column.unit for column in recording.columns}
    units = [by_name[name] for name in TRACK] if draws_track else []
    figure = _draw(series, columns, units, _about(recording, series))
    with whole_file(path, force=True) as file:
        figure.savefig(file, format=path.suffix[1:], dpi=_DPI)
    return [column.name for column in columns] + ["track"] * draws_track


def _default(columns: list[Column]) -> list[Column]:
    """The first few; a pose is drawn as a track."""
    names = {column.name for column in columns}
    skipped = TRACK if set(TRACK) <= names else ()
    return [column for column in columns if column.name not in skipped][:_DEFAULT]


def _read(recording: Recording, names: Sequence[str]) -> _Series:
    series = _Series(values={name: [] for name in names})
    start_ns: int | None = None
    clock = _RowClock()
    for entry in recording.entries((layout.TELEMETRY, layout.EVENTS)):
        start_ns = entry.time_ns if start_ns is None else start_ns
        seconds = (entry.time_ns - start_ns) / 1e9
        if entry.topic == layout.TELEMETRY:
            series.seconds.append(clock.seconds(seconds, entry.data["time_us"]))
            for name, values in series.values.items():
                values.append(float(entry.data["values"][name]))
        elif entry.data["event"] in _MARKS:
            series.events.append((seconds, entry.data["event"]))
    return series


def _about(recording: Recording, series: _Series) -> str:
    return f"{recording.path.name}: {len(series.seconds)} rows, {series.seconds[-1]:.1f} s"


def _draw(series: _Series, columns: list[Column], units: Sequence[str], caption: str) -> Figure:
    """The channels, and the track if its two units are given."""
    draws_track = bool(units)
    heights = [_ROW_IN] * len(columns) + [_TRACK_IN] * draws_track
    figure = Figure(figsize=(_WIDTH_IN, sum(heights) + 0.8), layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle(caption)
    grid = figure.add_gridspec(len(heights), 1, height_ratios=heights)
    first: Axes | None = None
    for place, column in enumerate(columns):
        axes = figure.add_subplot(grid[place], sharex=first)
        first = first or axes
        _draw_channel(axes, series, column)
        axes.tick_params(labelbottom=place == len(columns) - 1)
        if place == len(columns) - 1:
            axes.set_xlabel("s")
    if draws_track:
        _draw_track(figure.add_subplot(grid[-1]), series, units)
    return figure


def _draw_channel(axes: Axes, series: _Series, column: Column) -> None:
    seconds, values = _with_gaps(series.seconds, series.values[column.name])
    is_named = bool(column.states or column.flags)
    style = "steps-post" if is_named else "default"  # there is nothing between two states
    axes.plot(seconds, values, color="tab:blue", linewidth=1.0, drawstyle=style)
    if is_named:
        _name_values(axes, column, values)
    axes.set_ylabel(f"{column.name}, {column.unit}" if column.unit else column.name)
    axes.grid(visible=True, alpha=0.3)
    axes.margins(x=0.01)
    for at, event in series.events:
        color = "tab:green" if event in ("mark", "note") else "tab:red"
        axes.axvline(at, color=color, linewidth=0.8, alpha=0.7)


def _name_values(axes: Axes, column: Column, values: Sequence[float]) -> None:
    """The axis says what the values that occur are called."""
    channel = Channel(column.name, states=column.states, flags=column.flags)
    found = sorted({int(value) for value in values if value == value})
    if len(found) <= _MOST_NAMES:
        axes.set_yticks(found, [channel.name_of(value) for value in found])


def _draw_track(axes: Axes, series: _Series, units: Sequence[str]) -> None:
    x, y = (_with_gaps(series.seconds, series.values[name])[1] for name in TRACK)
    drives = _drives(list(zip(x, y, strict=True)), JUMP_MM if set(units) == {"mm"} else math.inf)
    for drive in drives:
        axes.plot(*zip(*drive, strict=True), color="tab:blue", linewidth=1.2)
    axes.plot(*drives[0][0], "o", color="tab:green", label="start")
    axes.plot(*drives[-1][-1], "s", color="tab:red", label="end")
    axes.set_aspect("equal", adjustable="datalim")
    axes.set(title="track", xlabel=f"x, {units[0]}", ylabel=f"y, {units[1]}")
    axes.grid(visible=True, alpha=0.3)
    axes.legend(loc="best", frameon=False)


def _drives(places: Sequence[Point], jump: float) -> list[list[Point]]:
    """The track in pieces: where the car was told another place, no line is drawn to it.

    A piece in which it never moved is left out, but for the last.
    """
    pieces: list[list[Point]] = [[places[0]]]
    for before, after in pairwise(places):
        if math.dist(before, after) > jump:
            pieces.append([])
        pieces[-1].append(after)
    return [piece for piece in pieces[:-1] if len(set(piece)) > 1] + pieces[-1:]


def _with_gaps(seconds: list[float], values: list[float]) -> tuple[list[float], list[float]]:
    """Not-a-number where nothing came for long: no line is drawn over it."""
    steps = sorted(after - before for before, after in pairwise(seconds))
    longest = max(_GAP_S, 10 * steps[len(steps) // 2]) if steps else _GAP_S
    times, drawn = [], []
    for place, (at, value) in enumerate(zip(seconds, values, strict=True)):
        if place and at - seconds[place - 1] > longest:
            times.append(at)
            drawn.append(float("nan"))
        times.append(at)
        drawn.append(value)
    return times, drawn
