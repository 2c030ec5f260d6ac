"""`host replay`: a recording decoded anew, and compared."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from host.cli.options import JsonOption
from host.cli.recordings import RecordingArgument, opened, require_recording, warn_unless_whole

if TYPE_CHECKING:
    from host.recording.replay import Proof


def replay(recording: RecordingArgument, as_json: JsonOption = False) -> None:
    """Decode the frames of a recording anew, and compare every value with what was recorded."""
    require_recording("host replay")
    from host.recording.replay import facts, prove

    with opened(recording) as source:
        proof = prove(source)
    if as_json:
        print(json.dumps({**asdict(proof), **facts(source)}))
    else:
        warn_unless_whole(source)
        print("\n".join((_sentence(proof), *(f"  {line}" for line in proof.told))))
    if not proof.holds:
        raise typer.Exit(1)


def _sentence(proof: Proof) -> str:
    beside = [
        f"{count} {what}"
        for count, what in (
            (proof.before_key, "recorded before the first key frame"),
            (proof.unwritten, "at the end not written yet"), (proof.frames_bad, "damaged frames"),
        )
        if count
    ]
    return (
        f"replay: {proof.rows} rows, {proof.differences} differences; {proof.frames} frames, "
        f"{proof.bytes:,} bytes decoded anew" + "".join(f"; {each}" for each in beside)
    )
