"""`host replay`: a recording decoded anew, and compared."""

from __future__ import annotations

import json
import socket
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from host.cli.errors import UserError
from host.cli.options import JsonOption
from host.cli.recordings import RecordingArgument, opened, require_recording, warn_unless_whole
from host.cli.signals import signals_as_event

if TYPE_CHECKING:
    from host.recording import Recording
    from host.recording.comparison import Proof

_INVITATION = (
    "{path} is played to whoever connects. Next, in another terminal:\n"
    "  host monitor --plain --port {url}\nCtrl-C ends it."
)


def replay(
    recording: RecordingArgument,
    serve: Annotated[bool, typer.Option("--serve", help="Play it to programs that connect.")] = False,
    speed: Annotated[float, typer.Option(min=0.01, max=1000, help="With --serve: 2 is twice as fast.")] = 1.0,
    link_port: Annotated[
        int, typer.Option(min=0, max=65535, help="With --serve: TCP port; 0 is a free one.")
    ] = 0,
    as_json: JsonOption = False,
) -> None:
    """Decode the frames of a recording anew, and compare every value with what was recorded.

    Ends with 1 where something differs, where there is nothing to compare, and where a part is damaged.
    With --serve, be the car instead: play the recording, as it came, to each program that connects.
    """
    require_recording("host replay")
    if serve:
        _serve(recording, speed, link_port, as_json)
        return
    from host.recording.replay import facts, prove

    with opened(recording) as source:
        proof = prove(source)
    if as_json:
        print(json.dumps({**asdict(proof), "holds": proof.holds, **facts(source)}))
    else:
        warn_unless_whole(source)
        verdict = [f"replay: {why}" for why in _why_not(proof, source)]
        print("\n".join((_sentence(proof), *(f"  {line}" for line in proof.told), *verdict)))
    if not proof.holds:
        raise typer.Exit(1)


def _serve(path: Path, speed: float, port: int, as_json: bool) -> None:
    from host.recording import Recording, RecordingError
    from host.recording.server import ReplayServer

    try:
        listener = socket.create_server(("127.0.0.1", port))
    except OSError as error:
        raise UserError(f"--link-port {port}: {error.strerror}; give another one, or 0") from None
    url = f"socket://127.0.0.1:{listener.getsockname()[1]}"
    try:
        with listener, signals_as_event() as ends:
            server = ReplayServer(listener, Recording(path), speed, lambda what: print(what, file=sys.stderr))
            said = json.dumps({"link": url}) if as_json else _INVITATION.format(path=path, url=url)
            print(said, flush=True)
            server.run(ends)
    except RecordingError as error:
        raise UserError(str(error)) from None


def _why_not(proof: Proof, recording: Recording) -> list[str]:
    """What keeps a proof without differences from holding."""
    said = []
    if not proof.whole:
        damaged, at_least = recording.damaged_chunks, "at least " if recording.is_cut else ""
        causes = [
            *([f"{damaged} {'chunk is' if damaged == 1 else 'chunks are'} damaged"] if damaged else []),
            *(["its end is missing or damaged"] if recording.is_cut else []),
        ]
        count = proof.not_comparable + proof.rows_lost
        said.append(
            f"{' and '.join(causes) or 'parts of it are missing'}; {at_least}{count} rows could not be "
            f"compared, {proof.rows_lost} of them are lost"
        )
    if not proof.equal and not proof.differences:
        said.append(f"nothing to compare: no row of {recording.path} can be held against its frame")
    return said


def _sentence(proof: Proof) -> str:
    beside = [
        f"{count} {what}"
        for count, what in (
            (proof.before_key, "recorded before the first key frame"),
            (proof.not_comparable, "not comparable"),
            (proof.unwritten, "at the end not written yet"), (proof.frames_bad, "damaged frames"),
        )
        if count
    ]
    return (
        f"replay: {proof.rows} rows, {proof.differences} differences; {proof.frames} frames, "
        f"{proof.bytes:,} bytes decoded anew" + "".join(f"; {each}" for each in beside)
    )
