"""What the verbs about recordings share: what they need, opening one, and saying how whole it is."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from host.cli.errors import UserError
from host.cli.extras import require_extra
from host.cli.progress import progress

if TYPE_CHECKING:
    from host.recording import Recorder, Recording
    from protocol.contract import Contract

RecordingArgument = Annotated[
    Path, typer.Argument(help="Recording (MCAP), made by `host record`.", metavar="RECORDING")
]
ChannelsOption = Annotated[
    list[str] | None,
    typer.Option("--channels", "--channel", help="Only these, by commas or repeated.", metavar="A,B"),
]
RecordOption = Annotated[
    Path | None, typer.Option("--record", help="Record the link, too.", metavar="FILE.mcap")
]
_KIB = 1024


@contextmanager
def recorder_for(
    path: Path, contract: Contract, *, epoch_ns: int | None = None, force: bool = False
) -> Iterator[Recorder]:
    """A recorder into the file that was named: a UserError when there cannot be one, or when its name is not
    that of a recording; an end with 1 when the disk failed later.

    `epoch_ns` is when the link's clock was 0: 0 for a simulated one, so that a run is the same each time.
    """
    require_recording("a recording")
    if path.suffix != ".mcap":  # by which Foxglove knows what to open
        raise UserError(f"{path}: the name of a recording must end in .mcap")
    from host.recording import Recorder, RecordingError

    try:
        recorder = Recorder(path, contract, epoch_ns=epoch_ns, force=force)
    except RecordingError as error:
        raise UserError(str(error)) from None
    try:
        with recorder:
            yield recorder
    except RecordingError as error:
        _warn(str(error))
        raise typer.Exit(1) from None


@contextmanager
def recorder_if(
    path: Path | None, contract: Contract, *, epoch_ns: int | None = None
) -> Iterator[Recorder | None]:
    """As `recorder_for`, for verbs that do something else, too; None where no recording is asked for."""
    if path is None:
        yield None
        return
    with recorder_for(path, contract, epoch_ns=epoch_ns) as recorder:
        yield recorder


def names_of(channels: list[str] | None) -> list[str]:
    """The channels that were named, in that order, each once."""
    names = (name.strip() for each in channels or [] for name in each.split(","))
    return list(dict.fromkeys(name for name in names if name))


def require_recording(what: str, *more: str) -> None:
    """End with a line saying what to install, unless recordings can be read and written."""
    require_extra("record", ("mcap", *more), what)


@contextmanager
def opened(path: Path) -> Iterator[Recording]:
    """A recording to pass over, with a bar; what cannot be used is a UserError."""
    from host.recording import Recording, RecordingError

    try:
        with progress() as told:
            yield Recording(path, lambda done, total: told("KiB", done // _KIB, total // _KIB))
    except RecordingError as error:
        raise UserError(str(error)) from None


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """What keeps a result from being written is a UserError."""
    try:
        yield
    except FileExistsError as error:
        found = error.args[0]
        raise UserError(f"{found}: is there already; name another file, or give --force") from None
    except OSError as error:
        raise UserError(f"{path}: cannot be written to ({error.strerror}); name another file") from None


def warn_unless_whole(recording: Recording) -> None:
    """After a pass: say what is missing."""
    if recording.damaged_chunks:
        _warn(f"{recording.path}: damaged chunks were left out: {recording.damaged_chunks}")
    if recording.is_cut:
        _warn(f"{recording.path}: it stops within a record, or that is damaged; all before is here")
    elif not recording.is_finished:
        _warn(f"{recording.path}: its recorder was killed or still runs; up to a second is missing")


def _warn(text: str) -> None:
    print(f"host: {text}", file=sys.stderr)
