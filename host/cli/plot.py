"""`host plot`: a recording as a picture."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from host.cli.options import JsonOption
from host.cli.recordings import (
    ChannelsOption,
    RecordingArgument,
    names_of,
    opened,
    require_recording,
    warn_unless_whole,
    writing,
)


def plot(
    recording: RecordingArgument,
    channels: ChannelsOption = None,
    out: Annotated[
        Path | None,
        typer.Option("-o", "--out", help="FILE.png or FILE.svg; RECORDING.png by default.", metavar="FILE"),
    ] = None,
    track: Annotated[
        bool | None,
        typer.Option("--track/--no-track", help="The track; by default where the telemetry has x and y."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Draw channels of a recording over time, with its marks and losses, and the car's track."""
    require_recording("host plot", "matplotlib")
    from host.recording.picture import save_plot

    picture = out or recording.with_suffix(".png")
    with opened(recording) as source, writing(picture):
        drawn = save_plot(source, picture, names_of(channels), track=track)
    warn_unless_whole(source)
    print(json.dumps({"path": str(picture), "drawn": drawn}) if as_json else f"{picture}: {', '.join(drawn)}")
