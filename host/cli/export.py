"""`host export`: a recording's telemetry as a table."""

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

_OutArgument = Annotated[
    Path, typer.Argument(help="OUT.csv, OUT.parquet, or OUT.mcap.", metavar="OUT", show_default=False)
]


def export(
    recording: RecordingArgument,
    out: _OutArgument,
    channels: ChannelsOption = None,
    raw: Annotated[
        bool, typer.Option("--raw", help="Integers as on the wire; a CSV gets a schema for `host train`.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that exists.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Write a recording's telemetry as CSV or Parquet, in physical units; or all of it as a whole MCAP.

    The latter gives a recording whose recorder was killed the index that large files want.
    """
    require_recording("host export", *(["pyarrow"] if out.suffix == ".parquet" else []))
    from host.recording.export import export as write

    with opened(recording) as source, writing(out):
        rows = write(source, out, names_of(channels), raw=raw, force=force)
    warn_unless_whole(source)
    if as_json:
        print(json.dumps({"path": str(out), "rows": rows}))
    else:
        print(f"{out}: {rows} rows")
